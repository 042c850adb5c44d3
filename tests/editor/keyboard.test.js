// Which command a key runs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keymap } from "../../letters/editor/keyboard.js";

/** @import { EditorView } from "prosemirror-view" */
/** @import { Bindings } from "../../letters/editor/keyboard.js" */

const EVENT = { keyCode: 0, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };

/** @param {Bindings} bindings */
function pressing(bindings) {
  const plugin = keymap(bindings);
  const view = /** @type {EditorView} */ (/** @type {unknown} */ ({ state: "state", dispatch: "dispatch" }));
  /** @param {Partial<KeyboardEvent>} event */
  return (event) =>
    plugin.props.handleKeyDown?.call(plugin, view, /** @type {KeyboardEvent} */ ({ ...EVENT, ...event }));
}

test("a key runs its command with what the view has, and says whether it did", () => {
  /** @type {unknown[][]} */
  const given = [];
  const press = pressing({ Enter: (...all) => given.push(all) > 0, "Mod-b": () => false });
  assert.equal(press({ key: "Enter" }), true);
  assert.deepEqual(given[0].slice(0, 2), ["state", "dispatch"]);
  assert.equal(press({ key: "b", ctrlKey: true }), false);
  assert.equal(press({ key: "b" }), false);
  assert.equal(given.length, 1);
});

test("the order of modifiers does not matter, and each of them does", () => {
  const press = pressing({ "Shift-Alt-Mod-m": () => true });
  assert.ok(press({ key: "M", ctrlKey: true, altKey: true, shiftKey: true }));
  assert.ok(!press({ key: "m", ctrlKey: true, altKey: true }));
  assert.ok(!press({ key: "m", ctrlKey: true, altKey: true, shiftKey: true, metaKey: true }));
});

test("a letter is found by its place where the keyboard writes others", () => {
  const press = pressing({ "Mod-b": () => true });
  assert.ok(press({ key: "и", keyCode: 66, ctrlKey: true }));
  assert.ok(!press({ key: "и", keyCode: 67, ctrlKey: true }));
});

test("with Alt, too, which makes another sign of it", () => {
  const press = pressing({ "Alt-m": () => true });
  assert.ok(press({ key: "µ", keyCode: 77, altKey: true }));
});
