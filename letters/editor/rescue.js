// Words that a structural change would swallow.
//
// Yjs cannot rename an element, so making a paragraph a line replaces it, and joining two blocks
// moves the text of one. What I typed into the old element meanwhile is deleted with it, although
// nobody meant to delete it, and my cursor is left behind. This puts both into the new place.
// Each page looks after the words it typed itself, so they come back once. Undoing such a change
// replaces the element again, and again the cursor has to follow.
import { TextSelection } from "prosemirror-state";
import * as Y from "yjs";
import { schema } from "./schema.js";

const LEAF = "\ufffc"; // one character for one position, as ProseMirror counts
const textOf = (node) => node.textBetween(0, node.content.size, "", LEAF);

// A block that died in this transaction: the text that its remover `known`, and what they could
// not know, `mine`: [{ offset in known, text }].
function remains(element, { deleteSet }, isMineAndUnseen) {
  let known = "";
  const mine = [];
  function walk(item) {
    for (; item; item = item.right) {
      if (!Y.isDeleted(deleteSet, item.id)) continue; // gone before
      const { content } = item;
      if (content.type instanceof Y.XmlText) walk(content.type._start);
      else if (content.type instanceof Y.XmlElement) known += LEAF;
      else if (content instanceof Y.ContentString) {
        if (isMineAndUnseen(item)) mine.push({ offset: known.length, text: content.str });
        else known += content.str;
      }
    }
  }
  walk(element._start);
  return { known, mine };
}

// Where that text is now, or null. `at` is the place among today's blocks where the dead one was,
// `nth` how many died between it and the last survivor before it.
function newHome(doc, { at, nth, known, isNew, isUntouched }) {
  const textStart = (index) => {
    let start = 1;
    for (let i = 0; i < index; i += 1) start += doc.child(i).nodeSize;
    return start;
  };
  const within = (index) => {
    const found = textOf(doc.child(index)).lastIndexOf(known);
    return found < 0 ? null : textStart(index) + found;
  };
  const exists = (index) => index >= 0 && index < doc.childCount;

  // Replaced by another kind: a new block in the same place.
  if (exists(at + nth) && isNew(at + nth)) {
    const home = within(at + nth);
    if (home !== null) return home;
  }
  // Joined with a neighbour: a block from before that has changed.
  if (!known) return null;
  for (const index of [at - 1, at]) {
    if (!exists(index) || isNew(index) || isUntouched(doc.child(index))) continue;
    const home = within(index);
    if (home !== null) return home;
  }
  return null;
}

// Put `mine` back; returns how long it is.
function putBack(tr, home, mine) {
  let length = 0;
  for (const { offset, text } of mine) {
    tr.insertText(text, home + offset + length);
    length += text.length;
  }
  return length;
}

function putApart(tr, at, mine) {
  const words = mine.map(({ text }) => text).join("");
  let position = 0;
  for (let i = 0; i < at; i += 1) position += tr.doc.child(i).nodeSize;
  tr.insert(position, schema.nodes.paragraph.create(null, schema.text(words)));
  return position + 1 + words.length;
}

export function rescue(view, fragment, origin) {
  const { doc } = fragment;
  let incoming = null; // the update being applied
  let before = null; // the letter as it was
  const concerns = (transaction) =>
    transaction.origin === origin || transaction.origin instanceof Y.UndoManager;

  function note(transaction) {
    if (!concerns(transaction)) return;
    before = { state: view.state, blocks: fragment.toArray() };
  }

  function restoreBlock(index, transaction, unseen) {
    const { state, blocks } = before;
    const { known, mine } = remains(blocks[index], transaction, unseen);
    const { $head, empty } = state.selection;
    const held = empty && $head.depth === 1 && $head.index(0) === index;
    if (!mine.length && !held) return;

    const now = fragment.toArray();
    const { tr } = view.state;
    if (tr.doc.childCount !== now.length) return;
    let last = index - 1;
    while (last >= 0 && blocks[last]._item.deleted) last -= 1;
    const at = last < 0 ? 0 : now.indexOf(blocks[last]) + 1;

    const home = newHome(tr.doc, {
      at,
      nth: index - last - 1,
      known,
      isNew: (i) => !blocks.includes(now[i]),
      isUntouched: (node) => state.doc.content.content.includes(node),
    });
    let cursor;
    if (home !== null) {
      const length = known.length + putBack(tr, home, mine);
      cursor = home + Math.min($head.parentOffset, length);
    } else if (mine.length) {
      cursor = putApart(tr, at, mine);
    } else return;
    if (held) tr.setSelection(TextSelection.near(tr.doc.resolve(cursor), -1));
    view.dispatch(tr);
  }

  function restore(transaction) {
    if (!concerns(transaction) || !before) return;
    const { state, blocks } = before;
    const lost = blocks.flatMap((block, index) => (block._item.deleted ? [index] : []));
    if (lost.length && state.doc.childCount === blocks.length) {
      const remote = transaction.origin === origin && incoming;
      const ds = remote ? Y.decodeUpdate(incoming).ds : transaction.deleteSet;
      const unseen = ({ id }) => id.client === doc.clientID && !Y.isDeleted(ds, id);
      lost.forEach((index) => restoreBlock(index, transaction, unseen));
    }
    before = null;
  }

  doc.on("beforeTransaction", note);
  doc.on("afterTransaction", restore);
  return {
    arriving: (update) => (incoming = update),
    destroy() {
      doc.off("beforeTransaction", note);
      doc.off("afterTransaction", restore);
    },
  };
}
