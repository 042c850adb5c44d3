// What goes over the line, byte by byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import { frame } from "../../letters/editor/frame.js";
import { createReceipts } from "../../letters/editor/receipts.js";

test("numbers are short where they are small, text and bytes come after their length", () => {
  assert.deepEqual([...frame()], []);
  assert.deepEqual([...frame(0, 127, 128, 300)], [0, 127, 128, 1, 172, 2]);
  assert.deepEqual([...frame("é")], [2, 0xc3, 0xa9]);
  assert.deepEqual([...frame(1, new Uint8Array([7, 8]), "")], [1, 2, 7, 8, 0]);
});

test("what came is kept with its receipt until a barrier that left later came back", () => {
  const receipts = createReceipts();
  const receipt = new Uint8Array(16).fill(9);
  receipts.keep(new Uint8Array([1]), receipt);
  receipts.keep(new Uint8Array([2]), new Uint8Array(15)); // that is none
  receipts.asked(1);
  receipts.keep(new Uint8Array([3]), receipt);
  receipts.answered(0);
  assert.deepEqual(receipts.frames().map((each) => [...each]), [
    [102, 1, 1, ...receipt],
    [102, 1, 3, ...receipt],
  ]);
  receipts.asked(2);
  receipts.answered(1);
  assert.equal(receipts.size, 1);
  receipts.answered(2);
  assert.equal(receipts.size, 0);
});
