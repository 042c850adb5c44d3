// The line to the server: y-websocket, plus the barrier, plus an honest idea of being connected.
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import { writeSyncStep2 } from "y-protocols/sync";
import {
  WebsocketProvider,
  messageAwareness,
  messageQueryAwareness,
  messageSync,
} from "y-websocket";
import * as Y from "yjs";
import { MESSAGE, createBarrier, decode, encode } from "./barrier.js";
import { MESSAGE as DECISION } from "./decisions.js";
import { createReceipts } from "./receipts.js";
import { SCHEMA } from "./schema.js";
import { STALE } from "./status.js";

const PRESENCE = 101; // the server says whether we are seen, and see the other
const STEP_ONE = 0;
const STEP_TWO = 1;
const HEARTBEAT = 10000;
const PENDING = 2000; // what misses its neighbours for so long will not find them by waiting

// `report(event)` gets the events of status.js; `arriving(apply)` lets every update in when it can
// come in, by calling `apply`; `decisions` (decisions.js) are sent and settled here.
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
  const address = new URL(url, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const slash = address.pathname.lastIndexOf("/");

  let dialledAs = doc.clientID;
  const provider = new WebsocketProvider(
    address.origin + address.pathname.slice(0, slash),
    address.pathname.slice(slash + 1),
    doc,
    {
      awareness,
      connect: false,
      disableBc: true,
      maxBackoffTime: 2000,
      // Yjs takes a new id when it meets its own in the document.
      params: {
        get client() {
          dialledAs = doc.clientID;
          return String(doc.clientID);
        },
        schema: SCHEMA,
      },
    },
  );
  // Timers sleep in hidden tabs, so "silent for 30 s" is no proof there; `watch` below asks instead.
  clearInterval(provider._checkInterval);

  let answered = false; // we have sent what the server lacked
  let heardAt = 0;
  let askedAt = null;
  let dialledAt = 0;

  const receipts = createReceipts();
  const barrier = createBarrier((id) => {
    if (!provider.wsconnected || !answered || !provider.synced) return false;
    receipts.asked(id);
    provider.ws.send(encode(id));
    askedAt = performance.now();
    report({ type: "asked", id });
    return true;
  });

  function settle() {
    if (!answered || !provider.synced) return;
    report({ type: "ready" });
    barrier.ask();
  }

  provider.messageHandlers[MESSAGE] = (_encoder, decoder) => {
    const id = decode(decoder);
    heardAt = performance.now();
    askedAt = null;
    receipts.answered(id);
    report({ type: "answered", id });
    barrier.answered(id);
  };

  provider.messageHandlers[DECISION] = (_encoder, decoder) => {
    decisions.settled(decoding.readVarUint(decoder));
  };

  provider.messageHandlers[messageSync] = (encoder, decoder) => {
    const step = decoding.readVarUint(decoder);
    const bytes = decoding.readVarUint8Array(decoder);
    if (step === STEP_ONE) {
      // First what the server may have lost, then what it cannot have.
      receipts.frames().forEach((frame) => provider.ws.send(frame));
      encoding.writeVarUint(encoder, messageSync);
      writeSyncStep2(encoder, doc, bytes);
      // The reply leaves when this handler has returned; everything else may only follow it.
      const { ws } = provider;
      queueMicrotask(() => {
        if (provider.ws !== ws) return;
        answered = true;
        decisions.up((frame) => ws.send(frame));
        settle();
      });
      return;
    }
    receipts.keep(bytes, decoding.readTailAsUint8Array(decoder));
    arriving(() => {
      try {
        Y.applyUpdate(doc, bytes, provider);
      } catch (error) {
        console.error(error);
        redial();
      }
    });
    if (step === STEP_TWO) provider.synced = true;
  };
  provider.on("sync", (synced) => synced && settle());

  // y-websocket sends every presence message it receives back to the server. Ours sends our own.
  awareness.off("update", provider._awarenessUpdateHandler);
  function tellPresence({ added, updated, removed }) {
    const own = [...added, ...updated, ...removed].includes(doc.clientID);
    if (!own || !provider.wsconnected) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, messageAwareness);
    encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [doc.clientID]));
    provider.ws.send(encoding.toUint8Array(encoder));
  }
  awareness.on("update", tellPresence);
  const readAwareness = provider.messageHandlers[messageAwareness];
  provider.messageHandlers[messageAwareness] = (...message) => seen && readAwareness(...message);
  provider.messageHandlers[messageQueryAwareness] = () => {};
  provider.disconnectBc = () => {};

  // Who does not show themselves does not watch either.
  let seen = null;
  function show(now) {
    if (now === seen) return;
    seen = now;
    if (seen) awareness.setLocalState({}); // who I am, the server knows
    else removeAwarenessStates(awareness, [...awareness.getStates().keys()], "unseen");
    shown(seen);
  }
  show(presence);
  provider.messageHandlers[PRESENCE] = (_encoder, decoder) => {
    show(decoding.readVarUint(decoder) === 1 && joint);
  };

  provider.on("status", ({ status }) => {
    if (status === "connecting") dialledAt = performance.now();
    if (status !== "connected") return;
    heardAt = performance.now();
    // Presence that comes again after a break carries the clock it had before: forget that clock,
    // or the other one stays invisible until they next move.
    for (const client of [...awareness.meta.keys()]) {
      if (!awareness.states.has(client) && client !== doc.clientID) awareness.meta.delete(client);
    }
    report({ type: "up" });
  });
  provider.on("connection-close", () => {
    answered = false;
    askedAt = null;
    decisions.down();
    barrier.reset();
    report({ type: "down" });
  });
  provider.on("closed", ({ code }) => report({ type: "closed", code }));

  doc.on("update", (_update, origin) => {
    if (origin === provider) return;
    report({ type: "edit" });
    barrier.ask();
  });

  // Yjs takes a new client id where it meets its own in what somebody brought back. The server takes
  // edits only under the id that a connection began with.
  function renamed() {
    if (doc.clientID === awareness.clientID) return;
    const mine = awareness.getLocalState();
    removeAwarenessStates(awareness, [awareness.clientID], "renamed");
    awareness.clientID = doc.clientID;
    if (mine) awareness.setLocalState(mine);
    if (doc.clientID !== dialledAs && provider.ws) queueMicrotask(redial);
  }
  doc.on("afterTransactionCleanup", renamed);

  let pendingSince = null;
  function isStuck(now) {
    if (!doc.store.pendingStructs) pendingSince = null;
    else pendingSince ??= now;
    if (pendingSince === null || now - pendingSince < PENDING) return false;
    pendingSince = now + HEARTBEAT; // not again and again
    return true;
  }

  function redial() {
    provider.disconnect();
    provider.connect();
  }

  function watch() {
    if (!provider.shouldConnect) return;
    const now = performance.now();
    const overdue =
      (askedAt !== null && now - askedAt >= STALE) ||
      (provider.wsconnecting && now - dialledAt >= STALE) ||
      (provider.wsconnected && !(answered && provider.synced) && now - heardAt >= STALE);
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
    if (!provider.shouldConnect) return;
    if (provider.wsconnected) barrier.ask();
    else provider.connect();
  }

  const listening = new AbortController();
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

  provider.connect();

  return {
    retry() {
      report({ type: "retry" });
      provider.connect();
    },
    destroy() {
      listening.abort();
      clearInterval(watching);
      barrier.reset();
      awareness.off("update", tellPresence);
      doc.off("afterTransactionCleanup", renamed);
      provider.destroy();
    },
    decide: decisions.decide,
    waiting: decisions.waiting,
    provider,
  };
}
