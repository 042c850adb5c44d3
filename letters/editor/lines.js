// Lines from elsewhere.
import { Selection } from "prosemirror-state";
import { schema } from "./schema.js";
import { bindingOf } from "./text/binding.js";

/** @import { Node, NodeType } from "prosemirror-model" */
/** @import { EditorView } from "prosemirror-view" */
/** @typedef {{ atCursor?: boolean, also?: () => void }} How where lines go, and what belongs to them in Yjs */

const { line, closing, signature } = schema.nodes;
/** @type {NodeType[]} */
const GOODBYES = [closing, signature];

/** @type {(node: Node) => boolean} */
const isBlank = (node) => node.type !== signature && !node.content.size;

// Where a line goes when nobody has put the cursor anywhere: the end, before the goodbyes.
/** @param {Node} doc */
function endOfBody(doc) {
  let index = doc.childCount;
  while (index > 0 && GOODBYES.includes(doc.child(index - 1).type)) index -= 1;
  let position = 0;
  for (let i = 0; i < index; i += 1) position += doc.child(i).nodeSize;
  return { position, before: index ? doc.child(index - 1) : null };
}

/** @type {(view: EditorView, text: string, how: How) => boolean} */
export function insertLine(view, text, how) {
  const words = text.replace(/\s+/g, " ").trim();
  if (!words) return false;
  return insertBlocks(view, [line.create(null, schema.text(words))], how);
}

// What was put in comes into view; only a letter with the focus knows where its caret is.
/** @param {EditorView} view */
export function goToCaret(view) {
  view.focus();
  view.dispatch(view.state.tr.scrollIntoView());
}

// After the block with the cursor, or in place of it where it is empty; one step for undo, together
// with what `also` does in Yjs. Whether the letter took them.
/** @type {(view: EditorView, nodes: Node[], how: How) => boolean} */
export function insertBlocks(view, nodes, { atCursor, also = () => {} }) {
  const { doc, selection, tr } = view.state;
  const binding = bindingOf(view.state);
  let from;
  let to;
  if (atCursor) {
    const { $to } = selection;
    from = to = $to.depth ? $to.after(1) : $to.pos;
    const current = $to.depth ? $to.node(1) : null;
    if (current && isBlank(current)) from = to - current.nodeSize;
  } else {
    const { position, before } = endOfBody(doc);
    from = to = position;
    if (before && isBlank(before)) from = to - before.nodeSize;
  }
  binding.undo.stopCapturing();
  tr.replaceWith(from, to, nodes);
  const end = nodes.reduce((size, node) => size + node.nodeSize, from);
  tr.setSelection(Selection.near(tr.doc.resolve(end - 1), -1));
  return binding.together(tr.scrollIntoView(), also);
}
