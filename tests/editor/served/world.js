// What a browser has and Node has not, with a clock that stands still until it is told to go on: so
// a schedule that went wrong goes wrong again. To be imported before everything else, because some
// modules look at the clock when they are loaded.

/** @typedef {{ id: number, at: number, every: number | null, act: () => void, ref: () => Timer, unref: () => Timer }} Timer */
/** @typedef {{ sent: (socket: Socket, bytes: Uint8Array) => void, hungUp: (socket: Socket) => void }} Reach how a socket reaches the server */

const EPOCH = 1.8e12;
let now = 0;
let made = 0;
/** @type {Timer[]} */
let timers = [];
let state = 1;

export const world = {
  /** @type {(socket: Socket) => Reach} */
  dial: () => {
    throw new Error("there is no server");
  },
  /** @type {string[]} */
  errors: [],

  /** A new world for each schedule. */
  begin() {
    now = 0;
    timers = [];
    state = 0x9e3779b9;
    world.errors = [];
    newWindow();
    put(globalThis, "document", Object.assign(new EventTarget(), { hidden: false }));
  },

  get now() {
    return now;
  },

  /**
   * Let time pass; whatever was to happen happens, in its order.
   * @param {number} milliseconds
   */
  async pass(milliseconds) {
    const until = now + milliseconds;
    await rest();
    for (;;) {
      /** @type {Timer | null} */
      let next = null;
      for (const timer of timers) {
        if (timer.at <= until && (!next || timer.at < next.at || (timer.at === next.at && timer.id < next.id))) {
          next = timer;
        }
      }
      if (!next) break;
      now = Math.max(now, next.at);
      if (next.every === null) timers.splice(timers.indexOf(next), 1);
      else next.at = now + next.every;
      next.act();
      await rest();
    }
    now = until;
  },
};

/** What waits in the queue of microtasks happens. */
export async function rest() {
  for (let i = 0; i < 3; i += 1) await null;
}

/** @type {(act: (...given: unknown[]) => void, wait: number, every: number | null, given: unknown[]) => Timer} */
function timer(act, wait, every, given) {
  /** @type {Timer} */
  const one = {
    id: (made += 1),
    at: now + Math.max(every === null ? 0 : 1, Number(wait) || 0),
    every,
    act: () => act(...given),
    ref: () => one,
    unref: () => one,
  };
  timers.push(one);
  return one;
}

/** @param {Timer} one */
const stop = (one) => {
  const at = timers.indexOf(one);
  if (at >= 0) timers.splice(at, 1);
};

// Numbers that look like chance.
function next() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}

/** What a browser's WebSocket is for the editor. */
export class Socket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;
  CONNECTING = 0;
  OPEN = 1;
  CLOSING = 2;
  CLOSED = 3;
  readyState = 0;
  binaryType = "blob";
  /** @type {((event: object) => void) | null} */
  onopen = null;
  /** @type {((event: { data: ArrayBuffer }) => void) | null} */
  onmessage = null;
  /** @type {((event: { code: number, reason: string, wasClean: boolean }) => void) | null} */
  onclose = null;

  /** @param {string | URL} url */
  constructor(url) {
    this.url = String(url);
    this.line = world.dial(this);
  }

  /** @param {Uint8Array} bytes */
  send(bytes) {
    if (this.readyState === Socket.OPEN) this.line.sent(this, bytes);
  }

  close() {
    if (this.readyState >= Socket.CLOSING) return;
    this.readyState = Socket.CLOSING;
    this.line.hungUp(this);
    setTimeout(() => this.ended(1005));
  }

  // From the other side.
  opened() {
    if (this.readyState !== Socket.CONNECTING) return;
    this.readyState = Socket.OPEN;
    this.onopen?.({});
  }

  /** @param {Uint8Array} bytes */
  heard(bytes) {
    if (this.readyState !== Socket.OPEN) return;
    this.onmessage?.({ data: new Uint8Array(bytes).buffer });
  }

  /** @type {(code: number, reason?: string) => void} */
  ended(code, reason = "") {
    if (this.readyState === Socket.CLOSED) return;
    this.readyState = Socket.CLOSED;
    this.onclose?.({ code, reason, wasClean: code !== 1006 });
  }
}

/** @type {(target: object, name: string, value: unknown) => void} */
function put(target, name, value) {
  Object.defineProperty(target, name, { configurable: true, writable: true, value });
}
export const realTime = Date.now;

/** Each page has one: what happens to the network is said to it. */
export function newWindow() {
  const window = new EventTarget();
  put(globalThis, "window", window);
  return window;
}

put(Date, "now", () => EPOCH + Math.floor(now));
put(performance, "now", () => now);
put(crypto, "getRandomValues", (/** @type {Uint8Array | Uint32Array} */ array) => array.map(next));
/** @typedef {(act: (...given: unknown[]) => void, wait?: number, ...given: unknown[]) => Timer} SetTimer */
/** @type {SetTimer} */
const setTimer = (act, wait = 0, ...given) => timer(act, wait, null, given);
/** @type {SetTimer} */
const setTicking = (act, every = 0, ...given) => timer(act, every, Math.max(1, every), given);
put(globalThis, "setTimeout", setTimer);
put(globalThis, "setInterval", setTicking);
put(globalThis, "clearTimeout", stop);
put(globalThis, "clearInterval", stop);
put(globalThis, "WebSocket", Socket);
put(globalThis, "location", new URL("https://home.example/letters/"));
/** @type {(...said: unknown[]) => void} */
const complain = (...said) => world.errors.push(said.map((each) => (each instanceof Error && each.stack) || String(each)).join(" "));
put(console, "error", complain);
world.begin();
