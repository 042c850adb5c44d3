// What I make of suggestions. A decision is no edit of mine: it is a message to the server, which
// settles one after the other. It names what carried the suggestion when I pressed the button, so
// that nothing is accepted that nobody has seen.
import { rangesIn, tokensOf } from "../text/tokens.js";
import { breaksOf, isProposal } from "./marks.js";

/** @import { Doc, Text as YText } from "yjs" */
/** @import { About, Decisions } from "../decisions.js" */
/** @import { Range, Token } from "../text/tokens.js" */
/** @import { Decided } from "./decided.js" */
/** @typedef {{ act: string, of: About[], at: number, answered: boolean }} Asked */

/** @type {(token: Token) => string[]} */
const idsOn = (token) =>
  (token.marker
    ? breaksOf({ attrs: token })
    : token.marks.filter(isProposal).map(({ attrs }) => attrs)
  ).map(({ id }) => id);

// Of each suggestion the Yjs ids of the characters and markers that carry an open mark of it:
// id → [[client, clock, length], …].
/** @type {(ytext: YText, decided: Decided) => Map<string, Range[]>} */
export function idsOf(ytext, decided) {
  /** @type {Map<string, Token[]>} */
  const found = new Map();
  for (const token of tokensOf(ytext, decided)) {
    for (const id of new Set(idsOn(token))) {
      if (!found.has(id)) found.set(id, []);
      found.get(id)?.push(token);
    }
  }
  return new Map([...found].map(([id, tokens]) => [id, rangesIn(tokens)]));
}

// [{ id, seen, ranges }]: what the message says of the suggestions with these ids.
/** @type {(ids: string[], ytext: YText, decided: Decided) => About[]} */
export function about(ids, ytext, decided) {
  const found = idsOf(ytext, decided);
  return ids
    .filter((id) => found.has(id))
    .map((id) => ({ id, seen: decided.seen(id), ranges: found.get(id) ?? [] }));
}

/** @param {string} act */
const verdictOf = (act) => (act === "accept" ? "accept" : "decline");

const GRACE = 1000; // between the server's answer and its edit

// Which suggestions wait for the server, so that nobody decides twice. `outbox` is decisions.js of
// the editor: it answers in the order in which it was asked. `settled(act, done)` hears how one ended:
// not `done` if the other one was quicker; `changed()` whenever one begins or ceases to wait. An act
// is accept, decline, or back: to decline what is mine.
/**
 * @param {{
 *   outbox: Pick<Decisions, "decide" | "onChange">,
 *   doc: Doc,
 *   decided: Decided,
 *   settled: (act: string, done: boolean) => void,
 *   changed: () => void,
 * }} around
 */
export function decider({ outbox, doc, decided, settled, changed }) {
  const ytext = doc.getText("letter");
  const facts = doc.getMap("decided");
  /** @type {Asked[]} */
  let asked = []; // { act, of, at, answered }, the oldest first

  /** @param {Asked} one */
  const isFact = ({ act, of }) =>
    of.some(({ id, seen }) => decided.seen(id) > seen && decided.verdict(id) === verdictOf(act));

  /** @type {(one: Asked, done: boolean) => void} */
  function finish(one, done) {
    if (!asked.includes(one)) return;
    asked = asked.filter((each) => each !== one);
    settled(one.act, done);
    changed();
  }

  function look() {
    for (const one of asked.filter(({ answered }) => answered)) if (isFact(one)) finish(one, true);
  }

  const unlisten = outbox.onChange((count) => {
    const open = asked.filter(({ answered }) => !answered);
    for (const one of open.slice(0, open.length - count)) {
      one.answered = true;
      setTimeout(() => finish(one, isFact(one)), GRACE);
    }
    look();
    changed();
  });
  facts.observe(look);

  /** @param {string} id */
  const waiting = (id) => asked.find(({ of }) => of.some((each) => each.id === id));

  return {
    // Whether there was anything left to decide.
    /** @type {(act: string, ids: string[]) => boolean} */
    decide(act, ids) {
      const of = about(
        ids.filter((id) => !waiting(id)),
        ytext,
        decided,
      );
      if (!of.length) return false;
      asked.push({ act, of, at: performance.now(), answered: false });
      outbox.decide(of, verdictOf(act));
      return true;
    },
    // Since when this one waits, or null.
    /** @param {string} id */
    since: (id) => waiting(id)?.at ?? null,
    destroy() {
      unlisten();
      facts.unobserve(look);
      asked = [];
    },
  };
}
