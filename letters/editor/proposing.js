// What I type and delete while I suggest becomes a proposal: marks on the words.
//
// An edit is let happen, and turned into a proposal before anything sees it: what it took away is
// put back and marked, what it brought is marked. The letter in Yjs learns only of the marks, so
// words that are proposed to go are never touched there, whatever the edit came from: keys, an
// input method, paste, cut, drop, a spelling checker.
//
// Marks travel on words only (y-prosemirror loses those on blocks and breaks), so a break that is
// proposed in the middle of a paragraph is a sign among the words, and becomes one when accepted.
import { Fragment } from "prosemirror-model";
import { TextSelection } from "prosemirror-state";
import { ReplaceStep } from "prosemirror-transform";
import { schema } from "./schema.js";

export const PARAGRAPH_SIGN = "¶";
export const BREAK_SIGN = "↵";

const { insertion, deletion } = schema.marks;
const { hard_break } = schema.nodes;

const isOwn = (who) => (mark) => mark.attrs.who === who;
const added = (who) => (node) =>
  node.marks.some((mark) => mark.type === insertion && isOwn(who)(mark));

// Is there anything here besides my own proposals?
function hasLetter(fragment, who) {
  let found = false;
  fragment.descendants((node) => {
    found ||= node.isText && !added(who)(node);
  });
  return found;
}

const hasInline = (fragment) => {
  let found = false;
  fragment.descendants((node) => {
    found ||= node.isInline;
  });
  return found;
};

// The ranges that transactions replaced, in the letter before (A) and after them (B), in order.
// A change of kind wraps words anew and replaces none.
export function replaced(transactions) {
  const steps = transactions.flatMap((tr) => tr.steps);
  const maps = steps.map((step) => step.getMap());
  const found = [];
  maps.forEach((map, index) => {
    if (steps[index].gapFrom !== undefined) return;
    map.forEach((fromA, toA, fromB, toB) => {
      for (let i = index - 1; i >= 0; i -= 1) {
        const back = maps[i].invert();
        fromA = back.map(fromA, -1);
        toA = back.map(toA, 1);
      }
      for (let i = index + 1; i < maps.length; i += 1) {
        fromB = maps[i].map(fromB, -1);
        toB = maps[i].map(toB, 1);
      }
      found.push({ fromA, toA, fromB, toB });
    });
  });
  found.sort((a, b) => a.fromA - b.fromA || a.fromB - b.fromB);
  return found.reduce((ranges, next) => {
    const last = ranges.at(-1);
    if (last && (next.fromA <= last.toA || next.fromB <= last.toB)) {
      last.toA = Math.max(last.toA, next.toA);
      last.toB = Math.max(last.toB, next.toB);
    } else ranges.push(next);
    return ranges;
  }, []);
}

// One suggestion for a continuous stretch, and one for words that take the place of others.
function idAt(doc, positions, who) {
  for (const position of positions) {
    const $at = doc.resolve(position);
    const above = $at.depth && !$at.parent.content.size && doc.maybeChild($at.index(0) - 1);
    const nodes = [$at.nodeBefore, $at.nodeAfter, above?.lastChild];
    for (const node of nodes) {
      const mark = node?.marks?.find(
        (each) => (each.type === insertion || each.type === deletion) && isOwn(who)(each),
      );
      if (mark) return mark.attrs.id;
    }
  }
  return crypto.getRandomValues(new Uint32Array(2)).join("");
}

// Paragraphs as one row of words, with signs for what parts them.
function inOneRow(fragment) {
  const row = [];
  fragment.forEach((node, _offset, index) => {
    if (node.isInline) row.push(node);
    else {
      if (index) row.push(schema.text(PARAGRAPH_SIGN));
      node.forEach((child) => row.push(child));
    }
  });
  return Fragment.from(row);
}

function markAdded(tr, from, to, mark) {
  tr.removeMark(from, to, insertion).removeMark(from, to, deletion);
  const breaks = [];
  tr.doc.nodesBetween(from, to, (node, at) => {
    if (node.type === hard_break) breaks.push(at);
    else if (node.isText) {
      tr.addMark(Math.max(from, at), Math.min(to, at + node.nodeSize), mark);
    }
  });
  for (const at of breaks.reverse()) tr.replaceWith(at, at + 1, schema.text(BREAK_SIGN, [mark]));
}

