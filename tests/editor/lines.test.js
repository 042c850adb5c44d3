// Lines: put in from elsewhere, made by the rule, and kept within the limit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, limit, sizeNow } from "../../letters/editor/limit.js";
import { insertLine } from "../../letters/editor/lines.js";
import { lineRule, undoLineRule } from "../../letters/editor/rule.js";
import { undoCommand } from "../../letters/editor/text/binding.js";
import { Letter, Page, seed } from "./pages.js";

/** @import { EditorView } from "prosemirror-view" */
/** @import { Block } from "./pages.js" */

const view = (/** @type {unknown} */ page) => /** @type {EditorView} */ (page);

/** @type {(blocks: Block[], options?: import("./pages.js").Options) => Page} */
const open = (blocks, options) => new Page(11, seed(blocks), options);

// -- From elsewhere --------------------------------------------------------------------------------

test("a line goes before the goodbyes, and takes the place of an empty block", () => {
  const page = open([["salutation", "Dear"], ["paragraph", "one"], ["closing", "Yours"], ["signature", ""]]);
  assert.ok(insertLine(view(page), "  stay \n calm ", {}));
  assert.deepEqual(page.blocks.slice(1, 3), ["paragraph: one", "line: stay calm"]);
  page.run(undoCommand);
  assert.deepEqual(page.blocks.slice(1), ["paragraph: one", "closing: Yours", "signature: "]);
  page.close();
  const empty = open([["salutation", "Dear"], ["paragraph", ""], ["closing", "Yours"]]);
  insertLine(view(empty), "stay", {});
  assert.deepEqual(empty.blocks, ["salutation: Dear", "line: stay", "closing: Yours"]);
  empty.close();
});

test("where the caret was put, a line goes after its block, and the caret behind its words", () => {
  const page = open([["salutation", "Dear"], ["paragraph", "one"], ["paragraph", "two"]]);
  page.at([1, 1]);
  assert.ok(insertLine(view(page), "stay", { atCursor: true }));
  assert.deepEqual(page.blocks.slice(1), ["paragraph: one", "line: stay", "paragraph: two"]);
  assert.equal(page.caret, "stay|");
  assert.equal(insertLine(view(page), " \n ", {}), false);
  page.close();
});

// -- The rule --------------------------------------------------------------------------------------

/** @type {(page: Page, text: string) => void} */
function type(page, text) {
  for (const sign of text) {
    const { from, to } = page.state.selection;
    const plain = () => page.state.tr.insertText(sign, from, to);
    const done = page.state.plugins.some((plugin) =>
      plugin.props.handleTextInput?.call(plugin, view(page), from, to, sign, plain),
    );
    if (!done) page.dispatch(plain());
  }
}

const RULE = { plugins: () => [lineRule(["I want to be", "Why? I want"])] };

test("what begins as a line becomes one, whatever its case; within words it does not", () => {
  const page = open([["paragraph", ""], ["paragraph", ""]], RULE);
  type(page.at([0, 0]), "i WANT to be here");
  type(page.at([1, 0]), "What I want to be ");
  assert.deepEqual(page.blocks, ["line: i WANT to be here", "paragraph: What I want to be "]);
  page.close();
});

test("signs in the opening stand for themselves, and only a paragraph changes", () => {
  const page = open([["paragraph", ""], ["closing", ""], ["paragraph", ""]], RULE);
  type(page.at([0, 0]), "Why? I want ");
  type(page.at([1, 0]), "Why? I want ");
  type(page.at([2, 0]), "Wh I want ");
  assert.deepEqual(page.blocks, ["line: Why? I want ", "closing: Why? I want ", "paragraph: Wh I want "]);
  page.close();
});

test("the rule is taken back at once and keeps what was typed, and later not at all", () => {
  const page = open([["paragraph", ""]], RULE);
  type(page.at([0, 0]), "I want to be ");
  assert.ok(page.run(undoLineRule));
  assert.deepEqual(page.blocks, ["paragraph: I want to be "]);
  assert.equal(page.run(undoLineRule), false);
  page.close();
  const later = open([["paragraph", ""]], RULE);
  type(later.at([0, 0]), "I want to be x");
  assert.equal(later.run(undoLineRule), false);
  later.close();
});

// -- The limit -------------------------------------------------------------------------------------

/** @param {number} most */
function limited(most) {
  /** @type {string[]} */
  const said = [];
  const around = {
    host: { querySelector: () => null, getAttribute: () => String(most) },
    words: (/** @type {string} */ word) => word,
    announce: (/** @type {string} */ text) => said.push(text),
  };
  const plugins = () => limit(/** @type {any} */ (around)).plugins ?? [];
  return { said, plugins };
}

test("what would lead beyond the limit does not go in, and is said; less always does", () => {
  const { said, plugins } = limited(8);
  const page = open([["salutation", "abc"], ["paragraph", "de"]], { plugins });
  assert.equal(sizeNow(page.state), 6);
  assert.ok(fits(page.state, 2));
  assert.ok(!fits(page.state, 3));
  page.at([1, 2]).dispatch(page.state.tr.insertText("xyz"));
  assert.equal(page.blocks[1], "paragraph: de");
  assert.deepEqual(said, ["full"]);
  page.type("😀y").press("Enter");
  assert.equal(page.blocks.length, 2);
  assert.equal(page.blocks[1], "paragraph: de😀y");
  assert.ok(page.binding.matches());
  assert.equal(insertLine(view(page), "stay", {}), false);
  page.press("Backspace");
  assert.equal(sizeNow(page.state), 7);
  page.close();
});

test("what the other wrote meanwhile comes in, however long it is", () => {
  const letter = new Letter([["paragraph", "abcde"]], { plugins: limited(8).plugins });
  const [ana, ben] = letter.pages;
  ana.at([0, "end"]).type("xyz");
  ben.at([0, 0]).type("123");
  letter.sync();
  assert.equal(ana.blocks[0], "paragraph: 123abcdexyz");
  assert.equal(sizeNow(ana.state), 11);
  assert.ok(fits(ana.state, 0));
  assert.ok(ana.binding.matches() && ben.binding.matches());
  ana.press("Backspace");
  assert.equal(sizeNow(ana.state), 10);
  letter.close();
});
