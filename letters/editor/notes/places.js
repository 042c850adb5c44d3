// Where notes lie in a letter, and how that is drawn: a note's place is the mark `note {id}`.
import { Fragment } from "prosemirror-model";
import { Decoration, DecorationSet } from "prosemirror-view";
import { schema } from "../schema.js";

/** @import { Mark, Node } from "prosemirror-model" */
/** @import { EditorState } from "prosemirror-state" */
/**
 * @typedef {{ from: number, to: number }} Span of the page
 * @typedef {Map<string, Span[]>} Places
 * @typedef {{ places: Places, active: string | null, drawn: DecorationSet }} Drawn
 * @typedef {Map<string, { kind: string, who: string, open: boolean }>} Known what the server says of each
 */

export const { note } = schema.marks;
/** @type {Record<string, string>} */
const SIGNS = { heart: "♥", more: "…" };
const QUOTE = 240;

/** @type {(mark: Mark) => string} */
const idOf = (mark) => mark.type === note && mark.attrs.id;
// Where each note's words are: id → [{ from, to }], in the order of the text.
/** @param {Node} doc */
function placesIn(doc) {
  /** @type {Places} */
  const places = new Map();
  doc.descendants((node, from) => {
    const to = from + node.nodeSize;
    for (const id of node.marks.map(idOf).filter(Boolean)) {
      const ranges = places.get(id) ?? [];
      const last = ranges.at(-1);
      if (last?.to === from) last.to = to;
      else ranges.push({ from, to });
      places.set(id, ranges);
    }
  });
  return places;
}

/** @type {(fragment: Fragment, keep: (id: string) => boolean) => Fragment} */
export function within(fragment, keep) {
  /** @type {Node[]} */
  const nodes = [];
  fragment.forEach((node) => {
    const marks = node.marks.filter((mark) => mark.type !== note || keep(idOf(mark)));
    nodes.push(node.copy(within(node.content, keep)).mark(marks));
  });
  return Fragment.from(nodes);
}

/** @type {(state: EditorState, known: Known, about: Span | null) => Drawn} */
export function draw(state, known, about) {
  const { doc, selection } = state;
  const places = placesIn(doc);
  /** @type {Decoration[]} */
  const drawn = [];
  /** @type {Map<number, string[]>} */
  const signs = new Map();
  /** @type {string | null} */
  let active = null;
  for (const [id, ranges] of places) {
    const note = known.get(id);
    if (!note?.open) continue;
    const { kind, who } = note;
    const [{ from: first }] = ranges;
    if (kind !== "comment") {
      const at = doc.resolve(first).before(1);
      signs.set(at, [...(signs.get(at) ?? []), SIGNS[kind]]);
      continue;
    }
    const here = ranges.some(({ from, to }) => selection.head >= from && selection.head <= to);
    if (here) active = id;
    for (const { from, to } of ranges) {
      drawn.push(
        Decoration.inline(from, to, {
          class: `noted ${who}${here ? " active" : ""}`,
          "aria-details": `note-${id}`,
        }),
      );
    }
  }
  signs.forEach((each, at) => {
    const { nodeSize } = /** @type {Node} */ (doc.nodeAt(at));
    drawn.push(Decoration.node(at, at + nodeSize, { "data-signs": each.join(" ") }));
  });
  if (about && about.from < about.to) {
    drawn.push(Decoration.inline(about.from, about.to, { class: "noting" }));
  }
  return { places, active, drawn: DecorationSet.create(doc, drawn) };
}

/** @type {(doc: Node, span: Span) => string} */
export const quote = (doc, { from, to }) => doc.textBetween(from, to, " ", " ").slice(0, QUOTE);

/** @param {EditorState} state */
export function lineAt({ selection: { $head } }) {
  return $head.depth ? { from: $head.start(1), to: $head.end(1) } : { from: 0, to: 0 };
}
