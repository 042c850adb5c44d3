// What the page says about saving, for what has happened by when.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GRACE,
  SETTLE,
  SLOW,
  closedForGood,
  look,
  reduce,
  start,
  unsaved,
} from "../../letters/editor/status.js";

/** @import { Event } from "../../letters/editor/status.js" */

/** @param {Event[]} events */
const after = (...events) => events.reduce(reduce, start(0));

/** @type {Event[]} */
const OPENED = [
  { type: "up", at: 10 },
  { type: "ready", at: 20 },
  { type: "asked", id: 1, at: 20 },
  { type: "answered", id: 1, at: 30 },
];

test("a letter opens, and says so when that takes long", () => {
  assert.equal(look(start(0), GRACE - 1), "opening");
  assert.equal(look(start(0), GRACE), "unopened");
  assert.equal(look(after(...OPENED), 1000), "saved");
});

test("an edit is saved by the barrier that left after it, and by no other", () => {
  const asked = after(...OPENED, { type: "asked", id: 2, at: 40 }, { type: "edit", at: 50 });
  const early = reduce(asked, { type: "answered", id: 2, at: 60 });
  assert.ok(unsaved(early));
  assert.equal(look(early, 60 + SETTLE), "saving");
  const later = reduce(early, { type: "asked", id: 3, at: 70 });
  const done = reduce(later, { type: "answered", id: 3, at: 80 });
  assert.ok(!unsaved(done));
  assert.equal(look(done, 50 + SETTLE - 1), "saving"); // somebody types
  assert.equal(look(done, 50 + SETTLE), "saved");
});

test("an answer that nobody waits for says nothing, and one covers all before it", () => {
  const edited = after(...OPENED, { type: "edit", at: 50 });
  assert.equal(reduce(edited, { type: "answered", id: 7, at: 60 }), edited);
  const asked = [2, 3].reduce((state, id) => reduce(state, { type: "asked", id, at: 60 }), edited);
  assert.deepEqual(reduce(asked, { type: "answered", id: 3, at: 70 }).waiting, []);
});

test("an answer that does not come is slow only for what is not saved", () => {
  const asked = after(...OPENED, { type: "asked", id: 2, at: 40 });
  assert.equal(look(asked, 40 + SLOW), "connecting");
  const edited = after(...OPENED, { type: "edit", at: 40 }, { type: "asked", id: 2, at: 40 });
  assert.equal(look(edited, 40 + SLOW - 1), "saving");
  assert.equal(look(edited, 40 + SLOW), "slow");
});

test("a connection may be away for a moment; after that the page is offline", () => {
  const down = after(...OPENED, { type: "down", at: 100 });
  assert.equal(look(down, 99 + GRACE), "connecting");
  assert.equal(look(down, 100 + GRACE), "offline");
  // Dialling in vain does not begin the moment anew.
  const again = reduce(reduce(down, { type: "up", at: 900 }), { type: "down", at: 1000 });
  assert.equal(look(again, 100 + GRACE), "offline");
  assert.equal(look(reduce(after(...OPENED), { type: "stale", at: 5000 }), 5000), "offline");
});

test("the browser's word about its network holds until there is an answer", () => {
  const offline = after(...OPENED, { type: "offline", at: 50 }, { type: "asked", id: 2, at: 50 });
  assert.equal(look(offline, 60), "offline");
  assert.equal(look(reduce(offline, { type: "answered", id: 2, at: 70 }), 1000), "saved");
  assert.equal(look(reduce(offline, { type: "online", at: 70 }), 1000), "saved");
});

test("a last word stands", () => {
  const closed = (/** @type {number} */ code) => after(...OPENED, { type: "closed", code, at: 50 });
  assert.deepEqual(
    [4401, 4403, 4404, 4413, 4423, 4426, 4999].map((code) => look(closed(code), 60)),
    ["signed-out", "not-yours", "not-yours", "too-long", "sealed", "outdated", "broken"],
  );
  assert.ok(closedForGood(closed(4423)));
});

test("what it has never heard of is a fault", () => {
  assert.throws(() => reduce(start(0), /** @type {any} */ ({ type: "unwritten", at: 0 })), /unwritten/);
});
