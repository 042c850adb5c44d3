// What may stand in a letter: words and soft breaks. Signs that steer a terminal, halves of
// characters and signs without a meaning of their own are left out before they go in; whatever
// breaks a line somewhere is a soft break here. The server refuses the rest.
import { Plugin } from "prosemirror-state";
import { Fragment, Slice } from "prosemirror-model";
import { isRemote } from "./binding.js";
import { changesOf } from "./changes.js";
import { SOFT_BREAK, inlineOf } from "./tokens.js";

/** @import { Node } from "prosemirror-model" */
/** @import { EditorState, Transaction } from "prosemirror-state" */

const BREAKS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const SIGNS =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\ue000-\uf8ff\ufff9-\ufffc\ufffe\uffff]|[\udb80-\udbff][\udc00-\udfff]/;
const NOT_WORDS = new RegExp(`${SIGNS.source}|${HALF.source}`, "g");
const ANY = new RegExp(`${BREAKS.source}|\\t|${NOT_WORDS.source}`);

/**
 * The text of a node that is text.
 * @typedef {Node & { text: string }} TextNode
 */

/**
 * Text as it may go into a letter; soft breaks are U+2028.
 * @param {string} text
 */
export const clean = (text) =>
  ANY.test(text)
    ? text.replace(BREAKS, SOFT_BREAK).replace(/\t/g, " ").replace(NOT_WORDS, "")
    : text;

/** @type {(fragment: Fragment) => Fragment} */
function cleanFragment(fragment) {
  /** @type {Node[]} */
  const nodes = [];
  fragment.forEach((node) => {
    if (!node.isText) nodes.push(node.copy(cleanFragment(node.content)));
    else if (!ANY.test(/** @type {TextNode} */ (node).text)) nodes.push(node);
    else nodes.push(...inlineOf(clean(/** @type {TextNode} */ (node).text), node.marks));
  });
  return Fragment.fromArray(nodes);
}

/**
 * The same for a piece of a page, such as what is pasted.
 * @param {Slice} slice
 */
export const cleanSlice = ({ content, openStart, openEnd }) =>
  new Slice(cleanFragment(content), openStart, openEnd);

// Whatever an edit came from, a key, an input method, a tool of the browser.
/** @type {(edits: readonly Transaction[], old: EditorState, now: EditorState) => Transaction | null} */
function mend(transactions, _before, state) {
  const edits = transactions.filter((tr) => tr.docChanged);
  if (!edits.length || edits.some(isRemote)) return null;
  /** @type {{ node: TextNode, at: number }[]} */
  const found = [];
  for (const { fromB, toB } of changesOf(edits)) {
    state.doc.nodesBetween(fromB, toB, (node, at) => {
      if (!node.isText) return;
      const from = Math.max(0, fromB - at);
      const to = Math.min(node.nodeSize, toB - at);
      const { text } = /** @type {TextNode} */ (node);
      // A half whose other half stood there before is whole; what an edit takes the other half from
      // is beside it.
      const bad = ANY.test(text.slice(from, to)) && ANY.test(text);
      const half = HALF.test(text.slice(Math.max(0, from - 1), to + 1)) && HALF.test(text);
      if (bad || half) found.push({ node: /** @type {TextNode} */ (node), at });
    });
  }
  if (!found.length) return null;
  const { tr } = state;
  for (const { node, at } of found.reverse()) {
    tr.replaceWith(at, at + node.nodeSize, inlineOf(clean(node.text), node.marks));
  }
  return tr;
}

/** Cleans what I write before the text of the letter learns of it. */
export const cleaning = new Plugin({ appendTransaction: mend });
