// What the server decided, read from the letter.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { readDecided } from "../../letters/editor/suggest/decided.js";

/** @param {Record<string, unknown>} entries */
function decided(entries) {
  const map = new Y.Doc().getMap("decided");
  for (const [id, value] of Object.entries(entries)) {
    map.set(id, typeof value === "string" ? value : JSON.stringify(value));
  }
  return map;
}

test("an id counts as decided only within its ranges", () => {
  const { covers, until, seen, verdict } = readDecided(
    decided({ abcd: { verdict: "accept", n: 2, ranges: [[7, 10, 2], [7, 3, 4], [7, 7, 3], [9, 0, 1]] } }),
  );
  assert.deepEqual([2, 3, 6, 7, 11, 12].map((clock) => covers("abcd", 7, clock)), [
    false, true, true, true, true, false,
  ]);
  assert.equal(covers("abcd", 9, 0), true);
  assert.equal(covers("abcd", 8, 0), false);
  assert.equal(covers("efgh", 7, 3), false);
  assert.deepEqual([0, 3, 12].map((clock) => until("abcd", 7, clock)), [3, 12, Infinity]);
  assert.deepEqual([seen("abcd"), seen("efgh"), verdict("abcd")], [2, 0, "accept"]);
});

test("a later decision is read anew, and nonsense decides nothing", () => {
  const map = decided({ abcd: "{", efgh: { n: 1 }, ijkl: { n: 1, ranges: [[1, 2], "x", [1, 0, 1]] } });
  const read = readDecided(map);
  assert.equal(read.covers("abcd", 1, 0), false);
  assert.equal(read.covers("efgh", 1, 0), false);
  assert.equal(read.covers("ijkl", 1, 0), true);
  map.set("abcd", JSON.stringify({ verdict: "decline", n: 1, ranges: [[1, 0, 1]] }));
  assert.equal(read.covers("abcd", 1, 0), true);
});
