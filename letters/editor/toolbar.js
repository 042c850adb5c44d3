// The row of buttons. One stop for the Tab key, arrow keys within it (the toolbar pattern of the
// ARIA guide); Escape goes back to the letter.
import { setBlockType, toggleMark } from "./commands.js";
import { Plugin } from "prosemirror-state";
import { KINDS, schema } from "./schema.js";
import { bindingOf, redoCommand, undoCommand } from "./text/binding.js";

/** @import { MarkType } from "prosemirror-model" */
/** @import { Command, EditorState, Transaction } from "prosemirror-state" */
/** @import { EditorView } from "prosemirror-view" */
/**
 * @typedef {(state: EditorState, dispatch: (tr: Transaction) => void, view: EditorView) => unknown} Run
 * @typedef {{
 *   run: Run,
 *   pressed: ((state: EditorState) => boolean) | null,
 *   idle: (state: EditorState) => boolean,
 *   keepsFocus?: boolean,
 * }} Action
 */

const { paragraph } = schema.nodes;

/** @type {(state: EditorState) => string | null} */
function kindOf(state) {
  const kinds = new Set();
  state.doc.nodesBetween(state.selection.from, state.selection.to, (node) => {
    if (KINDS.includes(node.type.name)) kinds.add(node.type.name);
    return !node.isTextblock;
  });
  return kinds.size === 1 ? [...kinds][0] : null;
}

/** @type {(state: EditorState, type: MarkType) => boolean} */
function markActive(state, type) {
  const { from, to, empty, $from } = state.selection;
  if (empty) return !!type.isInSet(state.storedMarks ?? $from.marks());
  return state.doc.rangeHasMark(from, to, type);
}

// What a button does, and whether it is pressed or cannot do anything now. Those of `more` belong
// to features of the editor: { run(state, dispatch, view), pressed(state) or null, idle(state), keepsFocus }.
/** @type {(button: HTMLElement, more: Record<string, Action>) => Action} */
function actionOf({ dataset }, more) {
  if (dataset.kind) {
    const type = schema.nodes[dataset.kind];
    return {
      run(state, dispatch) {
        const pressed = kindOf(state) === dataset.kind;
        return setBlockType(pressed ? paragraph : type)(state, dispatch);
      },
      pressed: (state) => kindOf(state) === dataset.kind,
      idle: () => false,
    };
  }
  if (dataset.mark) {
    const type = schema.marks[dataset.mark];
    return { run: toggleMark(type), pressed: (state) => markActive(state, type), idle: () => false };
  }
  const act = /** @type {string} */ (dataset.act);
  /** @type {Record<string, Command>} */
  const steps = { undo: undoCommand, redo: redoCommand };
  const run = steps[act];
  if (!run) return more[act];
  return { run, pressed: null, idle: (state) => !run(state) };
}

/**
 * @param {HTMLElement} bar
 * @param {Record<string, Action>} more
 */
export function toolbar(bar, more) {
  const buttons = [...bar.querySelectorAll("button")];
  const actions = new Map(buttons.map((button) => [button, actionOf(button, more)]));
  const listening = new AbortController();
  const { signal } = listening;

  /** @param {HTMLButtonElement} button */
  function stopAt(button) {
    buttons.forEach((other) => (other.tabIndex = other === button ? 0 : -1));
  }

  /** @param {EditorView} view */
  function refresh(view) {
    actions.forEach(({ pressed, idle }, button) => {
      const off = !view.editable || idle(view.state);
      button.setAttribute("aria-disabled", String(off));
      if (pressed) button.setAttribute("aria-pressed", String(!off && pressed(view.state)));
    });
  }

  return {
    focus: () => buttons.find((button) => button.tabIndex === 0)?.focus(),

    plugin: new Plugin({
      view(view) {
        const { undo } = bindingOf(view.state);
        buttons.forEach((button) => (button.disabled = false));
        stopAt(buttons[0]);
        // Keeps the caret, and on a phone the keyboard, where they are.
        bar.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
        bar.addEventListener(
          "click",
          (event) => {
            const button = /** @type {Element} */ (event.target).closest("button");
            if (!button || button.getAttribute("aria-disabled") === "true") return;
            stopAt(button);
            undo.stopCapturing(); // one step back from here, however fast it came
            const action = /** @type {Action} */ (actions.get(button));
            action.run(view.state, view.dispatch, view);
            // With the keyboard, stay among the buttons.
            if (event.detail && !action.keepsFocus) view.focus();
          },
          { signal },
        );
        bar.addEventListener(
          "keydown",
          (event) => {
            const rtl = getComputedStyle(bar).direction === "rtl" ? -1 : 1;
            const focus = /** @type {HTMLButtonElement} */ (document.activeElement);
            const at = buttons.indexOf(focus);
            /** @type {Record<string, number>} */
            const places = {
              ArrowRight: at + rtl,
              ArrowLeft: at - rtl,
              Home: 0,
              End: buttons.length - 1,
            };
            const to = places[event.key];
            if (event.key === "Escape") view.focus();
            else if (to !== undefined && at >= 0) {
              const button = buttons[(to + buttons.length) % buttons.length];
              stopAt(button);
              button.focus();
            } else return;
            event.preventDefault();
          },
          { signal },
        );
        // The stacks change after the view has been updated.
        const unheard = undo.onChange(() => refresh(view));
        refresh(view);
        return {
          update: refresh,
          destroy() {
            unheard();
            listening.abort();
            buttons.forEach((button) => (button.disabled = true));
          },
        };
      },
    }),
  };
}
