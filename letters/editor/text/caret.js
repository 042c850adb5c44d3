// Where somebody is in the letter: places that stay with their words, whatever happens around them.
import { AllSelection, TextSelection } from "prosemirror-state";
import * as Y from "yjs";
import { toIndex, toPos } from "./places.js";

/** @import { Node, ResolvedPos } from "prosemirror-model" */
/** @import { Selection } from "prosemirror-state" */
/** @import { Mappable } from "prosemirror-transform" */
/** @typedef {{ doc: Node, ytext: Y.Text, missing?: number }} Where the page, and the text of Yjs */

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const LEAF = "\u2028"; // a break counts one place, and no cluster reaches over it
const REACH = 64; // no cluster is longer than that

/**
 * Where the grapheme clusters around an offset begin and end: { from, to }, or null between two.
 * @type {(block: Node, offset: number) => { from: number, to: number } | null}
 */
function clusterAt(block, offset) {
  const start = Math.max(0, offset - REACH);
  const text = block.textBetween(start, Math.min(block.content.size, offset + REACH), "", LEAF);
  for (const { index, segment } of segmenter.segment(text)) {
    const from = start + index;
    if (from >= offset) return null;
    if (from + segment.length > offset) return { from, to: from + segment.length };
  }
  return null;
}

/**
 * The cluster before (-1) or after (1) a position: how many places it takes.
 * @type {($pos: ResolvedPos, side: number) => number}
 */
export function clusterBeside($pos, side) {
  const { parent, parentOffset: at } = $pos;
  const from = side < 0 ? Math.max(0, at - REACH) : at;
  const to = side < 0 ? at : Math.min(parent.content.size, at + REACH);
  const text = parent.textBetween(from, to, "", LEAF);
  const segments = [...segmenter.segment(text)];
  return (side < 0 ? segments.at(-1) : segments[0])?.segment.length ?? 0;
}

// Never between the signs of one character that people see.
/** @type {(doc: Node, pos: number, side: number) => number} */
function toCluster(doc, pos, side) {
  const $pos = doc.resolve(pos);
  if (!$pos.depth || !$pos.parent.isTextblock) return pos;
  const inside = clusterAt($pos.parent, $pos.parentOffset);
  return inside ? $pos.start() + (side < 0 ? inside.from : inside.to) : pos;
}

/**
 * To which side a caret holds on: to the word before it; at the start of a block to its words.
 * @type {(doc: Node, pos: number) => number}
 */
export function sideOf(doc, pos) {
  const $pos = doc.resolve(pos);
  return $pos.parentOffset > 0 || !$pos.parent.content.size ? -1 : 1;
}

/**
 * A selection after the edits of somebody else; a caret holds on to `side`.
 * @type {(selection: Selection, mapping: Mappable, doc: Node, side: number) => Selection}
 */
export function mapSelection(selection, mapping, doc, side) {
  if (selection instanceof AllSelection) return new AllSelection(doc);
  const { anchor, head, empty } = selection;
  let now;
  if (empty) {
    const at = toCluster(doc, mapping.map(head, side), 1);
    now = [at, at];
  } else {
    const ahead = anchor < head;
    const from = mapping.map(selection.from, 1);
    const to = Math.max(from, mapping.map(selection.to, -1));
    const ends = [toCluster(doc, from, -1), toCluster(doc, to, 1)];
    now = ahead ? ends : ends.reverse();
  }
  return TextSelection.between(doc.resolve(now[0]), doc.resolve(now[1]));
}

/**
 * A place that moves with the words, for Yjs. `side` -1 holds on to what is before, 1 to what is
 * after it; without one it is chosen as for a caret. `where` is { doc: the page, ytext, missing }.
 * @type {(where: Where, pos: number, side?: number) => Y.RelativePosition}
 */
export function relativeAt({ doc, ytext, missing = 0 }, pos, side = sideOf(doc, pos)) {
  const index = toIndex(doc, pos, missing);
  const assoc = side < 0 || index >= ytext.length ? -1 : 0;
  return Y.createRelativePositionFromTypeIndex(ytext, index, assoc);
}

/**
 * The position that such a place has on the page now, or null if it is nowhere in this letter.
 * @type {(where: Where, relative: Y.RelativePosition) => number | null}
 */
export function absoluteOf({ doc, ytext, missing = 0 }, relative) {
  const ydoc = /** @type {Y.Doc} */ (ytext.doc);
  const found = Y.createAbsolutePositionFromRelativePosition(relative, ydoc);
  if (found === null || found.type !== ytext) return null;
  return Math.min(toPos(doc, found.index, missing), doc.content.size);
}
