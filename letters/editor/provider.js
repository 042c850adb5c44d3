// The line to the server: updates of Yjs, presence, the barrier that asks what is stored, receipts
// and decisions, and an honest idea of being connected. Frames as y-websocket writes them, and a few
// of our own.
import * as decoding from "lib0/decoding";
import * as Y from "yjs";
import { MESSAGE as BARRIER, createBarrier, decode, encode } from "./barrier.js";
import { MESSAGE as DECISION } from "./decisions.js";
import { frame } from "./frame.js";
import { createReceipts } from "./receipts.js";
import { SCHEMA } from "./schema.js";
import { createSocket } from "./socket.js";
import { STALE } from "./status.js";

/** @import { Decoder } from "lib0/decoding" */
/** @import { Awareness } from "./awareness.js" */
/** @import { Decisions } from "./decisions.js" */
/** @import { Happening } from "./status.js" */

const SYNC = 0;
const STEP_ONE = 0;
const STEP_TWO = 1;
const UPDATE = 2;
const AWARENESS = 1;
const PRESENCE = 101; // the server says whether we are seen, and see the other
const HEARTBEAT = 10000;
const NOT_FOUND = 4404; // the letter is not theirs to read any more
const PENDING = 2000; // what misses its neighbours for so long will not find them by waiting

// `report(event)` gets the events of status.js; `arriving(apply)` lets every update in when it can
// come in, by calling `apply`; `decisions` (decisions.js) are sent and settled here. `doc.saved` is how
// much of what was typed here is known to be stored.
/**
 * @param {{
 *   url: string,
 *   doc: Y.Doc & { saved?: number },
 *   awareness: Awareness,
 *   joint: boolean,
 *   presence: boolean,
 *   report: (event: Happening) => void,
 *   arriving: (apply: () => void) => void,
 *   shown: (seen: boolean) => void,
 *   decisions: Decisions,
 * }} around
 */
