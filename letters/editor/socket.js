// A WebSocket that comes back: after a break it dials again, a little later each time, until it has
// been of use. Codes from 4400 to 4499 are the server's last word.
/** @type {(code: number) => boolean} */
const isFinal = (code) => code >= 4400 && code < 4500;
const FIRST = 100;
const LONGEST = 2000;

/**
 * `address()` is asked at every dialling. Calls `dialling()`, `opened()`, `heard(bytes)`,
 * `closed()`, and after a last word `ended(code)`.
 * @param {{
 *   address: () => string,
 *   dialling: () => void,
 *   opened: () => void,
 *   heard: (bytes: Uint8Array) => void,
 *   closed: () => void,
 *   ended: (code: number) => void,
 * }} line
 */
export function createSocket({ address, dialling, opened, heard, closed, ended }) {
  /** @type {WebSocket | null} */
  let ws = null;
  let wanted = false;
  let failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function dial() {
    clearTimeout(timer);
    timer = undefined;
    if (!wanted || ws) return;
    dialling();
    const socket = new WebSocket(address());
    ws = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => ws === socket && opened();
    socket.onmessage = ({ data }) => ws === socket && heard(new Uint8Array(data));
    socket.onclose = ({ code }) => ws === socket && drop(code);
  }

  // Without waiting for the browser, which may take long to notice that nobody is there.
  function drop(code = 0) {
    const socket = ws;
    if (!socket) return;
    ws = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    failures += 1;
    if (isFinal(code)) wanted = false;
    closed();
    if (wanted) timer = setTimeout(dial, Math.min(2 ** failures * FIRST, LONGEST));
    if (isFinal(code)) ended(code);
  }

  return {
    /** Dial at once, whatever was waited for. */
    connect() {
      wanted = true;
      dial();
    },
    disconnect() {
      wanted = false;
      clearTimeout(timer);
      drop();
    },
    /** @param {Uint8Array<ArrayBuffer>} bytes */
    send: (bytes) => /** @type {WebSocket} */ (ws).send(bytes),
    /** It was of use: the next break is a first one again. */
    useful: () => (failures = 0),
    get isWanted() {
      return wanted;
    },
    get isOpen() {
      return ws?.readyState === WebSocket.OPEN;
    },
    get isDialling() {
      return ws?.readyState === WebSocket.CONNECTING;
    },
  };
}
