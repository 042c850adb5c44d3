// What is proposed about blocks, in the margin of the letter: the break that one begins with, or its
// kind. The words are an attribute of the block, which CSS shows; they are no part of the text.
import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { proposalsOn, seatOf } from "./marks.js";

/** @import { Node } from "prosemirror-model" */
/** @import { About } from "./marks.js" */

/** @type {PluginKey<DecorationSet>} */
const key = new PluginKey("breaks");

// `say({ act, who, kind })` gives the words.
/** @param {(about: About) => string} say */
export function breaks(say) {
  /** @param {Node} doc */
  function draw(doc) {
    /** @type {Decoration[]} */
    const drawn = [];
    doc.forEach((node, at) => {
      if (!node.attrs.proposals) return;
      const written = proposalsOn(node).map((each) => say({ ...each, who: seatOf(each.who) }));
      const text = [...new Set(written)].join(" · ");
      drawn.push(Decoration.node(at, at + node.nodeSize, { "data-proposed": text }));
    });
    return DecorationSet.create(doc, drawn);
  }

  return new Plugin({
    key,
    state: {
      init: (_config, { doc }) => draw(doc),
      apply: (tr, drawn) => (tr.docChanged ? draw(tr.doc) : drawn),
    },
    props: { decorations: (state) => key.getState(state) },
  });
}
