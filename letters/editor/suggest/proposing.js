// What I do to the letter while I suggest becomes a proposal before anything sees it: words that it
// would take out stay and are marked, words that it would bring are marked, and so are the breaks
// between blocks and their kinds. It does not matter what the edit came from: keys, an input method,
// paste, cut, drop, a spelling checker.
//
// The letter never learns of words that go and come back, so they keep their author.
import { Fragment, Slice } from "prosemirror-model";
import { Selection, TextSelection } from "prosemirror-state";
import { ReplaceAroundStep, ReplaceStep } from "prosemirror-transform";
import { isOfRule } from "../rule.js";
import { schema } from "../schema.js";
import { kindChanges, markSteps, piecesOf, replaced } from "./changes.js";
import { breaksOf, carries, isProposal, plainSlice, proposalsOf, proposalsOn } from "./marks.js";

/** @import { Node, NodeType } from "prosemirror-model" */
/** @import { EditorState, Transaction } from "prosemirror-state" */
/** @import { Transform } from "prosemirror-transform" */
/** @import { Stretch } from "../text/changes.js" */
/** @import { Piece } from "./changes.js" */
/** @import { About } from "./marks.js" */
/** @import { Names } from "./ids.js" */
/** @typedef {{ who: string, names: Names }} By my seat, and the names of what I suggest */
/** @typedef {{ start: number, caret: number, typed: boolean, kept: boolean, done: number }} Made */

const { insertion, deletion } = schema.marks;
const { paragraph } = schema.nodes;

// What the types of ProseMirror keep to themselves.
/** @type {(tr: unknown) => Record<string, unknown>} */
const metaOf = (tr) => /** @type {{ meta: Record<string, unknown> }} */ (tr).meta;
/** @type {(step: unknown) => boolean} */
const structureOf = (step) => /** @type {{ structure: boolean }} */ (step).structure;

// An id of mine that words or a break here already carry, under which more may come.
/** @type {(nodes: (Node | null)[], by: By) => string | null} */
function idOn(nodes, { who, names }) {
  /** @param {About} each */
  const isMine = (each) => each.who === who && each.act !== "kind" && names.goesOn(each.id);
  for (const node of nodes) {
    const mine = node && proposalsOn(node).find(isMine);
    if (mine) return mine.id;
  }
  return null;
}

// One suggestion for a continuous stretch, and one for words that take the place of others.
/** @type {(doc: Node, positions: number[], by: By) => string} */
function idAt(doc, positions, by) {
  for (const position of positions) {
    const $at = doc.resolve(position);
    if (!$at.depth) continue;
    const { parent, parentOffset } = $at;
    const nodes = [$at.nodeBefore, $at.nodeAfter];
    if (!parentOffset) nodes.push(parent);
    if (parentOffset === parent.content.size) nodes.push(doc.maybeChild($at.index(0) + 1));
    const id = idOn(nodes, by);
    if (id) return id;
  }
  return by.names.fresh();
}

/** @type {(tr: Transaction, at: number, breaks: About[], type?: NodeType) => void} */
function setBreaks(tr, at, breaks, type) {
  const node = /** @type {Node} */ (tr.doc.nodeAt(at));
  tr.setNodeMarkup(at, type ?? node.type, { ...node.attrs, proposals: proposalsOf(breaks) });
}

// A block that I propose myself is what I make it; any other keeps its kind until this is accepted.
/** @type {(tr: Transaction, at: number, type: NodeType, id: string, by: By) => void} */
function proposeKind(tr, at, type, id, { who, names }) {
  const node = /** @type {Node} */ (tr.doc.nodeAt(at));
  const breaks = breaksOf(node);
  if (carries(node, "ins", who)) return setBreaks(tr, at, breaks, type);
  const mine = breaks.filter((each) => each.act === "kind" && each.who === who);
  if (mine.some(({ kind }) => kind === type.name)) return;
  const rest = breaks.filter((each) => !mine.includes(each));
  // Who has seen something else of this block under this id must not accept this with it.
  const fresh = breaks.some((each) => each.id === id) ? names.fresh() : id;
  if (type !== node.type) rest.push({ act: "kind", id: fresh, who, kind: type.name });
  setBreaks(tr, at, rest);
}

