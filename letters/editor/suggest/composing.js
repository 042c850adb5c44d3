// A word that is being composed (Japanese, Korean, Chinese; every word on an Android keyboard) lives
// in one text node of the browser, and putting anything between its letters tears it. So an edit
// that only brings letters becomes a proposal at once: it changes nothing but how they look, and the
// view leaves the node alone. One that takes letters out, which would have to come back in the midst
// of the word, is let happen on the page and kept from the letter, and so is all that follows. At
// the end of the composition all of it becomes one proposal, and the page shows that.
//
// Until then the page is not what the letter is. Updates from the network wait for the end of a
// composition anyway, and `settle` is to be called before they come in.
import { Selection } from "prosemirror-state";
import { Transform } from "prosemirror-transform";
import { bindingOf } from "../text/binding.js";
import { become } from "../text/patch.js";
import { piecesOf, replaced } from "./changes.js";
import { carries } from "./marks.js";
import { asProposal, proposalOf } from "./proposing.js";

/** @import { EditorState, Transaction } from "prosemirror-state" */
/** @import { By } from "./proposing.js" */

/** @type {(tr: Transaction, who: string) => boolean} */
const takesOut = (tr, who) =>
  replaced(tr).some(({ fromA, toA }) =>
    piecesOf(tr.before, fromA, toA).some(({ node }) => !carries(node, "ins", who)),
  );

// The letter knows this already, or is not to know it.
/** @type {(tr: Transaction, state: EditorState) => Transaction} */
function apart(tr, state) {
  const binding = bindingOf(state);
  return binding ? tr.setMeta(binding.plugin, { remote: true }) : tr;
}

// `by` as in proposing.js.
/** @param {By} by */
export function composing(by) {
  /** @type {{ base: EditorState, change: Transform } | null} */
  let held = null; // { base, change }: the state that the letter is at, and what came since

  /** @param {EditorState} state */
  function release(state) {
    const { change, base } = /** @type {NonNullable<typeof held>} */ (held);
    const made = proposalOf(change, base, by);
    held = null;
    bindingOf(state)?.write([made], false);
    const tr = become(state.tr, made.doc);
    tr.setSelection(Selection.fromJSON(tr.doc, made.selection.toJSON()));
    return apart(tr, state);
  }

  return {
    // An edit of mine while I suggest, as the transaction to dispatch in its place.
    /** @type {(tr: Transaction, state: EditorState, isComposing: boolean) => Transaction} */
    take(tr, state, isComposing) {
      const holds = held || (isComposing && takesOut(tr, by.who));
      if (!holds) return asProposal(tr, state, by);
      held ??= { base: state, change: new Transform(state.doc) };
      for (const step of tr.steps) held.change.step(step);
      return isComposing ? apart(tr, state) : release(state);
    },

    // The transaction that ends what was held, or null.
    /** @param {EditorState} state */
    settle: (state) => held && release(state),

    // The page has been built anew from the letter.
    forget: () => (held = null),

    get holds() {
      return held !== null;
    },
  };
}
