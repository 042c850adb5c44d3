// From the text to the page: what Yjs says has changed, as small steps. No block is replaced that
// has not been, so carets, decorations and the browser's own state stay where they are.
import { Slice, Fragment } from "prosemirror-model";
import { ReplaceStep } from "prosemirror-transform";
import { blocksOf, inlineOf, sameMarks } from "./tokens.js";
import { toPos } from "./places.js";
import { schema } from "../schema.js";

/** @import { Node } from "prosemirror-model" */
/** @import { Transaction } from "prosemirror-state" */
/** @import { YEvent } from "yjs" */
/** @import { Look, Token } from "./tokens.js" */
/** @typedef {{ kind: string, from: number, to: number, at: number, end: number }} Region */

/**
 * Stretches of the text that Yjs's `delta` names: { from, to } before and { at, end } after.
 * @type {(delta: YEvent<any>["delta"]) => Region[]}
 */
export function regionsOf(delta) {
  /** @type {Region[]} */
  const regions = [];
  let before = 0;
  let after = 0;
  /** @type {(kind: string) => Region} */
  const region = (kind) => {
    const last = regions.at(-1);
    if (kind === "text" && last?.kind === kind && last.to === before && last.end === after) return last;
    const next = { kind, from: before, to: before, at: after, end: after };
    regions.push(next);
    return next;
  };
  for (const { retain, insert, delete: gone, attributes } of delta) {
    if (retain !== undefined) {
      const look = attributes && region("look");
      before += retain;
      after += retain;
      if (look) Object.assign(look, { to: before, end: after });
    } else if (insert !== undefined) {
      const text = region("text");
      after += typeof insert === "string" ? insert.length : 1;
      text.end = after;
    } else {
      const text = region("text");
      before += /** @type {number} */ (gone);
      text.to = before;
    }
  }
  return regions;
}

/** @param {Token[]} tokens */
function sliceOf(tokens) {
  if (!tokens.some((token) => token.marker)) {
    const inline = tokens.flatMap((token) => (token.marker ? [] : inlineOf(token.text, token.marks)));
    return new Slice(Fragment.fromArray(inline), 0, 0);
  }
  // The first one only closes the block before, the last one goes on in what follows.
  return new Slice(Fragment.fromArray(blocksOf(tokens)), 1, 1);
}

// Give the words of these tokens, whose first index is `at` on the page as it is, their marks.
/** @type {(tr: Transaction, tokens: Token[], shift: number) => void} */
function look(tr, tokens, shift) {
  for (const token of tokens) {
    if (token.marker) continue;
    const from = toPos(tr.doc, token.at + 1 + shift) - 1;
    const to = from + token.length;
    tr.doc.nodesBetween(from, to, (node, at) => {
      if (!node.isInline || sameMarks(node.marks, token.marks)) return;
      const start = Math.max(from, at);
      const end = Math.min(to, at + node.nodeSize);
      for (const mark of node.marks) if (!mark.isInSet(token.marks)) tr.removeMark(start, end, mark);
      for (const mark of token.marks) if (!mark.isInSet(node.marks)) tr.addMark(start, end, mark);
    });
  }
}

/**
 * Bring kind and proposals of blocks to what their markers say: [{ n, k, proposals }].
 * @type {(tr: Transaction, markers: (Look & { n: number })[]) => void}
 */
export function dress(tr, markers) {
  /** @type {number[]} */
  const places = [];
  if (markers.length) tr.doc.forEach((_node, offset) => places.push(offset));
  for (const { n, k, proposals } of markers) {
    const node = tr.doc.child(n);
    const same = JSON.stringify(node.attrs.proposals) === JSON.stringify(proposals);
    if (node.type.name !== k || !same) {
      tr.setNodeMarkup(places[n], schema.nodes[k], { proposals });
    }
  }
}

/**
 * Apply regions to the page that `tr` begins with, from the end to the beginning; `read(from, to)`
 * gives the tokens there. False if they reach what small steps cannot say: the very first marker.
 * @type {(tr: Transaction, read: (from: number, to: number) => Token[], regions: Region[]) => boolean}
 */
export function patchRegions(tr, read, regions) {
  for (const { kind, from, to, at, end } of [...regions].reverse()) {
    if (kind === "look") look(tr, read(at, end), from - at);
    else {
      if (from === 0) return false;
      const slice = sliceOf(read(at, end));
      const start = toPos(tr.doc, from);
      const step = new ReplaceStep(start, from === to ? start : toPos(tr.doc, to), slice);
      if (tr.maybeStep(step).failed) return false;
    }
  }
  return true;
}

/**
 * Make the page that `tr` begins with this one, with one replaced stretch.
 * @type {(tr: Transaction, page: Node) => Transaction}
 */
export function become(tr, page) {
  const { content } = tr.doc;
  const start = content.findDiffStart(page.content);
  if (start === null) return tr;
  let { a, b } = /** @type {{ a: number, b: number }} */ (content.findDiffEnd(page.content));
  const overlap = Math.max(0, start - Math.min(a, b));
  a += overlap;
  b += overlap;
  tr.replace(start, a, page.slice(start, b));
  return tr.doc.eq(page) ? tr : tr.replaceWith(0, tr.doc.content.size, page.content);
}

/**
 * Bring the marks of all words to what their tokens say; the words are the same.
 * @type {(tr: Transaction, tokens: Token[]) => void}
 */
export function relook(tr, tokens) {
  look(tr, tokens, 0);
  dress(tr, tokens.filter((token) => token.marker).map((marker, n) => ({ n, ...marker })));
}
