// Who is here: what one page says of itself, and what the others make of it.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import * as encoding from "lib0/encoding";
import { Awareness } from "../../letters/editor/awareness.js";

/** @import { Doc } from "yjs" */
/** @import { Cursor } from "../../letters/editor/cursors.js" */

const ANA = { user: { who: "one", name: "Ana" } };
const BEN = { user: { who: "two", name: "Ben" } };
const CURSOR = /** @type {Cursor} */ (/** @type {unknown} */ ({ at: 3 }));

/** @type {Awareness} */
let mine;
/** @type {Awareness} */
let yours;
/** @type {number[][]} */
let moved;

beforeEach(() => {
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  [mine, yours] = [7, 8].map((clientID) => new Awareness(/** @type {Doc} */ ({ clientID })));
  moved = [];
  mine.on("change", (clients) => moved.push(clients));
});

afterEach(() => {
  mine.destroy();
  yours.destroy();
  mock.timers.reset();
});

/** @param {Awareness} awareness */
const said = (awareness) => awareness.encode();

/** @type {(client: number, clock: number, state: unknown) => Uint8Array} */
function frame(client, clock, state) {
  const encoder = encoding.createEncoder();
  for (const number of [1, client, clock]) encoding.writeVarUint(encoder, number);
  encoding.writeVarString(encoder, JSON.stringify(state));
  return encoding.toUint8Array(encoder);
}

test("who says something is here, and where their caret is", () => {
  yours.setLocal(BEN);
  mine.receive(said(yours));
  assert.deepEqual(mine.others, [8]);
  yours.setCursor(CURSOR);
  mine.receive(said(yours));
  assert.deepEqual(mine.states.get(8), { ...BEN, cursor: CURSOR });
  assert.deepEqual(moved, [[8], [8]]);
});

test("what was said before what is known already changes nothing", () => {
  const before = said(yours);
  yours.setLocal(BEN);
  mine.receive(said(yours));
  mine.receive(before);
  mine.receive(said(yours));
  assert.deepEqual(mine.states.get(8), BEN);
  assert.equal(moved.length, 1);
});

test("who goes is gone, and comes back with the next word", () => {
  mine.receive(said(yours));
  yours.setLocal(null);
  mine.receive(said(yours));
  assert.deepEqual(mine.others, []);
  yours.setLocal(BEN);
  mine.receive(said(yours));
  assert.deepEqual(mine.others, [8]);
});

test("who is said to be gone and is here says so", () => {
  mine.setLocal(ANA);
  let asked = 0;
  mine.on("mine", () => (asked += 1));
  const clock = mine.known.get(7)?.clock ?? 0;
  mine.receive(frame(7, clock, null));
  assert.deepEqual(mine.local, ANA);
  assert.equal(asked, 1);
  assert.ok((mine.known.get(7)?.clock ?? 0) > clock);
  yours.receive(frame(7, clock, null));
  yours.receive(said(mine));
  assert.deepEqual(yours.states.get(7), ANA);
});

test("nobody else can say of me what I have not said", () => {
  mine.setLocal(ANA);
  mine.receive(frame(7, 1000, BEN));
  assert.deepEqual(mine.local, ANA);
});

test("who says nothing for half a minute is gone, and who is here says so before", () => {
  mine.receive(said(yours));
  let asked = 0;
  mine.on("mine", () => (asked += 1));
  mock.timers.tick(18_000);
  assert.equal(asked, 1);
  assert.deepEqual(mine.others, [8]);
  mock.timers.tick(15_000);
  assert.deepEqual(mine.others, []);
});

test("after a break everybody may come back from where they had gone", () => {
  mine.receive(frame(8, 5, BEN));
  mine.receive(frame(8, 6, null));
  mine.receive(frame(8, 0, BEN));
  assert.deepEqual(mine.others, []);
  mine.expectAll();
  mine.receive(frame(8, 0, BEN));
  assert.deepEqual(mine.others, [8]);
});

test("under another client id I am gone under the first", () => {
  mine.setLocal(ANA);
  yours.receive(said(mine));
  /** @type {Uint8Array[]} */
  const heard = [];
  mine.on("mine", () => heard.push(said(mine)));
  mine.rename(9);
  heard.forEach((each) => yours.receive(each));
  assert.deepEqual(yours.others, [9]);
});
