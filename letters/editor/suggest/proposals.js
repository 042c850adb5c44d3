// The open suggestions of a letter, as the page shows them.
import { keyOf, proposalsOn, seatOf } from "./marks.js";

/** @import { Node } from "prosemirror-model" */
/** @import { EditorState } from "prosemirror-state" */
/** @import { About } from "./marks.js" */
/** @typedef {ReturnType<typeof newProposal>} Proposal */

/** @type {Record<string, "added" | "deleted">} */
const AFTER = { ins: "added", del: "deleted" };

// What each is about: words that are `added` or `deleted`, and in `acts` what is to happen to blocks:
// "begins" (a paragraph), "joins" (two), or `makes-` and the kind that one is to become. `about` is
// how the first of these blocks goes on.
/**
 * @param {string} key
 * @param {About} about
 */
const newProposal = (key, { id, who }) => ({
  key,
  id,
  who: seatOf(who),
  added: "",
  deleted: "",
  /** @type {string[]} */
  acts: [],
  about: "",
  /** @type {{ act: string, from: number, to: number }[]} */
  pieces: [], // in the order of the letter
});

/** @type {(proposal: Proposal, act: string, text: string, from: number, to: number) => void} */
function noteWords(proposal, act, text, from, to) {
  const says = AFTER[act];
  const last = proposal.pieces.findLast((piece) => piece.act === act);
  if (proposal[says] && last && last.to !== from) proposal[says] += " … ";
  proposal[says] += text;
  proposal.pieces.push({ act, from, to });
}

/** @type {(proposal: Proposal, about: About, node: Node, at: number) => void} */
function noteBlock(proposal, { act, kind }, node, at) {
  proposal.about ||= node.textContent;
  /** @type {Record<string, string>} */
  const meanings = { ins: "begins", del: "joins", kind: `makes-${kind}` };
  const means = meanings[act];
  if (!proposal.acts.includes(means)) proposal.acts.push(means);
  // Between words of the same suggestion it is the break between them.
  const says = AFTER[act];
  const last = says && proposal.pieces.findLast((piece) => piece.act === act);
  if (proposal[says] && last?.to === at - 1) proposal[says] += "\n";
  proposal.pieces.push({ act, from: Math.max(0, at - 1), to: at + 1 });
}

/** @param {Node} doc */
export function findProposals(doc) {
  /** @type {Map<string, Proposal>} */
  const found = new Map();
  doc.descendants((node, at) => {
    for (const each of proposalsOn(node)) {
      const key = keyOf(each);
      const proposal = found.get(key) ?? newProposal(key, each);
      found.set(key, proposal);
      if (node.isTextblock) noteBlock(proposal, each, node, at);
      else noteWords(proposal, each.act, node.text ?? "\n", at, at + node.nodeSize);
    }
  });
  return [...found.values()];
}

// What it says of itself, the most telling first: the names of sentences.
/** @type {(proposal: Pick<Proposal, "added" | "deleted" | "acts">) => string[]} */
export function sayingsOf({ added, deleted, acts }) {
  const words = !added ? deleted && "deletes" : deleted ? "changes" : "adds";
  return words ? [words, ...acts] : acts;
}

// Which of them the caret is in or beside: the one that was marked last.
/** @param {EditorState} state */
export function keyAt({ selection: { $head } }) {
  const beside = [$head.nodeAfter, $head.nodeBefore];
  if ($head.depth && !$head.parentOffset) beside.splice(1, 0, $head.parent);
  for (const node of beside) {
    const last = node && proposalsOn(node).at(-1);
    if (last) return keyOf(last);
  }
  return null;
}
