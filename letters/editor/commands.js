// What a letter needs of commands: blocks of one level, marks, a selection. (The whole list of
// prosemirror-commands cannot be taken apart by a bundler, and is 10 KB.)
import { AllSelection } from "prosemirror-state";
import { canSplit } from "prosemirror-transform";

/** @import { Node, NodeType, MarkType } from "prosemirror-model" */
/** @import { Command, EditorState, TextSelection } from "prosemirror-state" */

/**
 * The first of these that has something to do.
 * @type {(...commands: Command[]) => Command}
 */
export const chainCommands =
  (...commands) =>
  (state, dispatch, view) =>
    commands.some((command) => command(state, dispatch, view));

/** @type {Command} */
export function deleteSelection(state, dispatch) {
  if (state.selection.empty) return false;
  dispatch?.(state.tr.deleteSelection().scrollIntoView());
  return true;
}

/** @type {Command} */
export function selectAll(state, dispatch) {
  dispatch?.(state.tr.setSelection(new AllSelection(state.doc)));
  return true;
}

// The blocks that a selection touches, with their positions.
/** @param {EditorState} state */
function blocksIn({ doc, selection: { from, to } }) {
  /** @type {[node: Node, at: number][]} */
  const found = [];
  doc.nodesBetween(from, to, (node, at) => {
    if (node.isTextblock) found.push([node, at]);
    return !node.isTextblock;
  });
  return found;
}

/**
 * Another kind for every block that is selected. What is proposed about them stays proposed.
 * @type {(type: NodeType) => Command}
 */
export const setBlockType = (type) => (state, dispatch) => {
  const other = blocksIn(state).filter(([node]) => node.type !== type);
  if (!other.length) return false;
  if (dispatch) {
    const { tr } = state;
    for (const [node, at] of other) tr.setNodeMarkup(at, type, node.attrs);
    dispatch(tr.scrollIntoView());
  }
  return true;
};

/**
 * Part the block at the caret; `kindOf(block)` is the type of the second half.
 * @type {(kindOf: (block: Node) => NodeType) => Command}
 */
export const splitBlockAs = (kindOf) => (state, dispatch) => {
  const { tr } = state;
  if (!state.selection.empty) tr.deleteSelection();
  const { $from } = tr.selection;
  if (!$from.depth) return false;
  const types = [{ type: kindOf($from.parent) }];
  if (!canSplit(tr.doc, $from.pos, 1, types)) return false;
  dispatch?.(tr.split($from.pos, 1, types).scrollIntoView());
  return true;
};

export const splitBlock = splitBlockAs(({ type }) => type);

// At the very edge of a block: make it one with the block beside it. An empty block before goes itself, so that the other keeps its kind.
/** @type {(side: number) => Command} */
const join = (side) => (state, dispatch, view) => {
  const { $cursor } = /** @type {TextSelection} */ (state.selection);
  if (!$cursor?.depth) return false;
  const edge = side < 0 ? 0 : $cursor.parent.content.size;
  const direction = side < 0 ? "backward" : "forward";
  if (view ? !view.endOfTextblock(direction, state) : $cursor.parentOffset !== edge) return false;
  const at = side < 0 ? $cursor.before() : $cursor.after();
  const $at = state.doc.resolve(at);
  if (!$at.nodeBefore || !$at.nodeAfter) return false;
  if (dispatch) {
    const { nodeSize, content } = $at.nodeBefore;
    const tr = content.size ? state.tr.delete(at - 1, at + 1) : state.tr.delete(at - nodeSize, at);
    dispatch(tr.scrollIntoView());
  }
  return true;
};

export const joinBackward = join(-1);
export const joinForward = join(1);

/**
 * A mark on what is selected, or off it; without a selection, on what is typed next.
 * @type {(type: MarkType) => Command}
 */
export const toggleMark = (type) => (state, dispatch) => {
  const { selection, storedMarks, doc, tr } = state;
  const { empty, $from, ranges } = selection;
  if (empty) {
    if (!$from.parent.isTextblock) return false;
    const on = type.isInSet(storedMarks ?? $from.marks());
    dispatch?.(on ? tr.removeStoredMark(type) : tr.addStoredMark(type.create()));
    return true;
  }
  const on = ranges.some(({ $from: from, $to: to }) => doc.rangeHasMark(from.pos, to.pos, type));
  for (const { $from: from, $to: to } of ranges) {
    if (on) tr.removeMark(from.pos, to.pos, type);
    else tr.addMark(from.pos, to.pos, type.create());
  }
  dispatch?.(tr.scrollIntoView());
  return true;
};
