// Undo takes back what I did, and nothing of the other one's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setBlockType } from "../../letters/editor/commands.js";
import { KINDS, schema } from "../../letters/editor/schema.js";
import { redoCommand, undoCommand } from "../../letters/editor/text/binding.js";
import { Letter } from "./pages.js";

/** @import { Block, Page } from "./pages.js" */

/** @type {Block[]} */
const START = [["salutation", "Dear us,"], ["paragraph", "alpha"], ["paragraph", ""]];

/** @type {(act: (ana: Page, ben: Page, sync: () => void) => void, start?: Block[]) => string[]} */
function two(act, start = START) {
  const letter = new Letter(start);
  const [ana, ben] = letter.pages;
  act(ana, ben, () => letter.sync());
  letter.sync();
  assert.deepEqual(ben.blocks, ana.blocks);
  for (const page of letter.pages) assert.ok(page.binding.matches());
  return ana.blocks.slice(1);
}

test("undo and redo take back my words only", () => {
  const blocks = two((ana, ben, sync) => {
    ana.at([2, 0]).type("mine ");
    sync();
    ben.at([2, "end"]).type("yours");
    sync();
    ana.run(undoCommand);
    assert.equal(ana.blocks[2], "paragraph: yours");
    ana.run(redoCommand);
  });
  assert.deepEqual(blocks, ["paragraph: alpha", "paragraph: mine yours"]);
});

test("undo of a kind never takes the other's", () => {
  const blocks = two((ana, ben, sync) => {
    ana.at([1, 0]).run(setBlockType(schema.nodes.line));
    sync();
    ben.at([1, 0]).run(setBlockType(schema.nodes.closing));
    sync();
    ana.run(undoCommand);
  });
  assert.equal(blocks[0], "closing: alpha");
});

test("words that the other made a line: undo takes the words, the line is theirs", () => {
  const blocks = two((ana, ben, sync) => {
    ana.at([1, "end"]).press("Enter").type("words");
    sync();
    ben.at([2, 0]).run(setBlockType(schema.nodes.line));
    sync();
    ana.run(undoCommand);
  });
  assert.deepEqual(blocks, ["paragraph: alpha", "line: ", "paragraph: "]);
});

test("the caret is where it was", () => {
  two((ana) => {
    ana.at([1, 3]).type("!");
    ana.binding.undo.stopCapturing();
    ana.at([1, "end"]).press("Enter").type("more");
    ana.run(undoCommand);
    assert.equal(ana.caret, "alp!ha|");
    ana.run(redoCommand);
    ana.run(undoCommand);
    ana.run(undoCommand);
    assert.equal(ana.caret, "alp|ha");
  });
});

test("both take out the same word, one brings it back, then the other: it is there once", () => {
  const blocks = two((ana, ben, sync) => {
    for (const page of [ana, ben]) page.at([1, 0], [1, "end"]).press("Delete");
    sync();
    ana.run(undoCommand);
    sync();
    ben.run(undoCommand);
  });
  assert.equal(blocks[0], "paragraph: alpha");
});

test("undo of everything leaves the letter as it was", () => {
  const blocks = two((ana) => {
    ana.at([1, 2]).press("Enter").type("x").press("Backspace", "Backspace");
    for (const kind of KINDS) ana.run(setBlockType(schema.nodes[kind]));
    while (ana.run(undoCommand));
  });
  assert.deepEqual(blocks, ["paragraph: alpha", "paragraph: "]);
});

test("an edit beside undo is not undone", () => {
  const id = "11111111-1111-4111-8111-111111111111";
  two((ana) => {
    const { tr } = ana.state;
    const from = ana.state.doc.child(0).nodeSize + 1;
    ana.dispatch(tr.addMark(from, from + 3, schema.marks.note.create({ id })).setMeta("addToHistory", false));
    assert.equal(ana.run(undoCommand), false);
    assert.ok(ana.state.doc.rangeHasMark(from, from + 3, schema.marks.note));
  });
});
