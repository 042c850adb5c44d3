// What a transaction did to the letter, whatever it came from: which stretches it replaced, and
// which blocks it made another kind.
import { Mapping, ReplaceAroundStep, StepMap } from "prosemirror-transform";
import { stretchesOf, touches } from "../text/changes.js";

/** @import { Node, NodeType } from "prosemirror-model" */
/** @import { Step, Transform } from "prosemirror-transform" */
/** @typedef {{ from: number, to: number, node: Node, at: number }} Piece */

/** @type {(step: Step) => step is ReplaceAroundStep} */
const isKind = (step) => step instanceof ReplaceAroundStep;

/** @type {(maps: readonly StepMap[], index: number) => { back: Mapping, on: Mapping }} */
function around(maps, index) {
  return {
    back: new Mapping(maps.slice(0, index).map((map) => map.invert()).reverse()),
    on: new Mapping(maps.slice(index + 1)),
  };
}

// The ranges in the letter before (A) and after (B), in order. A change of kind wraps words anew
// and replaces none.
/** @param {Transform} change */
export const replaced = ({ steps }) =>
  stretchesOf(steps, (step, map, add) => isKind(step) || map.forEach(add), touches);

// Blocks that were there before and are of another kind now: [{ at, type }], `at` in A.
/** @type {(change: Transform, before: Node) => { at: number, type: NodeType }[]} */
export function kindChanges({ steps, mapping: { maps }, doc }, before) {
  /** @type {Map<number, NodeType>} */
  const found = new Map();
  steps.forEach((step, index) => {
    if (!isKind(step)) return;
    const { back, on } = around(maps, index);
    const at = back.map(step.from, 1);
    const was = at < before.content.size ? before.nodeAt(at) : null;
    const now = doc.nodeAt(on.map(step.from, 1));
    // A block that came with this transaction is part of what was replaced.
    if (was?.isTextblock && now?.isTextblock) found.set(at, now.type);
  });
  return [...found]
    .map(([at, type]) => ({ at, type }))
    .filter(({ at, type }) => before.nodeAt(at)?.type !== type);
}

// Steps without ranges (bold, italic, notes) where they would be in A.
/** @param {Transform} change */
export function markSteps({ steps, mapping: { maps } }) {
  return steps.flatMap((step, index) => {
    if (isKind(step) || step.getMap() !== StepMap.empty) return [];
    return step.map(around(maps, index).back) ?? [];
  });
}

// A stretch as a row of pieces, each with its place and its node: words, soft breaks, and blocks for
// the break that each begins with. The first block has none, but stands for its kind.
/** @type {(doc: Node, from: number, to: number) => Piece[]} */
export function piecesOf(doc, from, to) {
  /** @type {Piece[]} */
  const found = [];
  doc.nodesBetween(from, to, (node, at) => {
    if (node.isTextblock) {
      if (at >= from) found.push({ from: Math.max(0, at - 1), to: at + 1, node, at });
      return true;
    }
    const start = Math.max(from, at);
    const end = Math.min(to, at + node.nodeSize);
    if (start < end) {
      const cut = node.isText ? node.cut(start - at, end - at) : node;
      found.push({ from: start, to: end, node: cut, at: start });
    }
    return false;
  });
  return found;
}
