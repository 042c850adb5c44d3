// Which pages have the letter open, and where the caret of each is: what y-protocols calls awareness,
// in its format, as far as a letter needs it.
import * as decoding from "lib0/decoding";
import { ObservableV2 } from "lib0/observable";
import { frame } from "./frame.js";

/** @import { Doc } from "yjs" */
/** @import { Cursor } from "./cursors.js" */
/**
 * What a page says of itself; another page may say anything.
 * @typedef {{ cursor?: Cursor | null, user?: { who?: unknown, name?: unknown } }} Presence
 */
/** @typedef {{ clock: number, at: number }} Known */
/** @typedef {{ change: (moved: number[]) => void, mine: () => void }} Events */

const SILENT = 30000; // a page that says nothing for so long is gone

/** @type {(one: unknown, other: unknown) => boolean} */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * `states`: client → what it says of itself. Emits `change` (clients that came or moved) and `mine`,
 * when the others are to hear of me.
 * @extends {ObservableV2<Events>}
 */
export class Awareness extends ObservableV2 {
  /** @param {Doc} doc */
  constructor(doc) {
    super();
    this.doc = doc;
    this.clientID = doc.clientID;
    /** @type {Map<number, Presence>} */
    this.states = new Map();
    /** @type {Map<number, Known>} */
    this.known = new Map(); // client → { clock, at }, also of those that have gone
    this.watching = setInterval(() => this.watch(), SILENT / 10);
    this.setLocal({});
  }

  get local() {
    return this.states.get(this.clientID) ?? null;
  }

  /**
   * What I say of myself; null says that I am not here.
   * @param {Presence | null} state
   */
  setLocal(state) {
    const client = this.clientID;
    const before = this.local;
    this.put(client, (this.known.get(client)?.clock ?? -1) + 1, state);
    if (!same(before, state)) this.emit("change", [state ? [client] : []]);
    this.emit("mine", []);
  }

  /** @param {Cursor | null} cursor */
  setCursor(cursor) {
    if (this.local) this.setLocal({ ...this.local, cursor });
  }

  /** @type {(client: number, clock: number, state: Presence | null) => void} */
  put(client, clock, state) {
    if (state) this.states.set(client, state);
    else this.states.delete(client);
    this.known.set(client, { clock, at: Date.now() });
  }

  /**
   * I am another client from now on.
   * @param {number} client
   */
  rename(client) {
    const mine = this.local;
    if (mine) this.setLocal(null);
    this.clientID = client;
    if (mine) this.setLocal(mine);
  }

  get others() {
    return [...this.states.keys()].filter((client) => client !== this.clientID);
  }

  /** These are not here any more, whatever they say. */
  forget(clients = this.others) {
    if (!clients.length) return;
    clients.forEach((client) => this.states.delete(client));
    this.emit("change", [[]]);
  }

  /** Forget how far those had come that are gone: they may come back from there. */
  expectAll() {
    for (const client of this.known.keys()) {
      if (!this.states.has(client) && client !== this.clientID) this.known.delete(client);
    }
  }

  watch() {
    /** @type {(client: number, time: number) => boolean} */
    const long = (client, time) => Date.now() - /** @type {Known} */ (this.known.get(client)).at >= time;
    if (this.local && long(this.clientID, SILENT / 2)) this.setLocal(this.local);
    this.forget(this.others.filter((client) => long(client, SILENT)));
  }

  /**
   * What others say of themselves.
   * @param {Uint8Array} bytes
   */
  receive(bytes) {
    const decoder = decoding.createDecoder(bytes);
    /** @type {number[]} */
    const moved = [];
    let gone = false;
    for (let left = decoding.readVarUint(decoder); left > 0; left -= 1) {
      const client = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      /** @type {Presence | null} */
      const state = JSON.parse(decoding.readVarString(decoder));
      const before = this.states.get(client);
      const latest = this.known.get(client)?.clock ?? -1;
      if (clock < latest || (clock === latest && (state || !before))) continue;
      if (client === this.clientID && before) {
        // Whoever thinks that I have gone hears that I have not.
        this.put(client, clock, before);
        if (!state) this.setLocal(before);
        continue;
      }
      this.put(client, clock, state);
      if (!state) gone = true;
      else if (!same(state, before)) moved.push(client);
    }
    if (gone || moved.length) this.emit("change", [moved]);
  }

  /** What I say of myself, for the others. */
  encode() {
    const { clock } = /** @type {Known} */ (this.known.get(this.clientID));
    return frame(1, this.clientID, clock, JSON.stringify(this.local));
  }

  destroy() {
    clearInterval(this.watching);
    this.setLocal(null);
    super.destroy();
  }
}
