// What the keys do. Undo and redo are Yjs's: they take back my own words only.
import {
  chainCommands,
  deleteSelection,
  joinBackward,
  joinForward,
  selectAll,
  setBlockType,
  splitBlockAs,
  toggleMark,
} from "./commands.js";
import { Plugin } from "prosemirror-state";
import { isMac, keymap } from "./keyboard.js";
import { undoLineRule } from "./rule.js";
import { schema } from "./schema.js";
import { redoCommand, undoCommand } from "./text/binding.js";
import { clusterBeside } from "./text/caret.js";

/** @import { Command } from "prosemirror-state" */
/** @import { Bindings } from "./keyboard.js" */

const { paragraph, line, salutation, hard_break } = schema.nodes;

/** @type {Command} */
const lineBreak = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(hard_break.create(), true).scrollIntoView());
  return true;
};

// Enter on an empty line (or closing, or signature) leaves it for a paragraph.
/** @type {Command} */
const leaveEmpty = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if (!empty || $from.parent.content.size || $from.parent.type === paragraph) return false;
  return setBlockType(paragraph)(state, dispatch);
};

// At the very beginning: make room above and keep the block what it is.
/** @type {Command} */
const roomAbove = (state, dispatch) => {
  const { $from, empty } = state.selection;
  const { parent } = $from;
  if (!empty || $from.parentOffset || !parent.content.size) return false;
  const above = parent.type === line ? line : paragraph;
  const { tr } = state;
  // Before the first block nothing can be put: it becomes the room, and its words begin a new one.
  // What is proposed about its marker stays there.
  if (!$from.index(0)) {
    tr.split($from.pos, 1, [{ type: parent.type }]).setNodeMarkup(0, above, parent.attrs);
  } else tr.insert($from.before(), above.create());
  dispatch?.(tr.scrollIntoView());
  return true;
};

const split = splitBlockAs(({ type }) => (type === line ? line : paragraph));

// Backspace at the start of a line, closing or signature takes its kind away first.
/** @type {Command} */
const plainAgain = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if (!empty || $from.parentOffset || $from.parent.type === paragraph) return false;
  if ($from.parent.type === salutation && $from.index(0) === 0) return false;
  return setBlockType(paragraph)(state, dispatch);
};

// What people see as one character goes as one, however many signs it is made of.
/** @type {(side: number) => Command} */
const deleteCluster = (side) => (state, dispatch) => {
  const { $head, empty } = state.selection;
  if (!empty || !$head.parent.isTextblock) return false;
  const length = clusterBeside($head, side);
  if (length < 2) return false;
  const [from, to] = side < 0 ? [$head.pos - length, $head.pos] : [$head.pos, $head.pos + length];
  dispatch?.(state.tr.delete(from, to).scrollIntoView());
  return true;
};

// Over a selection of several blocks ProseMirror types itself what was pressed, and is told only the
// first half of what is beyond U+FFFF.
export const wholeSigns = new Plugin({
  props: {
    handleKeyPress(view, { key, ctrlKey, metaKey }) {
      const { $from, $to } = view.state.selection;
      const whole = key.length > 1 && [...key].length === 1;
      if (!whole || ctrlKey || metaKey || $from.sameParent($to)) return false;
      view.dispatch(view.state.tr.insertText(key).scrollIntoView());
      return true;
    },
  },
});

// A letter has one level of blocks: what ProseMirror's own list of keys does for others is left out.
const back = chainCommands(undoLineRule, deleteSelection, plainAgain, deleteCluster(-1), joinBackward);
const on = chainCommands(deleteSelection, deleteCluster(1), joinForward);

const ofMac = {
  "Ctrl-h": back,
  "Alt-Backspace": chainCommands(deleteSelection, joinBackward),
  "Ctrl-d": on,
  "Alt-Delete": chainCommands(deleteSelection, joinForward),
  "Alt-d": chainCommands(deleteSelection, joinForward),
};

/** @type {(extra?: Bindings) => Plugin[]} */
export const keys = (extra = {}) => [
  keymap({
    ...(isMac && ofMac),
    ...extra,
    "Mod-b": toggleMark(schema.marks.strong),
    "Mod-i": toggleMark(schema.marks.em),
    "Mod-z": undoCommand,
    "Mod-y": redoCommand,
    "Mod-Shift-z": redoCommand,
    "Mod-a": selectAll,
    Enter: chainCommands(leaveEmpty, roomAbove, split),
    "Shift-Enter": lineBreak,
    "Mod-Enter": lineBreak,
    Backspace: back,
    "Shift-Backspace": back,
    "Mod-Backspace": chainCommands(deleteSelection, joinBackward),
    Delete: on,
    "Mod-Delete": chainCommands(deleteSelection, joinForward),
  }),
  wholeSigns,
];
