// Two people at one letter, both at once: each word once, both pages equal, carets in their words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setBlockType, toggleMark } from "../../letters/editor/commands.js";
import { AllSelection } from "prosemirror-state";
import { schema } from "../../letters/editor/schema.js";
import { undoCommand } from "../../letters/editor/text/binding.js";
import { Letter } from "./pages.js";

/** @import { NodeType } from "prosemirror-model" */
/** @import { Block, Page } from "./pages.js" */
/** @typedef {(ana: Page, ben: Page, letter: Letter) => void} Act */

/** @type {Block[]} */
const START = [
  ["salutation", "Dear us,"],
  ["paragraph", "alpha bravo"],
  ["paragraph", "charlie delta"],
];
const { line, closing } = schema.nodes;
/** @type {(type: NodeType) => (page: Page) => void} */
const kind = (type) => (page) => page.run(setBlockType(type));

/** @type {(act: Act, start?: Block[]) => { blocks: string[], carets: string[], go: (more: Act) => string[], letter: Letter }} */
function meet(act, start = START) {
  const letter = new Letter(start);
  const [ana, ben] = letter.pages;
  act(ana, ben, letter);
  letter.sync();
  for (const page of letter.pages) assert.ok(page.binding.matches());
  assert.deepEqual(ben.blocks, ana.blocks);
  const blocks = ana.blocks.slice(1);
  const carets = letter.pages.map((page) => page.caret);
  /** @param {Act} more */
  const go = (more) => {
    more(ana, ben, letter);
    letter.sync();
    assert.deepEqual(ben.blocks, ana.blocks);
    return ana.blocks.slice(1);
  };
  return { blocks, carets, go, letter };
}

test("Enter at one place, both", () => {
  const { blocks } = meet((ana, ben) => [ana, ben].forEach((page) => page.at([2, 8]).press("Enter")));
  assert.deepEqual(blocks, ["paragraph: alpha bravo", "paragraph: charlie ", "paragraph: ", "paragraph: delta"]);
});

test("Enter at two places of one paragraph", () => {
  const { blocks } = meet((ana, ben) => {
    ana.at([1, 3]).press("Enter");
    ben.at([1, 10]).press("Enter");
  });
  assert.deepEqual(blocks.slice(0, 3), ["paragraph: alp", "paragraph: ha brav", "paragraph: o"]);
});

test("Backspace at the start of a paragraph, both", () => {
  const { blocks } = meet((ana, ben) => [ana, ben].forEach((page) => page.at([2, 0]).press("Backspace")));
  assert.deepEqual(blocks, ["paragraph: alpha bravocharlie delta"]);
});

test("one kind, both; two kinds; a kind and Enter", () => {
  assert.deepEqual(meet((ana, ben) => [ana, ben].forEach((page) => kind(line)(page.at([2, 0])))).blocks, [
    "paragraph: alpha bravo",
    "line: charlie delta",
  ]);
  const { blocks } = meet((ana, ben) => {
    kind(line)(ana.at([2, 0]));
    kind(closing)(ben.at([2, 0]));
  });
  assert.match(blocks.join(), /^paragraph: alpha bravo,(line|closing): charlie delta$/);
  const parted = meet((ana, ben) => {
    kind(line)(ana.at([2, 3]));
    ben.at([2, 8]).press("Enter");
  }).blocks;
  assert.deepEqual(parted, ["paragraph: alpha bravo", "line: charlie ", "paragraph: delta"]);
});

test("Enter on both sides of an emoji", () => {
  const { blocks } = meet(
    (ana, ben) => {
      ana.at([1, 1]).press("Enter");
      ben.at([1, 3]).press("Enter");
    },
    [["salutation", ""], ["paragraph", "a😀b"]],
  );
  assert.deepEqual(blocks, ["paragraph: a", "paragraph: 😀", "paragraph: b"]);
});

/** @type {Record<string, (page: Page) => void>} */
const ACTS = {
  "makes it a line": (page) => kind(line)(page.at([2, 3])),
  "joins it with the paragraph before": (page) => page.at([2, 0]).press("Backspace"),
  "joins it from the paragraph before": (page) => page.at([1, "end"]).press("Delete"),
  "selects everything and makes it lines": (page) => {
    page.dispatch(page.state.tr.setSelection(new AllSelection(page.state.doc)));
    kind(line)(page);
  },
};
for (const [name, act] of Object.entries(ACTS)) {
  test(`offline, one ${name} while the other goes on writing`, () => {
    const { blocks } = meet((ana, ben, letter) => {
      letter.offline.add(ana);
      ben.at([2, "end"]).type(" GOLF");
      letter.collect(ben);
      act(ana);
    });
    assert.match(blocks.join(), /charlie delta GOLF$/);
    assert.equal(blocks.join().match(/charlie/g)?.length, 1);
  });
}

