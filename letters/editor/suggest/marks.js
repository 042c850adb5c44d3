// What carries a suggestion: a mark on words and soft breaks, and on a block, about the break that
// it begins with, an entry of its attribute `proposals`: `ins:ID seat`, `del:ID seat`,
// `kind:ID seat kind`.
import { Fragment, Slice } from "prosemirror-model";
import { KINDS, SEATS, schema } from "../schema.js";

/** @import { Mark, Node } from "prosemirror-model" */
/** @typedef {{ act: string, id: string, who: string, kind?: string }} About what is proposed about one piece */

const { insertion, deletion } = schema.marks;

/** @param {Mark} mark */
export const isProposal = ({ type }) => type === insertion || type === deletion;

// What a letter carries may come from the other browser: it is only ever compared and shown as text.
/** @param {string} value */
const short = (value) => String(value).slice(0, 40);
/** @param {string} who */
export const seatOf = (who) => (SEATS.includes(who) ? who : "");
/** @param {{ id: string, who: string }} about */
export const keyOf = ({ id, who }) => `${seatOf(who)} ${short(id)}`;

// [{ act: ins | del | kind, id, who, kind }]
/** @type {(block: { attrs: { proposals?: string[] | null } }) => About[]} */
export function breaksOf({ attrs: { proposals } }) {
  return (proposals ?? []).map((proposal) => {
    const [key, who, kind] = String(proposal).split(" ");
    const colon = key.indexOf(":");
    return { act: key.slice(0, colon), id: key.slice(colon + 1), who, kind };
  });
}

/** @param {About} about */
const say = ({ act, id, who, kind }) =>
  act === "kind" ? `kind:${id} ${who} ${kind}` : `${act}:${id} ${who}`;

// The attribute of a block about whose break these things are proposed.
/** @param {About[]} breaks */
export const proposalsOf = (breaks) => (breaks.length ? breaks.map(say).sort() : null);

// Everything that is proposed about one piece of the letter: a text, a soft break or a block.
/** @type {(node: Node) => About[]} */
export function proposalsOn(node) {
  if (node.isTextblock) return breaksOf(node).filter(({ kind }) => !kind || KINDS.includes(kind));
  return node.marks.filter(isProposal).map(({ type, attrs: { id, who } }) => ({
    act: type === insertion ? "ins" : "del",
    id,
    who,
  }));
}

/** @type {(node: Node, act: string, who: string) => boolean} */
export const carries = (node, act, who) =>
  proposalsOn(node).some((each) => each.act === act && each.who === who);

// Words that are copied are words, not somebody's suggestion.
/** @type {(fragment: Fragment) => Fragment} */
export function plain(fragment) {
  return Fragment.from(
    fragment.content.map((node) => {
      if (node.isInline) return node.mark(node.marks.filter((mark) => !isProposal(mark)));
      return node.type.create({ ...node.attrs, proposals: null }, plain(node.content));
    }),
  );
}

/** @param {Slice} slice */
export const plainSlice = ({ content, openStart, openEnd }) =>
  new Slice(plain(content), openStart, openEnd);
