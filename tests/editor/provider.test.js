// What a page says to the server and in which order, over a socket that the test holds.
import assert from "node:assert/strict";
import { after, beforeEach, mock, test } from "node:test";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { Awareness } from "../../letters/editor/awareness.js";
import * as Y from "yjs";

/** @import { Range } from "../../letters/editor/text/tokens.js" */

/** @type {Socket[]} */
const sockets = [];
class Socket {
  static CONNECTING = 0;
  static OPEN = 1;
  readyState = 0;
  /** @type {Uint8Array[]} */
  sent = [];
  /** @type {(event?: unknown) => void} */
  onopen = () => {};
  /** @type {(event: { data: ArrayBuffer }) => void} */
  onmessage = () => {};
  /** @type {(event: { code: number }) => void} */
  onclose = () => {};
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    sockets.push(this);
  }
  /** @param {Uint8Array} bytes */
  send(bytes) {
    this.sent.push(bytes);
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  /** @param {(number | Uint8Array | { raw: Uint8Array })[]} parts */
  hear(...parts) {
    const encoder = encoding.createEncoder();
    for (const part of parts) {
      if (typeof part === "number") encoding.writeVarUint(encoder, part);
      else if ("raw" in part) encoding.writeUint8Array(encoder, part.raw);
      else encoding.writeVarUint8Array(encoder, part);
    }
    const { buffer } = encoding.toUint8Array(encoder);
    this.onmessage({ data: /** @type {ArrayBuffer} */ (buffer.slice(0, encoding.length(encoder))) });
  }
  get kinds() {
    return this.sent.map((bytes) => (bytes[0] === 0 ? `0.${bytes[1]}` : String(bytes[0])));
  }
}

Object.assign(globalThis, {
  WebSocket: Socket,
  window: new EventTarget(),
  document: new EventTarget(),
  location: new URL("https://home.example/letters/1/"),
});
const { createDecisions } = await import("../../letters/editor/decisions.js");
const { connect } = await import("../../letters/editor/provider.js");

const RECEIPT = new Uint8Array(16).fill(7);
/** @type {ReturnType<typeof open>} */
let page;

function open() {
  const doc = new Y.Doc();
  const awareness = new Awareness(doc);
  const decisions = createDecisions();
  /** @type {import("../../letters/editor/status.js").Happening[]} */
  const events = [];
  const line = connect({
    url: "/letters/1/sync",
    doc,
    awareness,
    joint: true,
    presence: true,
    report: (event) => events.push(event),
    arriving: (apply) => apply(),
    shown: () => {},
    decisions,
  });
  return { doc, awareness, decisions, events, line };
}

/** @type {(socket: Socket, update?: Uint8Array) => void} */
function meet(socket, update = Y.encodeStateAsUpdate(new Y.Doc())) {
  socket.open();
  socket.hear(0, 0, Y.encodeStateVector(new Y.Doc()));
  socket.hear(0, 1, update, { raw: RECEIPT });
}

const theirs = () => {
  const doc = new Y.Doc();
  doc.clientID = 5;
  doc.getText("letter").insert(0, "hers", {});
  return Y.encodeStateAsUpdate(doc);
};

mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
const lastSocket = () => sockets[sockets.length - 1];

/** @param {number} kind */
const sentOf = (kind) =>
  /** @type {Uint8Array} */ (lastSocket().sent.find((bytes) => bytes[0] === kind));

beforeEach(() => {
  if (page) {
    page.line.destroy();
    page.awareness.destroy();
  }
  page = open();
});
after(() => {
  page.line.destroy();
  page.awareness.destroy();
});

test("it says which page it is, and of which schema", () => {
  const { searchParams, protocol, pathname } = new URL(lastSocket().url);
  assert.equal(protocol, "wss:");
  assert.equal(pathname, "/letters/1/sync");
  assert.equal(searchParams.get("client"), String(page.doc.clientID));
  assert.equal(searchParams.get("schema"), "3");
});

test("what came goes back with its receipt after a break, until a barrier has covered it", () => {
  meet(lastSocket(), theirs());
  mock.timers.tick(1000); // the barrier leaves
  assert.deepEqual(lastSocket().kinds.filter((kind) => kind !== "1"), ["0.0", "0.1", "100"]);
  lastSocket().hear(0, 2, theirs(), { raw: RECEIPT }); // after the barrier
  lastSocket().hear(100, 1);
  lastSocket().onclose({ code: 1006 });
  mock.timers.tick(1000);
  lastSocket().open();
  lastSocket().hear(0, 0, Y.encodeStateVector(new Y.Doc()));
  const kinds = lastSocket().kinds.filter((kind) => kind !== "1");
  assert.deepEqual(kinds, ["0.0", "102", "0.1"]);
  const decoder = decoding.createDecoder(sentOf(102));
  decoding.readVarUint(decoder);
  assert.deepEqual(decoding.readVarUint8Array(decoder), theirs());
  assert.deepEqual(decoding.readTailAsUint8Array(decoder), RECEIPT);
});

