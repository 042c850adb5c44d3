// Single modules: the limit, what may stand in a letter, what is pasted, strange letters, big pastes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fragment, Slice } from "prosemirror-model";
import * as Y from "yjs";
import { schema } from "../../letters/editor/schema.js";
import { fromText, hasPictures, pictureWords, withoutInline } from "../../letters/editor/paste.js";
import { growthOf, sizeOf } from "../../letters/editor/text/changes.js";
import { clean } from "../../letters/editor/text/clean.js";
import { Binding } from "../../letters/editor/text/binding.js";
import { idsOf } from "../../letters/editor/suggest/decisions.js";
import { Letter, Page, seed } from "./pages.js";
import { runSchedule } from "./schedule.js";

/** @import { Doc } from "yjs" */

const { paragraph } = schema.nodes;

test("the limit counts characters as people do, and one for every block after the first", () => {
  const page = new Page(11, seed([["salutation", "a😀"], ["paragraph", "bc"]]));
  page.at([1, 1]).press("Shift-Enter");
  assert.equal(sizeOf(page.state.doc), 2 + 1 + 3);
  page.close();
});

test("how much longer an edit makes a letter is known without counting all of it", () => {
  /** @param {Page} page */
  const plugins = (page) => {
    /** @type {{ size: number | null }} */
    const sum = { size: null };
    const dispatch = page.dispatch.bind(page);
    /** @param {import("prosemirror-state").Transaction} tr */
    page.dispatch = (tr) => {
      sum.size ??= sizeOf(page.state.doc);
      const before = sizeOf(page.state.doc);
      const growth = growthOf([tr]);
      if (tr.docChanged) assert.equal(sizeOf(tr.doc) - before, growth);
      dispatch(tr);
    };
    return [];
  };
  for (let i = 0; i < 10; i += 1) assert.deepEqual([...runSchedule(900 + i, { plugins })], []);
});

test("only words and soft breaks may stand in a letter", () => {
  assert.equal(clean("a\u0000\u001bb\ue000c\ufffcd\ud800e\udc00f\uffff"), "abcdef");
  assert.equal(clean("1\n2\r\n3\r4\v5\f6\u00857\u20288\u20299"), "1\u20282\u20283\u20284\u20285\u20286\u20287\u20288\u20289");
  assert.equal(clean("tab\there"), "tab here");
  assert.equal(clean("👨‍👩‍👧 𠀋 é"), "👨‍👩‍👧 𠀋 é");
});

test("whatever brings a line break, the letter has a soft break", () => {
  const page = new Page(11, seed([["salutation", ""], ["paragraph", "ab"]]));
  page.at([1, 1]).dispatch(page.state.tr.insertText("first line?\u2028second\u0007 line"));
  assert.equal(page.blocks[1], "paragraph: afirst line?\nsecond lineb");
  assert.equal(page.doc.getText("letter").toString(), "afirst line?\u2028second lineb");
  assert.ok(page.binding.matches());
  page.close();
});

test("plain text: blank lines part paragraphs, whatever else breaks a line is a soft break", () => {
  const $context = /** @type {import("prosemirror-model").Node} */ (schema.topNodeType.createAndFill()).resolve(1);
  const { content } = fromText("one\r\n\r\ntwo\nthree\u2028four\u2029five\vsix\fseven\u0085eight\n", $context);
  const rows = content.content.map((node) => node.textBetween(0, node.content.size, "", "|"));
  assert.deepEqual(rows, ["one", "two|three|four|five|six|seven|eight"]);
});

test("pictures that are signs are signs", () => {
  assert.equal(pictureWords('<img class=x alt="😘" src="x">'), "😘");
  assert.equal(pictureWords("<img alt='&#128536;'>"), "😘");
  assert.equal(pictureWords("<img alt=1️⃣>"), "1️⃣");
  assert.equal(pictureWords('<img alt="7">'), "");
  assert.equal(pictureWords('<img alt="our house">'), "");
  assert.equal(hasPictures('<img alt="😘">'), false);
  assert.equal(hasPictures('a<img src="x">'), true);
  assert.match(withoutInline("<td>Mon</td><td>walk</td>"), /Mon <\/td>/);
});

