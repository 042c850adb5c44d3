// What transactions of ProseMirror changed, as ranges of the page before and after all of them.
import { AddMarkStep, AddNodeMarkStep, AttrStep, RemoveMarkStep, RemoveNodeMarkStep } from "prosemirror-transform";

/** @import { Node } from "prosemirror-model" */
/** @import { Transaction } from "prosemirror-state" */
/** @import { Step, StepMap, Transform } from "prosemirror-transform" */
/** @typedef {{ fromA: number, toA: number, fromB: number, toB: number }} Stretch */
/** @typedef {(fromA: number, toA: number, fromB: number, toB: number) => void} Add */

// A step of marks or attributes moves nothing, so its map is empty.
/** @type {(step: Step) => [from: number, to: number] | null} */
function touched(step) {
  if (step instanceof AddMarkStep || step instanceof RemoveMarkStep) return [step.from, step.to];
  if (
    step instanceof AttrStep ||
    step instanceof AddNodeMarkStep ||
    step instanceof RemoveNodeMarkStep
  ) {
    return [step.pos, step.pos + 1];
  }
  return null;
}

/**
 * Stretches that steps have changed, [{ fromA, toA, fromB, toB }] in order: A is before all of them,
 * B after. `ofStep(step, map, add)` names those of one step; two that `meet(last, next)` are one.
 * @param {readonly Step[]} steps
 * @param {(step: Step, map: StepMap, add: Add) => void} ofStep
 * @param {(last: Stretch, next: Stretch) => boolean} meet
 */
export function stretchesOf(steps, ofStep, meet) {
  const maps = steps.map((step) => step.getMap());
  /** @type {Stretch[]} */
  const found = [];
  steps.forEach((step, index) => {
    ofStep(step, maps[index], (fromA, toA, fromB, toB) => {
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
  /** @type {Stretch[]} */
  const stretches = [];
  for (const next of found) {
    const last = stretches.at(-1);
    if (last && meet(last, next)) {
      last.toA = Math.max(last.toA, next.toA);
      last.fromB = Math.min(last.fromB, next.fromB);
      last.toB = Math.max(last.toB, next.toB);
    } else stretches.push(next);
  }
  return stretches;
}

/**
 * Does the next stretch begin where the last one ends, or before?
 * @type {(last: Stretch, next: Stretch) => boolean}
 */
export const touches = (last, next) => next.fromA <= last.toA || next.fromB <= last.toB;

// What only touches stays apart: the more is known of where something went, the more keeps its ids.
// Around the first marker all is one.
/** @type {(last: Stretch, next: Stretch) => boolean} */
const isOver = (last, next) =>
  next.fromA < last.toA || next.fromB < last.toB || (last.fromA === 0 && touches(last, next));

/**
 * What transactions changed, stretch by stretch, none over the next.
 * @param {readonly Transform[]} transactions
 */
export const changesOf = (transactions) =>
  stretchesOf(
    transactions.flatMap((tr) => tr.steps),
    (step, map, add) => {
      const range = touched(step);
      if (range) add(...range, ...range);
      else map.forEach(add);
    },
    isOver,
  );

// How many signs people would count: one for each character and soft break.
/** @param {string} text */
const points = (text) => {
  let count = text.length;
  for (let i = 1; i < text.length; i += 1) {
    const low = text.charCodeAt(i);
    if (low >= 0xdc00 && low <= 0xdfff) {
      const high = text.charCodeAt(i - 1);
      if (high >= 0xd800 && high <= 0xdbff) count -= 1;
    }
  }
  return count;
};

/** @type {(doc: Node, from: number, to: number) => number} */
function sizeBetween(doc, from, to) {
  let size = 0;
  doc.nodesBetween(from, to, (node, at) => {
    if (node.isTextblock) {
      if (at >= from && at < to) size += 1;
      return true;
    }
    const start = Math.max(0, from - at);
    const end = Math.min(node.nodeSize, to - at);
    if (end > start) size += node.isText ? points(/** @type {string} */ (node.text).slice(start, end)) : 1;
    return false;
  });
  return size;
}

/**
 * The size of a letter as the limit counts it: characters, and one for every block but the first.
 * @param {Node} doc
 */
export const sizeOf = (doc) => sizeBetween(doc, 0, doc.content.size) - 1;

/**
 * How much longer transactions make a letter; looks only where they changed something.
 * @param {readonly Transaction[]} transactions
 */
export const growthOf = (transactions) => {
  const edits = transactions.filter((tr) => tr.docChanged);
  if (!edits.length) return 0;
  const before = edits[0].before;
  const after = edits[edits.length - 1].doc;
  return changesOf(edits).reduce(
    (sum, { fromA, toA, fromB, toB }) =>
      sum + sizeBetween(after, fromB, toB) - sizeBetween(before, fromA, toA),
    0,
  );
};