test("a decision follows the edits it is about, waits for its answer, and is sent again", () => {
  /** @type {number[]} */
  const heard = [];
  page.decisions.onChange((count) => heard.push(count));
  page.line.decide([{ id: "abcd", seen: 0, ranges: [[5, 0, 4]] }], "accept");
  assert.equal(page.line.waiting(), 1);
  page.doc.getText("letter").insert(0, "mine", {});
  meet(lastSocket());
  mock.timers.tick(1000);
  const kinds = lastSocket().kinds.filter((kind) => kind !== "1");
  assert.deepEqual(kinds, ["0.0", "0.1", "103", "100"]);
  const decoder = decoding.createDecoder(sentOf(103));
  decoding.readVarUint(decoder);
  assert.deepEqual(JSON.parse(decoding.readVarString(decoder)), {
    n: 1,
    verdict: "accept",
    of: [{ id: "abcd", seen: 0, ranges: [[5, 0, 4]] }],
  });
  lastSocket().onclose({ code: 1012 });
  mock.timers.tick(1000);
  meet(lastSocket());
  assert.ok(lastSocket().kinds.includes("103"));
  lastSocket().hear(103, 1);
  assert.equal(page.line.waiting(), 0);
  assert.deepEqual(heard, [1, 0]);
});

test("how much of what was typed is stored is known once it was answered", () => {
  meet(lastSocket());
  const { doc } = page;
  doc.getText("letter").insert(0, "four", {});
  mock.timers.tick(1000);
  doc.getText("letter").insert(4, " and more", {});
  const saved = () => /** @type {{ saved?: number }} */ (doc).saved;
  assert.equal(saved(), undefined);
  const barrier = /** @type {Uint8Array} */ (lastSocket().sent.findLast((bytes) => bytes[0] === 100));
  lastSocket().hear(100, barrier[1]);
  assert.equal(saved(), 4);
});

test("a letter that is not theirs any more empties its page", () => {
  const heard = mock.fn();
  document.addEventListener("closed", heard);
  meet(lastSocket());
  lastSocket().onclose({ code: 4423 });
  assert.equal(heard.mock.callCount(), 0);
  page.line.destroy();
  page = open();
  meet(lastSocket());
  lastSocket().onclose({ code: 4404 });
  assert.equal(heard.mock.callCount(), 1);
});

test("a last word is a last word", () => {
  meet(lastSocket());
  const before = sockets.length;
  lastSocket().onclose({ code: 4401 });
  mock.timers.tick(60_000);
  assert.equal(sockets.length, before);
  assert.deepEqual(page.events.at(-1), { type: "closed", code: 4401 });
});

test("a page that meets its own id dials anew under another", async () => {
  meet(lastSocket());
  const was = page.doc.clientID;
  const twin = new Y.Doc();
  twin.clientID = was;
  twin.getText("letter").insert(0, "from before", {});
  lastSocket().hear(0, 2, Y.encodeStateAsUpdate(twin), { raw: RECEIPT });
  await null;
  assert.notEqual(page.doc.clientID, was);
  assert.equal(page.awareness.clientID, page.doc.clientID);
  assert.equal(new URL(lastSocket().url).searchParams.get("client"), String(page.doc.clientID));
});

test("what never finds its neighbours makes the page synchronise anew", () => {
  meet(lastSocket());
  const doc = new Y.Doc();
  /** @type {Uint8Array[]} */
  const updates = [];
  doc.on("update", (update) => updates.push(update));
  doc.getText("letter").insert(0, "a", {});
  doc.getText("letter").insert(1, "b", {});
  const before = sockets.length;
  lastSocket().hear(0, 2, updates[1], { raw: RECEIPT });
  const now = performance.now();
  const clock = mock.method(performance, "now", () => now);
  mock.timers.tick(1000);
  clock.mock.mockImplementation(() => now + 2500);
  mock.timers.tick(1000);
  clock.mock.restore();
  assert.equal(sockets.length, before + 1);
});