test("a huge paste is one step of undo, and no update is heavy", () => {
  const page = new Page(11, seed([["salutation", ""], ["paragraph", ""]]));
  const text = "夜".repeat(20);
  const blocks = Array.from({ length: 4000 }, () => paragraph.create(null, schema.text(text)));
  page.at([1, 0]).paste(new Slice(Fragment.from(blocks), 0, 0));
  assert.ok(page.out.length > 1);
  for (const update of page.out) assert.ok(update.length < 500_000, String(update.length));
  assert.ok(page.binding.matches());
  page.press("Ctrl-z");
  assert.deepEqual(page.blocks, ["salutation: ", "paragraph: "]);
  page.close();
});

test("a long word is cut for the network, and never within a sign", () => {
  const page = new Page(11, seed([["salutation", ""], ["paragraph", ""]]));
  page.at([1, 0]).dispatch(page.state.tr.insertText(`a${"😀".repeat(99_999)}`));
  assert.ok(page.binding.matches());
  for (const update of page.out) assert.ok(update.length < 500_000, String(update.length));
  page.close();
});

// -- Whatever did get in ---------------------------------------------------------------------------

/** @param {(doc: Doc) => void} fill */
function strange(fill) {
  const doc = new Y.Doc();
  doc.clientID = 9;
  fill(doc);
  const page = new Page(11, Y.encodeStateAsUpdate(doc));
  return page;
}

/** @param {unknown} [k] */
const marker = (k) => new Y.Map(k === undefined ? [] : [["k", k]]);

test("a letter of odd content opens, and can be written in", () => {
  /** @type {((doc: Doc) => void)[]} */
  const fills = [
    () => {},
    (doc) => doc.getText("letter").insert(0, "no marker"),
    (doc) => doc.getText("letter").insertEmbed(0, marker("__proto__"), {}),
    (doc) => doc.getText("letter").insertEmbed(0, marker(), {}),
    (doc) => doc.getText("letter").insertEmbed(0, marker({ a: 1 }), {}),
    (doc) => {
      const text = doc.getText("letter");
      text.insertEmbed(0, marker("line"), {});
      text.insertEmbed(1, { picture: "x" }, {});
      text.insertEmbed(2, new Y.XmlElement("p"), {});
      text.insert(3, "a\nb", /** @type {any} */ ({ "constructor": true, "ins:c_0": "three", "note:x": true, strong: "yes" }));
    },
    (doc) => {
      const array = doc.getArray("letter");
      array.push([1, 2, "three", new Y.Map()]);
    },
    (doc) => doc.getXmlFragment("letter").insert(0, [new Y.XmlElement("p"), new Y.XmlText("x")]),
    (doc) => doc.getMap("letter").set("k", "v"),
  ];
  for (const fill of fills) {
    const page = strange(fill);
    assert.ok(page.binding.matches(), String(fill));
    page.at([0, "end"]).type("xyz").press("Enter", "Backspace");
    assert.ok(page.binding.matches(), String(fill));
    assert.match(page.blocks.join(), /xyz/);
    page.close();
  }
});

test("unknown signs and marks that come later change nothing else", () => {
  const letter = new Letter([["salutation", "a"], ["paragraph", "bcd"]]);
  const [ana, ben] = letter.pages;
  const text = ben.doc.getText("letter");
  ben.doc.transact(() => {
    text.insertEmbed(4, { odd: 1 }, {});
    text.format(3, 2, { odd: 1, "del:c_0": "two 1.0.9", strong: true });
  });
  letter.sync();
  for (const page of letter.pages) assert.ok(page.binding.matches());
  assert.equal(ana.blocks[1], "paragraph: b\ufffccd");
});

