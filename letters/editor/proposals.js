// The open proposals of a letter, and what becomes of them.
import { BREAK_SIGN, PARAGRAPH_SIGN, remove } from "./proposing.js";
import { SEATS, schema } from "./schema.js";

const { insertion, deletion } = schema.marks;
const { hard_break, line, paragraph } = schema.nodes;

// Marks come from the other browser: what they say is only ever compared and shown as text.
const short = (value) => String(value).slice(0, 40);
export const keyOf = ({ attrs: { id, who } }) => `${short(who)} ${short(id)}`;
export const isProposal = ({ type }) => type === insertion || type === deletion;

// In the order of the letter: [{ key, who, deleted, added, pieces: [{ from, to, mark }] }], where
// `who` is "" if nobody knows.
export function findProposals(doc) {
  const found = new Map();
  doc.descendants((node, from) => {
    if (!node.isText) return;
    for (const mark of node.marks) {
      if (!isProposal(mark)) continue;
      const key = keyOf(mark);
      if (!found.has(key)) {
        const who = SEATS.includes(mark.attrs.who) ? mark.attrs.who : "";
        found.set(key, { key, who, deleted: "", added: "", pieces: [] });
      }
      const proposal = found.get(key);
      const says = mark.type === insertion ? "added" : "deleted";
      const last = proposal.pieces.findLast((piece) => piece.mark.type === mark.type);
      if (last && last.to !== from) proposal[says] += last.to + 1 === from ? "\n" : " … ";
      proposal[says] += node.text;
      proposal.pieces.push({ from, to: from + node.nodeSize, mark });
    }
  });
  return [...found.values()];
}

// Where a sign for a break stood among the words is a break now.
function unfold(tr, from, to) {
  const text = tr.doc.textBetween(from, to, "", " ");
  for (let i = text.length - 1; i >= 0; i -= 1) {
    const at = from + i;
    if (text[i] === BREAK_SIGN) tr.replaceWith(at, at + 1, hard_break.create());
    if (text[i] !== PARAGRAPH_SIGN) continue;
    const type = tr.doc.resolve(at).parent.type === line ? line : paragraph;
    tr.delete(at, at + 1).split(at, 1, [{ type }]);
  }
}

// Put `proposals` into the letter, or back out of it. Words that stay are not written anew: they
// lose a mark and keep their author.
export function settle(tr, proposals, accepted) {
  const pieces = proposals.flatMap((proposal) => proposal.pieces);
  const { doc } = tr;
  for (const { from: start, to: end, mark } of pieces) {
    let from = tr.mapping.map(start, 1);
    const to = tr.mapping.map(end, -1);
    if (from >= to) continue; // gone with another one
    if ((mark.type === insertion) === accepted) {
      tr.removeMark(from, to, mark);
      if (mark.type === insertion) unfold(tr, from, to);
      continue;
    }
    // A break between two words that go, goes with them.
    const key = keyOf(mark);
    const parted = pieces.some((other) => other.to === start - 1 && keyOf(other.mark) === key);
    if (parted && doc.nodeAt(start - 1)?.type === hard_break) from -= 1;
    remove(tr, from, to);
  }
  return tr;
}