export function connect({
  url,
  doc,
  awareness,
  joint,
  presence,
  report,
  arriving,
  shown,
  decisions,
}) {
  const line = {}; // the origin of what comes over it
  let answered = false; // we have sent what the server lacked
  let synced = false; // and have got what we lacked
  let heardAt = 0;
  /** @type {number | null} */
  let askedAt = null;
  let dialledAt = 0;
  /** @type {number | null} */
  let dialledAs = null;

  function address() {
    const to = new URL(url, location.href);
    to.protocol = to.protocol === "https:" ? "wss:" : "ws:";
    dialledAs = doc.clientID;
    to.search = `${new URLSearchParams({ client: `${dialledAs}`, schema: SCHEMA })}`;
    return to.href;
  }

  const socket = createSocket({ address, dialling, opened, heard, closed, ended });
  /** @param {Uint8Array} bytes */
  const send = (bytes) => socket.send(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));

  // -- What is stored -----------------------------------------------------------------------------

  let asked = 0; // how much of what was typed here the barrier asks about: a clock of Yjs
  const receipts = createReceipts();
  const barrier = createBarrier((id) => {
    if (!socket.isOpen || !answered || !synced) return false;
    receipts.asked(id);
    asked = Y.getState(doc.store, doc.clientID);
    send(encode(id));
    askedAt = performance.now();
    report({ type: "asked", id });
    return true;
  });

  function settle() {
    if (!answered || !synced) return;
    report({ type: "ready" });
    barrier.ask();
  }

  // -- What comes ---------------------------------------------------------------------------------

  /** @type {Map<number, (decoder: Decoder) => void>} */
  const handlers = new Map([
    [SYNC, readSync],
    [AWARENESS, (decoder) => seen && awareness.receive(decoding.readVarUint8Array(decoder))],
    [
      BARRIER,
      (decoder) => {
        const id = decode(decoder);
        heardAt = performance.now();
        askedAt = null;
        receipts.answered(id);
        doc.saved = asked;
        report({ type: "answered", id });
        barrier.answered(id);
      },
    ],
    [PRESENCE, (decoder) => show(decoding.readVarUint(decoder) === 1 && joint)],
    [DECISION, (decoder) => decisions.settled(decoding.readVarUint(decoder))],
  ]);

  /** @param {Uint8Array} bytes */
  function heard(bytes) {
    const decoder = decoding.createDecoder(bytes);
    handlers.get(decoding.readVarUint(decoder))?.(decoder);
  }

  /** @param {Decoder} decoder */
  function readSync(decoder) {
    const step = decoding.readVarUint(decoder);
    const bytes = decoding.readVarUint8Array(decoder);
    if (step === STEP_ONE) {
      // First what the server may have lost, then what it cannot have, then all that follows.
      receipts.frames().forEach(send);
      send(frame(SYNC, STEP_TWO, Y.encodeStateAsUpdate(doc, bytes)));
      answered = true;
      decisions.up(send);
      settle();
      return;
    }
    receipts.keep(bytes, decoding.readTailAsUint8Array(decoder));
    arriving(() => {
      try {
        Y.applyUpdate(doc, bytes, line);
      } catch (error) {
        console.error(error);
        redial();
      }
    });
    if (step !== STEP_TWO || synced) return;
    synced = true;
    socket.useful();
    settle();
  }

  // -- What goes ----------------------------------------------------------------------------------

  /** @type {(update: Uint8Array, origin: unknown) => void} */
  function tell(update, origin) {
    if (origin === line) return;
    if (socket.isOpen) send(frame(SYNC, UPDATE, update));
    report({ type: "edit" });
    barrier.ask();
  }
  doc.on("update", tell);

  function sendPresence() {
    if (socket.isOpen) send(frame(AWARENESS, awareness.encode()));
  }
  awareness.on("mine", sendPresence);

  // Who does not show themselves does not watch either.
  /** @type {boolean | null} */
  let seen = null;
  /** @param {boolean} now */
  function show(now) {
    if (now === seen) return;
    seen = now;
    if (!seen) awareness.forget();
    awareness.setLocal(seen ? {} : null); // who I am, the server knows
    shown(seen);
  }
  show(presence);

  // -- The connection -----------------------------------------------------------------------------

  function dialling() {
    dialledAt = performance.now();
  }

  function opened() {
    heardAt = performance.now();
    // Presence that comes again after a break carries the clock it had before: with that clock in
    // mind, the other one would stay invisible until they next move.
    awareness.expectAll();
    send(frame(SYNC, STEP_ONE, Y.encodeStateVector(doc)));
    if (awareness.local) sendPresence();
    report({ type: "up" });
  }

  function closed() {
    answered = synced = false;
    askedAt = null;
    decisions.down();
    barrier.reset();
    awareness.forget();
    report({ type: "down" });
  }

  /** @param {number} code */
  function ended(code) {
    report({ type: "closed", code });
    if (code === NOT_FOUND) document.dispatchEvent(new Event("closed"));
  }

  // Yjs takes a new client id where it meets its own in what somebody brought back. The server takes
  // edits only under the id that a connection began with.
  function renamed() {
    if (doc.clientID === awareness.clientID) return;
    awareness.rename(doc.clientID);
    if (doc.clientID !== dialledAs && socket.isWanted) queueMicrotask(redial);
  }
  doc.on("afterTransactionCleanup", renamed);

  /** @type {number | null} */
  let pendingSince = null;
  /** @param {number} now */
  function isStuck(now) {
    if (!doc.store.pendingStructs) pendingSince = null;
    else pendingSince ??= now;
    if (pendingSince === null || now - pendingSince < PENDING) return false;
    pendingSince = now + HEARTBEAT; // not again and again
    return true;
  }

  function redial() {
    socket.disconnect();
    socket.connect();
  }

  // Timers sleep in hidden tabs, so silence alone proves nothing: we ask, and wait for the answer.
  function watch() {
    if (!socket.isWanted) return;
    const now = performance.now();
    const overdue =
      (askedAt !== null && now - askedAt >= STALE) ||
      (socket.isDialling && now - dialledAt >= STALE) ||
      (socket.isOpen && !(answered && synced) && now - heardAt >= STALE);
    if (overdue) {
      report({ type: "stale" });
      redial();
    } else if (isStuck(now)) {
      redial();
    } else if (askedAt === null && now - heardAt >= HEARTBEAT) {
      barrier.ask();
    }
  }

  // Do not sit out the backoff when there is reason to think that it works again.
  function wake() {
    if (!socket.isWanted) return;
    if (socket.isOpen) barrier.ask();
    else socket.connect();
  }

  const listening = new AbortController();
  /** @type {(target: EventTarget, type: string, listener: (event: any) => void) => void} */
  const on = (target, type, listener) =>
    target.addEventListener(type, listener, { signal: listening.signal });
  on(window, "offline", () => {
    report({ type: "offline" });
    barrier.ask(); // the server may be this very machine, and answer all the same
  });
  on(window, "online", () => {
    report({ type: "online" });
    wake();
  });
  on(window, "pageshow", (event) => event.persisted && wake());
  on(document, "visibilitychange", () => !document.hidden && wake());
  const watching = setInterval(watch, 1000);

  socket.connect();

  return {
    destroy() {
      listening.abort();
      clearInterval(watching);
      barrier.reset();
      socket.disconnect();
      doc.off("update", tell);
      doc.off("afterTransactionCleanup", renamed);
      awareness.off("mine", sendPresence);
    },
    decide: decisions.decide,
    waiting: decisions.waiting,
  };
}
