// What I do while I suggest becomes marks; nothing of the letter goes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fragment, Slice } from "prosemirror-model";
import { AllSelection } from "prosemirror-state";
import { joinBackward, joinForward, setBlockType, splitBlockAs } from "../../letters/editor/commands.js";
import { schema } from "../../letters/editor/schema.js";
import { plainSlice } from "../../letters/editor/suggest/marks.js";
import { asProposal, asWriting } from "../../letters/editor/suggest/proposing.js";
import { find, letter, open, spell } from "./suggesting.js";

/** @import { EditorState, Transaction } from "prosemirror-state" */
/** @import { By } from "../../letters/editor/suggest/proposing.js" */
/** @typedef {(state: EditorState, dispatch: (tr: Transaction) => void) => Transaction | boolean} Edit */

const { paragraph, line } = schema.nodes;
let made = 0;
const names = { fresh: () => `page_${(made += 1)}`, goesOn: (/** @type {string} */ _id) => true };
/** @type {By} */
const fresh = { who: "one", names };
/** @type {By} */
const two = { who: "two", names };

// The state after an edit: a command, or a function that makes a transaction of a state.
/** @type {(state: EditorState, act: Edit, by?: By) => EditorState} */
function after(state, act, by = fresh) {
  let done = state;
  /** @type {(tr: Transaction) => void} */
  const dispatch = (tr) => (done = done.apply(asProposal(tr, done, by)));
  const tr = act(state, dispatch);
  if (typeof tr !== "boolean") dispatch(tr);
  return done;
}

/** @type {(text: string) => Edit} */
const type = (text) => (state) => state.tr.insertText(text);
/** @type {(from: number, to: number) => Edit} */
const cut = (from, to) => (state) => state.tr.delete(from, to);
/** @type {Edit} */
const backspace = (state) => state.tr.delete(state.selection.from - 1, state.selection.from);
const enter = splitBlockAs(({ type }) => (type === line ? line : paragraph));
/** @type {(state: EditorState, ...blocks: string[]) => void} */
const shows = (state, ...blocks) => assert.deepEqual(spell(state.doc), blocks);
/** @type {(state: EditorState, words: string) => void} */
const caretAfter = (state, words) => assert.equal(state.selection.from, find(state.doc, words)[1]);

test("typed words are one suggestion, however they are typed", () => {
  const doc = letter("dear Dear,", "p We walk.");
  let state = open(doc, find(doc, "We ")[1]);
  for (const letter of "often ") state = after(state, type(letter));
  shows(state, "dear Dear,", "p We {1A+often }walk.");
  caretAfter(state, "often ");
  state = after(state, backspace);
  shows(state, "dear Dear,", "p We {1A+often}walk.");
  // Within it, too.
  state = after(open(state.doc, find(state.doc, "of")[1]), type("X"));
  shows(state, "dear Dear,", "p We {1A+ofXten}walk.");
});

test("deleted words stay, and what takes their place is of one piece with them", () => {
  const doc = letter("dear Dear,", "p one two three");
  let state = open(doc, find(doc, "two")[1]);
  state = after(after(state, backspace), backspace);
  shows(state, "dear Dear,", "p one t[1A-wo] three");
  caretAfter(state, "one t");
  const [from, to] = find(doc, "three");
  state = after(open(state.doc, from, to), type("four"));
  shows(state, "dear Dear,", "p one t[1A-wo] [1B-three]{1B+four}");
  caretAfter(state, "four");
  state = after(state, cut(...find(state.doc, "o three")));
  shows(state, "dear Dear,", "p one t[1A-wo ][1B-three]{1B+four}");
});

test("with Delete the caret goes on behind what it marks", () => {
  const doc = letter("dear Dear,", "p one");
  const [from] = find(doc, "one");
  const state = after(open(doc, from), cut(from, from + 1));
  shows(state, "dear Dear,", "p [1A-o]ne");
  caretAfter(state, "o");
});

test("my own proposed words go, the other's are marked", () => {
  const doc = letter("p a{1ab+b}c{2cd+d}e");
  const state = after(open(doc, 1, 6), (state) => state.tr.deleteSelection());
  shows(state, "p [1A-ac][1A-{2cd+d}][1A-e]");
});

