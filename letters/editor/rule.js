// "I want to be …": what begins like this becomes a line. Backspace at once takes that back.
import { Plugin, PluginKey } from "prosemirror-state";
import { schema } from "./schema.js";
import { bindingOf } from "./text/binding.js";

/** @import { Command, TextSelection, Transaction } from "prosemirror-state" */
/** @import { EditorView } from "prosemirror-view" */
/** @typedef {{ tr: Transaction, from: number, to: number, text: string }} Done what the rule did */

const { paragraph, line } = schema.nodes;
/** @type {PluginKey<Done | null>} */
const key = new PluginKey("line rule");
const LONGEST = 200;
/** @param {string} text */
const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Is this the name under which a transaction carries what the rule did?
 * @param {string} name
 */
export const isOfRule = (name) => name === /** @type {{ key: string }} */ (/** @type {unknown} */ (key)).key;

/**
 * `openings` are translated words such as "I want to be" and "I want to".
 * @param {string[]} openings
 */
export function lineRule(openings) {
  const opening = new RegExp(`^(?:${openings.map(quoted).join("|")})\\s$`, "i");

  // `text` is about to be typed from `from` to `to`.
  /** @type {(view: EditorView, from: number, to: number, text: string) => boolean} */
  function apply(view, from, to, text) {
    const { state } = view;
    const $from = state.doc.resolve(from);
    const { parent, parentOffset } = $from;
    if (view.composing || parent.type !== paragraph || parentOffset > LONGEST) return false;
    if (!opening.test(parent.textBetween(0, parentOffset, null, "\ufffc") + text)) return false;
    // Undo then takes back the line and leaves what was typed before it.
    bindingOf(state)?.undo.stopCapturing();
    const { tr } = state;
    if (text) tr.insertText(text, from, to);
    view.dispatch(tr.setBlockType(from, from, line).setMeta(key, { tr, from, to, text }));
    return true;
  }

  return new Plugin({
    key,
    state: {
      init: () => null,
      apply: (tr, done) => tr.getMeta(key) ?? (tr.selectionSet || tr.docChanged ? null : done),
    },
    props: {
      handleTextInput: apply,
      handleDOMEvents: {
        compositionend(view) {
          setTimeout(() => {
            const { $cursor } = /** @type {TextSelection} */ (view.state.selection);
            if ($cursor) apply(view, $cursor.pos, $cursor.pos, "");
          });
        },
      },
    },
  });
}

/**
 * Take back the line, if it is the last thing that happened; what was typed stays.
 * @type {Command}
 */
export function undoLineRule(state, dispatch) {
  const done = key.getState(state);
  if (!done) return false;
  if (dispatch) {
    const { tr } = state;
    const back = done.tr.steps.map((step, index) => step.invert(done.tr.docs[index]));
    back.reverse().forEach((step) => tr.step(step));
    if (done.text) tr.insertText(done.text, done.from, done.to);
    dispatch(tr);
  }
  return true;
}
