// The letter as a row of tokens, and the page that shows them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { schema } from "../../letters/editor/schema.js";
import { difference } from "../../letters/editor/text/write.js";
import { lengthOf, toIndex, toPos } from "../../letters/editor/text/places.js";
import {
  attributeOf,
  beginsWithMarker,
  between,
  inlineOf,
  pageOf,
  rangesIn,
  removalOf,
  sameMarks,
  shows,
  tokensIn,
  tokensOf,
} from "../../letters/editor/text/tokens.js";
import { seed } from "./pages.js";

/** @import { Token } from "../../letters/editor/text/tokens.js" */
/** @import { Block } from "./pages.js" */

const { strong, em, note, insertion, deletion } = schema.marks;

/** @param {Block[]} blocks */
function textOf(blocks) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, seed(blocks));
  return doc.getText("letter");
}

/** @param {Token[]} tokens */
const spell = (tokens) => tokens.map((token) => `${token.at} ${token.marker ? token.k : token.text}`);

test("a token stands where its words or its block stand, cut where one asks", () => {
  const ytext = textOf([["salutation", "Dear"], ["line", "stay"]]);
  const tokens = tokensOf(ytext);
  assert.deepEqual(spell(tokens), ["0 salutation", "1 Dear", "5 line", "6 stay"]);
  assert.deepEqual(spell(between(tokens, 2, 7)), ["2 ear", "5 line", "6 s"]);
  assert.deepEqual(spell(tokensOf(ytext, null, 7, 9)), ["7 ta"]);
  assert.deepEqual(between(tokens, 2, 3)[0].id, { client: 1, clock: tokens[1].id.clock + 1 });
});

test("what looks different is another token, whether its look is known or not", () => {
  const ytext = textOf([["paragraph", "abcd"]]);
  ytext.format(2, 2, { strong: true, odd: 1 });
  const [, a, bc, d] = tokensOf(ytext);
  assert.deepEqual(spell([a, bc, d]), ["1 a", "2 bc", "4 d"]);
  assert.deepEqual([a, bc, d].map(({ marks }) => marks?.length), [0, 1, 0]);
});

test("ids that follow each other are one range", () => {
  const id = (/** @type {number} */ clock, client = 7) => ({ at: 0, length: 2, id: { client, clock } });
  assert.deepEqual(rangesIn([id(3), id(5), id(8), id(10, 9)]), [[7, 3, 4], [7, 8, 2], [9, 10, 2]]);
  const tokens = tokensOf(textOf([["paragraph", "abc"]])).slice(1);
  assert.equal(removalOf("two", tokens), `two 1.${tokens[0].id.clock.toString(36)}.3`);
});

test("every mark has a name and a value of its own in the text", () => {
  const given = { id: "b_0", who: "one" };
  assert.deepEqual(attributeOf(strong.create()), ["strong", true]);
  assert.deepEqual(attributeOf(note.create({ id: "x" })), ["note:x", true]);
  assert.deepEqual(attributeOf(insertion.create(given)), ["ins:b_0", "one"]);
  assert.deepEqual(attributeOf(deletion.create(given)), ["del:b_0", "one"]);
  const [bold, slanted] = [strong.create(), em.create()];
  assert.ok(sameMarks([bold, slanted], [slanted, bold]));
  assert.ok(!sameMarks([bold], [slanted]));
  assert.ok(!sameMarks([bold], []));
});

test("the page shows its tokens, and no others", () => {
  const ytext = textOf([["salutation", "Dear"], ["line", "a\u2028b"]]);
  const page = pageOf(tokensOf(ytext));
  assert.equal(page.child(1).textBetween(0, 3, "", "/"), "a/b");
  assert.ok(shows(page, tokensOf(ytext)));
  assert.deepEqual(tokensIn(page, 0, page.content.size).map((token) => token.text ?? token.k), [
    "salutation", "Dear", "line", "a", "\u2028", "b",
  ]);
  ytext.format(1, 1, { em: true });
  assert.ok(!shows(page, tokensOf(ytext)));
});

test("words before the first marker are a paragraph", () => {
  const ytext = new Y.Doc().getText("letter");
  assert.ok(!beginsWithMarker(ytext));
  assert.equal(pageOf(tokensOf(ytext)).childCount, 1);
  ytext.insert(0, "ab");
  assert.ok(!beginsWithMarker(ytext));
  const page = pageOf(tokensOf(ytext));
  assert.equal(page.child(0).type.name, "paragraph");
  assert.ok(shows(page, tokensOf(ytext)));
  assert.equal(lengthOf(page, 1), ytext.length);
});

test("a place of the page is one of the text, there and back", () => {
  const page = pageOf(tokensOf(textOf([["salutation", ""], ["paragraph", "ab"], ["line", "c"]])));
  page.forEach((node, at) => {
    for (let pos = at + 1; pos <= at + 1 + node.content.size; pos += 1) {
      assert.equal(toPos(page, toIndex(page, pos)), pos);
    }
  });
  assert.equal(lengthOf(page), 3 + 3);
  assert.equal(toPos(page, 99), page.content.size - 1);
});

test("whatever breaks a line is a break among words", () => {
  assert.deepEqual(
    inlineOf("a\nb\u2029\u2028c", []).map((node) => node.text ?? node.type.name),
    ["a", "hard_break", "b", "hard_break", "hard_break", "c"],
  );
  assert.deepEqual(inlineOf("", []), []);
});

test("what is equal at both ends stays, and never half a character", () => {
  /** @param {string} text */
  const signs = (text) => {
    /** @type {{ marker: false, text: string, marks: [] }} */
    const token = { marker: false, text, marks: [] };
    return text.split("").map((sign) => ({ token, sign }));
  };
  assert.deepEqual(difference(signs("abcd"), signs("abXd")), { head: 2, tail: 1 });
  assert.deepEqual(difference(signs("aa"), signs("aaa")), { head: 2, tail: 0 });
  assert.deepEqual(difference(signs("😀"), signs("😁")), { head: 0, tail: 0 });
  assert.deepEqual(difference(signs("a"), signs("b"), true), { head: 1, tail: 0 });
});
