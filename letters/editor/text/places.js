// Places of the page and of the text. A block of the page opens with one sign and closes with
// another; in the text it only opens, with its marker. So inside the nth block (from 0) an index is
// the position less n; `missing` is 1 while a letter has no first marker.
/** @import { Node } from "prosemirror-model" */

/** @type {(doc: Node, pos: number, missing?: number) => number} */
export const toIndex = (doc, pos, missing = 0) =>
  Math.max(0, pos - doc.resolve(pos).index(0) - missing);

/**
 * The position behind what stands before this index: always inside a block.
 * @type {(doc: Node, index: number, missing?: number) => number}
 */
export function toPos(doc, index, missing = 0) {
  let at = -missing; // index of the marker
  for (let n = 0; n < doc.childCount; n += 1) {
    const end = at + 1 + doc.child(n).content.size;
    if (index <= end || n === doc.childCount - 1) {
      return Math.max(at + 1, Math.min(index, end)) + n + missing;
    }
    at = end;
  }
  return 1;
}

/**
 * How long the text is that this page shows.
 * @type {(doc: Node, missing?: number) => number}
 */
export const lengthOf = (doc, missing = 0) => doc.content.size - doc.childCount - missing;
