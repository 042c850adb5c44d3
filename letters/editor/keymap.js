// What the keys do. Undo and redo are Yjs's: they take back my own words only.
import {
  baseKeymap,
  chainCommands,
  exitCode,
  setBlockType,
  splitBlockAs,
  toggleMark,
} from "prosemirror-commands";
import { undoInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { redoCommand, undoCommand } from "y-prosemirror";
import { schema } from "./schema.js";

const { paragraph, line, salutation, hard_break } = schema.nodes;

const lineBreak = chainCommands(exitCode, (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(hard_break.create(), true).scrollIntoView());
  return true;
});

// Enter on an empty line (or closing, or signature) leaves it for a paragraph.
const leaveEmpty = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if (!empty || $from.parent.content.size || $from.parent.type === paragraph) return false;
  return setBlockType(paragraph)(state, dispatch);
};

// At the very beginning: make room above and keep the block what it is.
const roomAbove = (state, dispatch) => {
  const { $from, empty } = state.selection;
  const { parent } = $from;
  if (!empty || $from.parentOffset || !parent.content.size) return false;
  const above = parent.type === line ? line : paragraph;
  dispatch?.(state.tr.insert($from.before(), above.create()).scrollIntoView());
  return true;
};

const split = splitBlockAs((node) => ({ type: node.type === line ? line : paragraph }));

// Backspace at the start of a line, closing or signature takes its kind away first.
const plainAgain = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if (!empty || $from.parentOffset || $from.parent.type === paragraph) return false;
  if ($from.parent.type === salutation && $from.index(0) === 0) return false;
  return setBlockType(paragraph)(state, dispatch);
};

export const keys = (extra = {}) => [
  keymap({
    ...extra,
    "Mod-b": toggleMark(schema.marks.strong),
    "Mod-i": toggleMark(schema.marks.em),
    "Mod-z": undoCommand,
    "Mod-y": redoCommand,
    "Mod-Shift-z": redoCommand,
    Enter: chainCommands(leaveEmpty, roomAbove, split),
    "Shift-Enter": lineBreak,
    "Mod-Enter": lineBreak,
    Backspace: chainCommands(undoInputRule, plainAgain),
  }),
  keymap(baseKeymap),
];