// My own proposals go for good. What the other one proposes stays, marked: what is taken out of a
// suggestion is a suggestion, too.
/** @type {(tr: Transaction, pieces: Piece[], id: string, who: string) => void} */
function markDeleted(tr, pieces, id, who) {
  /** @type {{ from: number, to: number }[]} */
  const gone = [];
  for (const { from, to, node, at } of pieces) {
    if (carries(node, "ins", who)) {
      const last = gone.at(-1);
      if (last?.to === from) last.to = to;
      else gone.push({ from, to });
    } else if (!carries(node, "del", who)) {
      if (node.isTextblock) {
        // A block that is no more needs no kind.
        const rest = breaksOf(node).filter((each) => each.act !== "kind" || each.who !== who);
        setBreaks(tr, at, [...rest, { act: "del", id, who }]);
      } else tr.addMark(from, to, deletion.create({ id, who }));
    }
  }
  for (const { from, to } of gone.reverse()) tr.step(new ReplaceStep(from, to, Slice.empty));
}

// What is brought, each part after a break as the block that it begins.
/** @type {(pieces: Piece[], id: string, who: string) => Slice} */
function asAdded(pieces, id, who) {
  /** @type {{ type: NodeType, content: Node[] }[]} */
  const parts = [{ type: paragraph, content: [] }];
  for (const { node } of pieces) {
    if (node.isTextblock) parts.push({ type: node.type, content: [] });
    else {
      const marks = node.marks.filter((mark) => !isProposal(mark));
      const mark = insertion.create({ id, who });
      parts[parts.length - 1].content.push(node.mark(mark.addToSet(marks)));
    }
  }
  const proposals = proposalsOf([{ act: "ins", id, who }]);
  const blocks = parts.map(({ type, content }, index) =>
    type.create(index ? { proposals } : null, Fragment.fromArray(content)),
  );
  return new Slice(Fragment.from(blocks), 1, 1);
}

/** @param {Piece} piece */
const isWords = ({ node }) => node.isInline;

// Makes a proposal of one range. `before` is the letter before the edit, `after` the one that the
// edit would make of it; `tr` has changed nothing before this range's end yet.
/** @type {(tr: Transaction, before: Node, after: Node, range: Stretch, by: By) => Made} */
function propose(tr, before, after, range, by) {
  const { who } = by;
  const $from = before.resolve(range.fromA);
  let { fromA, toA, toB } = range;
  // In front of everything nothing can be put, so the first block takes the kind of the new one.
  if (!fromA && before.nodeAt(toA)?.isTextblock && after.nodeAt(toB)?.isTextblock) {
    toA += 1;
    toB += 1;
  }
  const old = piecesOf(before, fromA, toA);
  const now = piecesOf(after, range.fromB, toB);
  /** @param {Piece} piece */
  const stays = ({ node }) => !carries(node, "ins", who);
  const id = idAt(before, [Math.max(fromA, 1), toA], by);
  const end = old.at(-1)?.to ?? ($from.depth ? fromA : fromA - 1);

  // An empty paragraph that took the place of whole ones is not wanted beside them.
  const filler = !$from.depth && now.length === 1 && now[0].node.isTextblock && old.some(stays);
  if (filler && !now[0].node.content.size && old.some(isWords)) now.pop();
  const head = old[0]?.node.isTextblock ? old[0] : null;
  if (head && (now[0]?.node.isTextblock || !head.at)) {
    old.shift();
    const { node } = now[0]?.node.isTextblock ? /** @type {Piece} */ (now.shift()) : head;
    const written = !head.at && old.some((piece) => isWords(piece) && stays(piece));
    if (node.type !== head.node.type && !written) proposeKind(tr, head.at, node.type, id, by);
  }

  let caret = end;
  if (now.length) {
    const added = asAdded(now, id, who);
    tr.step(new ReplaceStep(end, end, added));
    caret += added.size;
  }
  const done = tr.steps.length;
  markDeleted(tr, old, id, who);
  const kept = old.some(stays);
  caret = tr.mapping.slice(done).map(caret, now.length ? 1 : -1);
  const start = old[0]?.from ?? end;
  return { start, caret, typed: now.length > 0, kept, done: tr.steps.length };
}

// Backspace walks back over what it marks; everything else goes on behind it.
/** @type {(tr: Transaction, made: Made[], ranges: Stretch[], selection: Selection) => void} */
function setCaret(tr, made, ranges, selection) {
  const typed = made.find((each) => each.typed);
  const one = typed ?? (made.length === 1 ? made[0] : null);
  if (!one) return;
  const forward = selection.empty && selection.from === ranges[0].fromA;
  const at = typed || (one.kept && forward) ? one.caret : one.start;
  const $at = tr.doc.resolve(tr.mapping.slice(one.done).map(at));
  tr.setSelection(TextSelection.near($at, typed || forward ? -1 : 1));
}