test("what the server has decided about a mark, holds for just those characters", () => {
  const letter = new Letter([["salutation", ""], ["paragraph", "abcdef"]]);
  const [ana, ben] = letter.pages;
  const text = ben.doc.getText("letter");
  text.format(2, 6, { "del:c_0": "two 1.0.z" });
  letter.sync();
  const { decided } = ana.binding;
  const ranges = idsOf(ana.binding.ytext, decided).get("c_0") ?? [];
  assert.equal(ranges.reduce((sum, [, , length]) => sum + length, 0), 6);
  const [[client, clock]] = ranges;
  ben.doc.getMap("decided").set("c_0", JSON.stringify({ verdict: "decline", n: 1, ranges: [[client, clock + 1, 3]] }));
  letter.sync();
  for (const page of letter.pages) {
    assert.ok(page.binding.matches());
    /** @type {(string | undefined)[]} */
    const marked = [];
    page.state.doc.descendants((node) => {
      if (node.isText && node.marks.length) marked.push(node.text);
    });
    assert.deepEqual(marked, ["a", "ef"]);
  }
});

test("a mark that says what is to go is about the words it names, and no others", () => {
  const letter = new Letter([["salutation", ""], ["paragraph", "abcd"]]);
  const [ana, ben] = letter.pages;
  const { tr, doc } = ana.state;
  const from = doc.child(0).nodeSize + 2;
  ana.dispatch(tr.addMark(from, from + 2, schema.marks.deletion.create({ id: "b_0", who: "one" })));
  ben.at([1, 2]).type("X"); // in the middle of them, and not yet seen
  letter.sync();
  for (const page of letter.pages) {
    assert.ok(page.binding.matches());
    /** @type {(string | undefined)[]} */
    const marked = [];
    page.state.doc.descendants((node) => {
      if (node.marks.some(({ type }) => type === schema.marks.deletion)) marked.push(node.text);
    });
    assert.deepEqual(marked, ["b", "c"]);
  }
});

test("new words are proposed by the page that typed them, and only from then on", () => {
  const letter = new Letter([["salutation", ""], ["paragraph", "ab"]]);
  const [ana, ben] = letter.pages;
  ana.at([1, 1]).type("1");
  const id = `b_${Y.getState(ana.doc.store, 11).toString(36)}`;
  const { tr, selection } = ana.state;
  const mark = schema.marks.insertion.create({ id, who: "one" });
  ana.dispatch(tr.insert(selection.head, schema.text("23", [mark])));
  letter.sync();
  ben.doc.getText("letter").format(1, 6, { [`ins:${id}`]: "one" }); // stretched over all of it
  letter.sync();
  for (const page of letter.pages) {
    assert.ok(page.binding.matches());
    /** @type {(string | undefined)[]} */
    const marked = [];
    page.state.doc.descendants((node) => {
      if (node.marks.length) marked.push(node.text);
    });
    assert.deepEqual(marked, ["23"]);
  }
});

test("a page that differs from its text is built anew, and keeps its caret", () => {
  const page = new Page(11, seed([["salutation", ""], ["paragraph", "alpha bravo"]]));
  page.at([1, "end"]);
  const { tr } = page.state;
  page.state = page.state.apply(tr.insertText("?", 4, 5)); // past the binding
  assert.ok(!page.binding.matches());
  page.binding.mendIfNeeded();
  assert.equal(page.blocks[1], "paragraph: alpha bravo");
  assert.equal(page.caret, "alpha bravo|");
  assert.deepEqual(page.reports, [{ type: "repaired" }]);
  page.close();
});

test("a binding needs no view to read a letter", () => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, seed([["line", "I want to stay."]]));
  const binding = new Binding(doc);
  assert.equal(binding.page.firstChild?.type.name, "line");
  binding.destroy();
});
