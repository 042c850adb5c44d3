// What I make of suggestions. A decision is no edit of mine: it is a message to the server, which
// settles one after the other. It names what carried the suggestion when I pressed the button, so
// that nothing is accepted that nobody has seen.
import { tokensOf } from "../text/tokens.js";
import { breaksOf, isProposal } from "./marks.js";

const idsOn = (token) =>
  (token.marker
    ? breaksOf({ attrs: token })
    : token.marks.filter(isProposal).map(({ attrs }) => attrs)
  ).map(({ id }) => id);

function add(ranges, { client, clock }, length) {
  const last = ranges.at(-1);
  if (last && last[0] === client && last[1] + last[2] === clock) last[2] += length;
  else ranges.push([client, clock, length]);
}

// Of each suggestion the Yjs ids of the characters and markers that carry an open mark of it:
// id → [[client, clock, length], …].
export function idsOf(ytext, decided) {
  const found = new Map();
  for (const token of tokensOf(ytext, decided)) {
    for (const id of new Set(idsOn(token))) {
      if (!found.has(id)) found.set(id, []);
      add(found.get(id), token.id, token.length);
    }
  }
  return found;
}

// [{ id, seen, ranges }]: what the message says of the suggestions with these ids.
export function about(ids, ytext, decided) {
  const found = idsOf(ytext, decided);
  return ids
    .filter((id) => found.has(id))
    .map((id) => ({ id, seen: decided.seen(id), ranges: found.get(id) }));
}

// Which suggestions wait for the server, so that nobody decides twice. `outbox` is decisions.js of
// the editor: it answers in the order in which it was asked. `settled(act, done)` hears how one ended:
// not `done` if the other one was quicker; `changed()` whenever one begins or ceases to wait. An act
// is accept, decline, or back: to decline what is mine.
const verdictOf = (act) => (act === "accept" ? "accept" : "decline");

export function decider({ outbox, ytext, decided, settled, changed }) {
  const asked = []; // { act, of, at }, the oldest first

  const until = outbox.onChange((count) => {
    while (asked.length > count) {
      const { act, of } = asked.shift();
      const heard = ({ id, seen }) =>
        decided.seen(id) > seen && decided.verdict(id) === verdictOf(act);
      settled(act, of.some(heard));
    }
    changed();
  });

  const waiting = (id) => asked.find(({ of }) => of.some((each) => each.id === id));

  return {
    // Whether there was anything left to decide.
    decide(act, ids) {
      const of = about(
        ids.filter((id) => !waiting(id)),
        ytext,
        decided,
      );
      if (!of.length) return false;
      asked.push({ act, of, at: performance.now() });
      outbox.decide(of, verdictOf(act));
      return true;
    },
    // Since when this one waits, or null.
    since: (id) => waiting(id)?.at ?? null,
    destroy: until,
  };
}