// The kind of a block whose words are all mine is of one piece with them.
/** @type {(block: Node, by: By) => string | null} */
function idOfKind({ content }, by) {
  const ids = new Set(content.content.map((node) => idOn([node], by)));
  return ids.size === 1 ? [...ids][0] : null;
}

// The transaction that proposes what `change` (a transform of `state.doc`) would do.
// `by`: { who: my seat, names: ids.js }.
/** @type {(change: Transform, state: EditorState, by: By) => Transaction} */
export function proposalOf(change, state, by) {
  const { tr, doc: before, selection } = state;
  const ranges = replaced(change).reverse();
  const kinds = kindChanges(change, before);
  for (const step of markSteps(change)) tr.maybeStep(step);
  /** @type {string | null} */
  let shared = null; // one act, one suggestion
  for (const { at, type } of kinds) {
    const id = idOfKind(/** @type {Node} */ (before.nodeAt(at)), by) ?? (shared ??= by.names.fresh());
    proposeKind(tr, at, type, id, by);
  }
  const made = ranges.map((range) => propose(tr, before, change.doc, range, by));
  setCaret(tr, made, ranges, selection);
  return tr;
}

/** @type {(tr: Transaction, from: Transaction) => Transaction} */
function likewise(tr, from) {
  for (const [name, value] of Object.entries(metaOf(from))) {
    // The rule takes itself back by its steps, and would find a letter without them.
    if (!isOfRule(name)) tr.setMeta(name, value);
  }
  if (from.storedMarksSet) tr.setStoredMarks(from.storedMarks);
  return from.scrolledIntoView ? tr.scrollIntoView() : tr;
}

/** @param {Transform} change */
const isEdit = (change) =>
  change.steps.some((step) => step instanceof ReplaceStep || step instanceof ReplaceAroundStep);

// A transaction of mine while I suggest, as the one to dispatch in its place.
/** @type {(tr: Transaction, state: EditorState, by: By) => Transaction} */
export function asProposal(tr, state, by) {
  return isEdit(tr) ? likewise(proposalOf(tr, state, by), tr) : tr;
}

/** @param {Slice} slice */
const hasProposals = ({ content }) => {
  let found = false;
  content.descendants((node) => {
    found ||= proposalsOn(node).length > 0;
  });
  return found;
};

// While I write: what I put among words that are to go does not go with them, nor is it part of
// what the other one proposes; and a block that becomes another kind keeps what is proposed about it.
/** @type {(tr: Transaction, state: EditorState) => Transaction} */
export function asWriting(tr, state) {
  let other = false;
  const steps = tr.steps.map((step, index) => {
    if (step instanceof ReplaceAroundStep) {
      const node = tr.docs[index].nodeAt(step.from);
      const now = step.slice.content.firstChild;
      if (!node?.attrs.proposals || !now || now.attrs.proposals) return step;
      other = true;
      const block = now.type.create({ ...now.attrs, proposals: node.attrs.proposals });
      const slice = new Slice(Fragment.from(block), step.slice.openStart, step.slice.openEnd);
      const { from, to, gapFrom, gapTo, insert } = step;
      return new ReplaceAroundStep(from, to, gapFrom, gapTo, slice, insert, structureOf(step));
    }
    if (!(step instanceof ReplaceStep) || !hasProposals(step.slice)) return step;
    other = true;
    return new ReplaceStep(step.from, step.to, plainSlice(step.slice), structureOf(step));
  });
  // The first marker stays whatever goes, and so does what is proposed about it.
  const { proposals } = /** @type {Node} */ (state.doc.firstChild).attrs;
  /** @param {Node} doc */
  const isFirst = ({ firstChild }) =>
    JSON.stringify(/** @type {Node} */ (firstChild).attrs.proposals) === JSON.stringify(proposals);
  if (!other && isFirst(tr.doc)) return tr;
  const done = steps.reduce((all, step) => all.step(step), state.tr);
  const was = done.mapping.mapResult(0, 1);
  const moved = was.pos && !was.deletedAfter ? done.doc.nodeAt(was.pos) : null;
  if (moved?.isTextblock) done.setNodeMarkup(was.pos, null, { proposals: null });
  if (!isFirst(done.doc)) done.setNodeMarkup(0, null, { proposals });
  done.setSelection(Selection.fromJSON(done.doc, tr.selection.toJSON()));
  return likewise(done, tr);
}