// My own proposed words go for good. Those of the other one stay, marked: what is taken out of a
// suggestion is a suggestion, too.
function markDeleted(tr, from, to, mark) {
  const mine = added(mark.attrs.who);
  const gone = [];
  tr.doc.nodesBetween(from, to, (node, at) => {
    const range = [Math.max(from, at), Math.min(to, at + node.nodeSize)];
    if (!node.isText) return;
    if (mine(node)) gone.push(range);
    else if (!node.marks.some((each) => each.type === deletion && isOwn(mark.attrs.who)(each))) {
      tr.addMark(...range, mark);
    }
  });
  for (const range of gone.reverse()) remove(tr, ...range);
}

// Words go, and with the last of them their paragraph.
export function remove(tr, from, to) {
  tr.delete(from, to);
  const $at = tr.doc.resolve(from);
  if ($at.depth && !$at.parent.content.size && tr.doc.childCount > 1) {
    tr.delete($at.before(), $at.after());
  }
}

// Makes a proposal of one range. Between `from` and `middle` is now what was taken away, from there
// to `after` what was brought.
function propose(tr, before, { fromA, toA, fromB, toB }, who) {
  const $fromA = before.resolve(fromA);
  const $toA = before.resolve(toA);
  const $fromB = tr.doc.resolve(fromB);
  const $toB = tr.doc.resolve(toB);
  const old = before.slice(fromA, toA);
  const now = tr.doc.slice(fromB, toB);
  const id = idAt(before, [fromA, toA], who);

  const across = !$fromA.sameParent($toA);
  const joins =
    across &&
    (hasLetter(old.content, who) ||
      (hasLetter($fromA.parent.content, who) && hasLetter($toA.parent.content, who)));
  const parts =
    !$fromB.sameParent($toB) &&
    hasLetter($fromB.parent.content.cut(0, $fromB.parentOffset), who) &&
    hasLetter($toB.parent.content.cut($toB.parentOffset), who);

  let middle = fromB;
  let after = toB;
  if (joins || parts) {
    tr.step(new ReplaceStep(fromB, toB, old));
    middle += toA - fromA;
    const size = tr.doc.content.size;
    tr.insert(middle, inOneRow(now.content));
    after = middle + tr.doc.content.size - size;
  } else if (!across) {
    const kept = [];
    old.content.forEach((node) => {
      if (node.isInline ? !added(who)(node) : hasLetter(node.content, who)) kept.push(node);
    });
    if (kept.length) {
      const back = Fragment.from(kept);
      tr.insert(fromB, back);
      middle += back.size;
      after += back.size;
      // An empty paragraph that took the place of whole ones is not wanted beside them.
      if (!$fromA.depth && !hasInline(now.content)) {
        tr.delete(middle, after);
        after = middle;
      }
    }
  }
  const typed = after > middle;
  const kept = middle > fromB;
  if (typed) markAdded(tr, middle, after, insertion.create({ id, who }));
  const size = tr.doc.content.size;
  if (kept) markDeleted(tr, fromB, middle, deletion.create({ id, who }));
  after += tr.doc.content.size - size;
  return { from: fromB, after, typed, kept, apart: joins && !typed && !hasInline(old.content) };
}

// `before` and `state` are the editor before and after `transactions`. `apart` says that two
// paragraphs, which cannot be joined by a proposal, have stayed two.
export function asProposal(transactions, before, state, who) {
  const ranges = replaced(transactions);
  if (!ranges.length) return null;
  const { tr } = state;
  const done = ranges.reverse().map((range) => propose(tr, before.doc, range, who));
  if (done.length === 1 && done[0].kept) {
    // Backspace walks back over what it marks; everything else goes on behind it.
    const [{ from, after, typed }] = done;
    const forward = before.selection.empty && before.selection.from === ranges[0].fromA;
    const $caret = tr.doc.resolve(typed || forward ? after : from);
    tr.setSelection(TextSelection.near($caret, typed || forward ? -1 : 1));
  }
  return { tr, apart: done.some(({ apart }) => apart) };
}