test("what I type within the other's suggestion is mine alone", () => {
  const doc = letter("p a{2cd+bc}d");
  shows(after(open(doc, 3), type("X")), "p a{2cd+b}{1A+X}{2cd+c}d");
  // And while I write it is nobody's, nor does it go with what is to go.
  /** @type {(doc: import("prosemirror-model").Node, at: number) => EditorState} */
  const writing = (doc, at) => {
    const state = open(doc, at);
    return state.apply(asWriting(state.tr.insertText("X"), state));
  };
  shows(writing(doc, 3), "p a{2cd+b}X{2cd+c}d");
  shows(writing(letter("p a[2cd-bc]d"), 3), "p a[2cd-b]X[2cd-c]d");
  assert.equal(writing(doc, 3).selection.from, 4);
});

test("Enter proposes a paragraph, and what is typed in it is of one piece with it", () => {
  const doc = letter("dear Dear,", "p onetwo");
  let state = after(open(doc, find(doc, "one")[1]), enter);
  shows(state, "dear Dear,", "p one", "p/ins:A_one two");
  assert.equal(state.selection.$from.parent.textContent, "two");
  state = after(state, type("x"));
  shows(state, "dear Dear,", "p one", "p/ins:A_one {1A+x}two");
  state = after(after(state, backspace), joinBackward);
  shows(state, "dear Dear,", "p onetwo");
  state = open(doc, find(doc, "onetwo")[1]);
  state = after(after(state, enter), type("three"));
  state = after(after(state, enter), type("four"));
  shows(state, "dear Dear,", "p onetwo", "p/ins:A_one {1A+three}", "p/ins:A_one {1A+four}");
});

test("Backspace at the beginning of a block proposes the join, and Delete at its end", () => {
  const doc = letter("dear Dear,", "p one", "line two");
  const [from] = find(doc, "two");
  let state = after(open(doc, from), joinBackward);
  shows(state, "dear Dear,", "p one", "line/del:A_one two");
  caretAfter(state, "one");
  state = after(state, backspace);
  shows(state, "dear Dear,", "p on[1A-e]", "line/del:A_one two");
  state = after(open(doc, find(doc, "one")[1]), joinForward);
  shows(state, "dear Dear,", "p one", "line/del:A_one two");
  assert.equal(state.selection.from, from);
});

test("a selection across blocks proposes words and joins, and never the first break", () => {
  const doc = letter("dear Dear,", "p one", "p two");
  let state = after(open(doc, find(doc, "ne")[0], find(doc, "tw")[1]), type("x"));
  shows(state, "dear Dear,", "p o[1A-ne]", "p/del:A_one [1A-tw]{1A+x}o");
  const all = open(doc);
  const chosen = all.apply(all.tr.setSelection(new AllSelection(doc)));
  state = after(chosen, (state) => state.tr.deleteSelection());
  shows(state, "dear [1A-Dear,]", "p/del:A_one [1A-one]", "p/del:A_one [1A-two]");
  state = after(chosen, type("x"));
  shows(state, "dear [1A-Dear,]", "p/del:A_one [1A-one]", "p/del:A_one [1A-two]{1A+x}");
});

test("a paragraph of mine goes with its words", () => {
  const doc = letter("p one", "p/ins:ab_one {1ab+two}", "p three");
  let state = after(open(doc), (state) => state.tr.delete(doc.child(0).nodeSize, doc.child(0).nodeSize + doc.child(1).nodeSize));
  shows(state, "p one", "p three");
  state = after(open(doc, find(doc, "tw")[0], find(doc, "th")[1]), type("x"));
  shows(state, "p one", "p/ins:ab_one ", "p/del:ab_one [1ab-th]{1ab+x}ree");
});

test("an empty first block that goes leaves its place to the next", () => {
  const doc = letter("dear ", "line two");
  shows(
    after(open(doc, find(doc, "two")[0]), joinBackward),
    "dear/kind:A_one_line ",
    "line/del:A_one two",
  );
});

test("room above the first block is a block of its kind below", () => {
  const doc = letter("dear Dear,", "p one");
  shows(
    after(open(doc, 1), (state) => state.tr.insert(0, paragraph.create())),
    "dear/kind:A_one_paragraph ",
    "dear/ins:A_one Dear,",
    "p one",
  );
});

test("a kind is proposed, and given at once to what is mine", () => {
  const doc = letter("p one", "p two", "p/ins:ab_one {1ab+three}");
  const state = after(open(doc, 1, doc.content.size - 1), setBlockType(line));
  shows(state, "p/kind:A_one_line one", "p/kind:A_one_line two", "line/ins:ab_one {1ab+three}");
  assert.equal(after(state, setBlockType(line)).doc.eq(state.doc), true);
  // Another one has another id: what was seen is not exchanged under the eyes of the other.
  const other = after(open(state.doc, 2), setBlockType(schema.nodes.closing));
  assert.notEqual(other.doc.child(0).attrs.proposals[0].split(" ")[0], state.doc.child(0).attrs.proposals[0].split(" ")[0]);
  shows(other, "p/kind:A_one_closing one", "p/kind:B_one_line two", "line/ins:ab_one {1ab+three}");
});

