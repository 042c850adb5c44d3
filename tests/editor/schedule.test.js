// Thousands of acts in random order: nothing is lost, nothing doubles, every page is what its text
// is. How many: SCHEDULES, from which seed: SEED.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { ACTS, runSchedule } from "./schedule.js";

const count = Number(process.env.SCHEDULES ?? 60);
const seed = Number(process.env.SEED ?? 1);

test(`${count} schedules of three pages`, () => {
  for (let i = seed; i < seed + count; i += 1) assert.deepEqual([...runSchedule(i)], [], `schedule ${i}`);
});

test("what only writes is there once, without any exception", () => {
  /** @param {string} name */
  const choose = (name) => !/undo|redo|drag|all|delete|backspace/i.test(name);
  for (let i = seed; i < seed + count / 3; i += 1) {
    assert.deepEqual([...runSchedule(i, { choose })], [], `schedule ${i}`);
  }
});

// A change of kind that types the words anew, as a tree of elements does it.
/** @param {import("./pages.js").Page} page */
function replaceBlock(page) {
  const text = page.doc.getText("letter");
  /** @type {{ insert: unknown }[]} */
  const delta = text.toDelta();
  let at = 0;
  const markers = delta.flatMap(({ insert }) => {
    const here = at;
    at += typeof insert === "string" ? insert.length : 1;
    return typeof insert === "string" ? [] : [here];
  });
  const nth = page.state.selection.$head.index(0);
  const from = markers[nth];
  if (!from) return;
  const to = markers[nth + 1] ?? text.length;
  const words = page.state.doc.child(nth).textContent;
  page.doc.transact(() => {
    text.delete(from, to - from);
    text.insertEmbed(from, new Y.Map([["k", "line"]]), {});
    if (words) text.insert(from + 1, words, {});
  });
}

test("a model that replaces blocks is found out", () => {
  const { kind } = ACTS;
  ACTS.kind = replaceBlock;
  try {
    const told = Array.from({ length: 20 }, (_each, i) => runSchedule(i)).flat();
    assert.ok(told.some((each) => /is lost|times/.test(each)), "nothing was noticed");
  } finally {
    ACTS.kind = kind;
  }
});
