// What I make of suggestions. A decision is no edit of mine: it is a message to the server, which
// settles one after the other. It names what carried the suggestion when I pressed the button, so
// that nothing is accepted that nobody has seen.
import { breaksOf, isProposal, seatOf } from "./marks.js";
import { tokensOf } from "../text/tokens.js";

function idsOn(token) {
  if (!token.marker) return token.marks.filter(isProposal).map(({ attrs }) => attrs);
  return breaksOf({ attrs: token });
}

function add(ranges, { client, clock }, length) {
  const last = ranges.at(-1);
  if (last && last[0] === client && last[1] + last[2] === clock) last[2] += length;
  else ranges.push([client, clock, length]);
}

// Of each suggestion the Yjs ids of the characters and markers that carry an open mark of it:
// id → [[client, clock, length], …]. Only marks of `seat` count, if one is given.
export function idsOf(ytext, decided, seat = null) {
  const found = new Map();
  for (const token of tokensOf(ytext, decided)) {
    const ids = new Set();
    for (const { id, who } of idsOn(token)) if (seat === null || seatOf(who) === seat) ids.add(id);
    for (const id of ids) {
      if (!found.has(id)) found.set(id, []);
      add(found.get(id), token.id, token.length);
    }
  }
  return found;
}

// [{ id, seen, ranges }] for the suggestions with these ids: what the message says.
export function about(ids, ytext, decided) {
  const found = idsOf(ytext, decided);
  return ids
    .filter((id) => found.has(id))
    .map((id) => ({ id, seen: decided.seen(id), ranges: found.get(id) }));
}

// Which suggestions wait for an answer, and for how long. `decide(verdict, of)` sends the message
// and returns a promise of the answer; `changed()` is called when one begins or ceases to wait.
export function waitingRoom({ decide, read, changed }) {
  const waiting = new Map(); // id → when it was pressed

  // How it ended: "done", or "late" if the other one was quicker.
  async function send(verdict, ids) {
    const { ytext, decided } = read();
    const of = about(
      ids.filter((id) => !waiting.has(id)),
      ytext,
      decided,
    );
    if (!of.length) return "late";
    for (const { id } of of) waiting.set(id, performance.now());
    changed();
    await decide(verdict, of);
    for (const { id } of of) waiting.delete(id);
    changed();
    const heard = of.some(({ id, seen }) => decided.seen(id) > seen && decided.verdict(id) === verdict);
    return heard ? "done" : "late";
  }

  return { send, has: (id) => waiting.has(id), since: (id) => waiting.get(id) };
}