test("a join under another id takes the place of a kind that was proposed before", () => {
  const doc = letter("p one", "line/kind:ab_one_paragraph two");
  const [from] = find(doc, "two");
  shows(after(open(doc, from), joinBackward), "p one", "line/del:A_one two");
});

test("words that are copied are nobody's suggestion", () => {
  const doc = letter("p a{1ab+b}[2cd-c]", "line/ins:ab_one {1ab+d}");
  assert.deepEqual(spell(doc.copy(plainSlice(doc.slice(0)).content)), ["p abc", "line d"]);
});

test("the rule for lines is of one piece with the words that woke it", () => {
  const doc = letter("p ", "p {1ab+I want to}");
  const end = doc.content.size - 1;
  const state = after(open(doc, end), (state) =>
    state.tr.insertText(" ", end).setBlockType(end, end, line),
  );
  shows(state, "p ", "p/kind:ab_one_line {1ab+I want to }");
});

test("pasted paragraphs and breaks are proposed as they are, without signs", () => {
  const doc = letter("p Then you");
  const pasted = new Slice(Fragment.from([letter("p ↵ one/two").child(0), letter("line ¶ three").child(0)]), 1, 1);
  const state = after(open(doc, find(doc, "Then ")[1]), (state) => state.tr.replaceSelection(pasted));
  shows(state, "p Then {1A+↵ one/two}", "line/ins:A_one {1A+¶ three}you");
});

test("whole blocks from elsewhere are proposed after the paragraph", () => {
  const doc = letter("p one", "p ", "bye Bye");
  const stay = line.create(null, schema.text("stay"));
  shows(
    after(open(doc, 2), (state) => state.tr.replaceWith(5, 5, stay)),
    "p one", "line/ins:A_one {1A+stay}", "p ", "bye Bye",
  );
  // An empty one takes the words up.
  shows(
    after(open(doc, 6), (state) => state.tr.replaceWith(5, 7, stay)),
    "p one", "p/kind:A_one_line {1A+stay}", "bye Bye",
  );
});

test("soft breaks are proposed like characters", () => {
  const doc = letter("p one/two");
  let state = after(open(doc, 3), (state) => state.tr.replaceSelectionWith(schema.nodes.hard_break.create()));
  shows(state, "p on{1A+/}e/two");
  state = after(open(doc, 4), cut(4, 5));
  shows(state, "p one[1A-/]two");
});

test("words that are moved are taken out and brought", () => {
  const doc = letter("p one two three");
  const state = after(open(doc, ...find(doc, "one ")), (state) => {
    const tr = state.tr.deleteSelection();
    return tr.insertText("one ", find(tr.doc, "three")[0]);
  });
  shows(state, "p [1A-one ]two {1B+one }three");
  caretAfter(open(state.doc, state.selection.from), "two one ");
});

test("an id under which nothing more may come is not used again", () => {
  const doc = letter("p one{1ab+two}");
  const state = after(open(doc, 7), type("x"), { who: "one", names: { ...names, goesOn: (id) => id !== "ab" } });
  shows(state, "p one{1ab+two}{1A+x}");
});

test("bold is no proposal, and survives with one", () => {
  const doc = letter("p one");
  const bold = schema.marks.strong.create();
  const state = after(open(doc, 4), (state) => state.tr.addMark(1, 2, bold).insertText("x"));
  assert.equal(state.doc.child(0).child(0).marks[0].type, schema.marks.strong);
  shows(state, "p one{1A+x}");
  assert.equal(after(open(doc, 1, 3), (state) => state.tr.addMark(1, 2, bold)).doc.rangeHasMark(1, 2, schema.marks.insertion), false);
});

test("two in one letter: each takes out of the other's what they like", () => {
  const doc = letter("p one", "p/ins:ab_one {1ab+two}");
  shows(
    after(open(doc, find(doc, "two")[0]), joinBackward, two),
    "p one", "p/del:A_two/ins:ab_one {1ab+two}",
  );
});

test("a block that becomes another kind keeps what the other proposes about it", () => {
  const doc = letter("p one", "p/ins:ab_two {2ab+two}");
  const state = open(doc, find(doc, "two")[0]);
  const { head } = state.selection;
  const done = state.apply(asWriting(state.tr.setBlockType(head, head, line), state));
  shows(done, "p one", "line/ins:ab_two {2ab+two}");
});