test("a caret stays in its words when the other parts the paragraph", () => {
  const { carets, go } = meet((ana, ben) => {
    ben.at([1, "end"]);
    ana.at([1, 5]).press("Enter");
  });
  assert.equal(carets[1], " bravo|");
  assert.deepEqual(go((_ana, ben) => ben.type("Z")).slice(0, 2), ["paragraph: alpha", "paragraph:  bravoZ"]);
});

test("what is picked stays picked when the other makes it a line", () => {
  const { go } = meet((ana, ben) => {
    ben.at([2, 0], [2, "end"]);
    kind(line)(ana.at([2, 2]));
  });
  assert.deepEqual(go((_ana, ben) => ben.type("Q")), ["paragraph: alpha bravo", "line: Q"]);
});

test("a caret at the start of words goes with them, one in an empty block stays", () => {
  /** @type {Block[]} */
  const start = [["salutation", ""], ["paragraph", "words"], ["paragraph", ""]];
  const { carets } = meet((ana, ben) => {
    ben.at([1, 0]);
    ana.at([1, 0]).press("Enter").type("above ");
  }, start);
  assert.equal(carets[1], "above |words");
  const { go } = meet((ana, ben) => {
    ben.at([2, 0]);
    ana.at([2, 0]).press("Enter").type("below");
  }, start);
  assert.deepEqual(go((_ana, ben) => ben.type("!")), ["paragraph: words", "paragraph: !", "paragraph: below"]);
});

test("a caret never stands within what people see as one character", () => {
  const { carets } = meet(
    (ana, ben) => {
      ben.at([1, 1]);
      ana.at([1, 1]).type("\u0301");
    },
    [["salutation", ""], ["paragraph", "e!"]],
  );
  assert.equal(carets[1], "e\u0301|!");
});

test("bold and words within it at once", () => {
  const { blocks, letter } = meet((ana, ben) => {
    ana.at([1, 0], [2, 7]).run(toggleMark(schema.marks.strong));
    ben.at([1, 5]).type("!");
  });
  assert.equal(blocks[0], "paragraph: alpha! bravo");
  /** @type {{ insert: unknown, attributes?: unknown }[]} */
  const delta = letter.pages[0].doc.getText("letter").toDelta();
  const marker = delta.find(({ insert }) => typeof insert !== "string");
  assert.ok(marker && !marker.attributes);
});

test("updates wait while somebody composes, and what they compose goes out", () => {
  const letter = new Letter(START);
  const [ana, ben] = letter.pages;
  ana.at([1, 6]).composing = true;
  let before = 0;
  for (const part of ["に", "にほ", "日本"]) {
    const at = ana.state.doc.child(0).nodeSize + 1 + 6;
    ana.dispatch(ana.state.tr.insertText(part, at, at + before));
    before = part.length;
    ben.at([1, 0]).type("x");
    letter.sync();
  }
  assert.equal(ana.blocks[1], "paragraph: alpha 日本bravo");
  assert.equal(ben.blocks[1], "paragraph: xxxalpha 日本bravo");
  ana.composing = false;
  ana.binding.release();
  assert.equal(ana.blocks[1], "paragraph: xxxalpha 日本bravo");
  assert.equal(ana.caret, "xxxalpha 日本|bravo");
});

test("the first marker stays, whatever happens to the first block", () => {
  /** @param {Page} page */
  const first = ({ doc }) => doc.getText("letter").toDelta()[0].insert;
  /** @type {((page: Page) => void)[]} */
  const acts = [
    (page) => page.dispatch(page.state.tr.setSelection(new AllSelection(page.state.doc)).insertText("new")),
    (page) => page.dispatch(page.state.tr.delete(0, page.state.doc.child(0).nodeSize)),
    (page) => page.at([0, 0]).press("Enter"),
    (page) => page.at([1, 0]).press("Backspace"),
    (page) => page.dispatch(page.state.tr.insert(0, schema.nodes.line.create(null, schema.text("above")))),
  ];
  for (const act of acts) {
    meet((ana) => {
      const before = first(ana);
      act(ana);
      assert.equal(first(ana), before);
    });
  }
});

test("after an undo the caret is where I put it: at the start of words it goes with them", () => {
  const { carets } = meet((ana, ben, letter) => {
    ana.at([2, 0]).type("x").run(undoCommand);
    letter.sync();
    ben.at([2, 0]).press("Enter").type("above");
  });
  assert.equal(carets[0], "above|charlie delta");
});

test("half a character that is left over goes, too", () => {
  const { blocks } = meet(
    (ana) => ana.dispatch(ana.state.tr.insertText("x", 4, 5)),
    [["salutation", ""], ["paragraph", "a😀b"]],
  );
  assert.deepEqual(blocks, ["paragraph: axb"]);
});

test("what is picked goes, and the caret is at the words that follow", () => {
  const { carets } = meet((ana, ben, letter) => {
    ana.at([0, 0], [0, 5]);
    ben.at([0, 0], [0, 5]).press("Backspace");
    letter.sync();
    ben.at([0, 0]).press("Enter");
  });
  assert.equal(carets[0], "|us,");
});
