// Keys and their commands: "Mod-b", "Alt-Shift-m", "Enter". Mod is Command on a Mac, Control elsewhere.
import { Plugin } from "prosemirror-state";

/** @import { Command } from "prosemirror-state" */
/** @typedef {Record<string, Command>} Bindings */

export const isMac = typeof navigator !== "undefined" && /Mac|iP(hone|[oa]d)/.test(navigator.platform);

/** @type {(alt: boolean, ctrl: boolean, meta: boolean, shift: boolean, name?: string) => string} */
const spell = (alt, ctrl, meta, shift, name) =>
  [alt && "Alt", ctrl && "Ctrl", meta && "Meta", shift && "Shift", name].filter(Boolean).join("-");

/** @param {string} binding */
function normal(binding) {
  const parts = binding.split("-");
  const name = parts.pop();
  /** @type {(modifier: string) => boolean} */
  const has = (modifier) => parts.includes(modifier);
  const mod = has("Mod");
  return spell(has("Alt"), has("Ctrl") || (mod && !isMac), mod && isMac, has("Shift"), name);
}

// Letters by the place of their key where it writes no Latin ones, or others together with Alt.
/** @param {KeyboardEvent} event */
function nameOf({ key, keyCode }) {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  if (keyCode >= 65 && keyCode <= 90) return String.fromCharCode(keyCode).toLowerCase();
  return key;
}

/**
 * A plugin that runs the command of `bindings` for what is pressed.
 * @param {Bindings} bindings
 */
export function keymap(bindings) {
  const commands = new Map(Object.entries(bindings).map(([keys, run]) => [normal(keys), run]));
  return new Plugin({
    props: {
      handleKeyDown(view, event) {
        const { altKey, ctrlKey, metaKey, shiftKey } = event;
        const run = commands.get(spell(altKey, ctrlKey, metaKey, shiftKey, nameOf(event)));
        return !!run?.(view.state, view.dispatch, view);
      },
    },
  });
}
