// What a browser has and Node has not, with a clock that stands still until it is told to go on: so
// a schedule that went wrong goes wrong again. To be imported before everything else, because some
// modules look at the clock when they are loaded.

const EPOCH = 1.8e12;
let now = 0;
let made = 0;
let timers = [];
let state = 1;

export const world = {
  dial: () => {}, // (socket) => how it reaches the server
  errors: [],

  /** A new world for each schedule. */
  begin() {
    now = 0;
    timers = [];
    state = 0x9e3779b9;
    world.errors = [];
    globalThis.window = new EventTarget();
    globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  },

  get now() {
    return now;
  },

  /** Let time pass; whatever was to happen happens, in its order. */
  async pass(milliseconds) {
    const until = now + milliseconds;
    await rest();
    for (;;) {
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

function timer(act, wait, every, given) {
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

class Socket {
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
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;

  constructor(url) {
    this.url = String(url);
    this.line = world.dial(this);
  }

  addEventListener(type, listener) {
    this[`on${type}`] = listener;
  }

  removeEventListener(type) {
    this[`on${type}`] = null;
  }

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

  heard(bytes) {
    if (this.readyState !== Socket.OPEN) return;
    const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    this.onmessage?.({ data });
  }

  ended(code, reason = "") {
    if (this.readyState === Socket.CLOSED) return;
    const failed = this.readyState === Socket.CONNECTING;
    this.readyState = Socket.CLOSED;
    if (failed) this.onerror?.({});
    this.onclose?.({ code, reason, wasClean: code !== 1006 });
  }
}

const given = { configurable: true, writable: true };
const put = (target, name, value) => Object.defineProperty(target, name, { ...given, value });
export const realTime = Date.now;

put(Date, "now", () => EPOCH + Math.floor(now));
put(performance, "now", () => now);
put(crypto, "getRandomValues", (array) => array.map(next));
put(globalThis, "setTimeout", (act, wait = 0, ...more) => timer(act, wait, null, more));
put(globalThis, "setInterval", (act, every = 0, ...more) => timer(act, every, Math.max(1, every), more));
put(globalThis, "clearTimeout", stop);
put(globalThis, "clearInterval", stop);
put(globalThis, "WebSocket", Socket);
put(globalThis, "location", new URL("https://home.example/letters/"));
put(console, "error", (...said) => world.errors.push(said.map((each) => each?.stack ?? String(each)).join(" ")));
world.begin();
