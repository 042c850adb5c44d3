// From the page to the text: what my own edits changed, with as little as possible taken out and
// typed anew. What is equal on both sides of a change keeps its ids, and with them its author.
import * as Y from "yjs";
import { attributeOf, attributesOf, removalOf, sameMarks, tokensIn, tokensOf } from "./tokens.js";
import { toIndex } from "./places.js";
import { schema } from "../schema.js";

/** @import { Mark, Node } from "prosemirror-model" */
/** @import { Stretch } from "./changes.js" */
/** @import { Look, Marker, PageMarker, PageRun, PageToken } from "./tokens.js" */
/** @typedef {{ token: PageMarker, sign: null } | { token: PageRun, sign: string }} Sign */

const { deletion, insertion } = schema.marks;

// One update of the network never carries much more than this, counted roughly in bytes.
const CHUNK = 250_000;

// A token for every index, so that two rows can be compared sign by sign.
/** @param {PageToken[]} tokens */
function spread(tokens) {
  /** @type {Sign[]} */
  const signs = [];
  for (const token of tokens) {
    if (token.marker) signs.push({ token, sign: null });
    else for (let i = 0; i < token.text.length; i += 1) signs.push({ token, sign: token.text[i] });
  }
  return signs;
}

/** @type {(one: unknown, other: unknown) => boolean} */
const sameProposals = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** @type {(one: Sign, other: Sign) => boolean} */
const equal = (one, other) =>
  one.sign === other.sign &&
  (one.sign === null
    ? one.token.k === other.token.k && sameProposals(one.token.proposals, other.token.proposals)
    : sameMarks(one.token.marks, /** @type {PageRun} */ (other.token).marks));

// The same sign in another look. What is new as a suggestion is new: it is not what stood there.
/** @type {(one: Sign, other: Sign) => boolean} */
function alike(one, other) {
  if (one.sign !== other.sign) return false;
  if (one.sign === null) {
    const had = one.token.proposals ?? [];
    return !(other.token.proposals ?? []).some((each) => each.startsWith("ins:") && !had.includes(each));
  }
  const had = one.token.marks;
  const { marks } = /** @type {PageRun} */ (other.token);
  return !marks.some((mark) => mark.type === insertion && !mark.isInSet(had));
}

/** @type {(sign: string | null) => boolean} */
const isHigh = (sign) => sign !== null && sign >= "\ud800" && sign <= "\udbff";
/** @type {(sign: string | null) => boolean} */
const isLow = (sign) => sign !== null && sign >= "\udc00" && sign <= "\udfff";

/**
 * How one row of signs becomes another: the first `head` and the last `tail` of both stay (they may
 * change their look), what is between goes and comes. With `pinned` the first one stays whatever it
 * becomes.
 * @type {(old: Sign[], now: Sign[], pinned?: boolean) => { head: number, tail: number }}
 */
export function difference(old, now, pinned = false) {
  const most = Math.min(old.length, now.length);
  let head = pinned ? 1 : 0;
  let tail = 0;
  /** @param {(one: Sign, other: Sign) => boolean} same */
  const ahead = (same) => {
    while (head + tail < most && same(old[head], now[head])) head += 1;
  };
  /** @param {(one: Sign, other: Sign) => boolean} same */
  const behind = (same) => {
    while (head + tail < most && same(old[old.length - 1 - tail], now[now.length - 1 - tail])) {
      tail += 1;
    }
  };
  ahead(equal);
  behind(equal);
  ahead(alike);
  behind(alike);
  // Half a character does not stay.
  if (head && isHigh(old[head - 1].sign)) head -= 1;
  if (tail && isLow(old[old.length - tail].sign)) tail -= 1;
  return { head, tail };
}

// What is to be set on a marker: [key, value or null].
/** @type {(old: Look, now: Look) => [key: string, value: string | null][]} */
function markerChanges(old, now) {
  /** @type {[key: string, value: string | null][]} */
  const changes = old.k === now.k ? [] : [["k", now.k]];
  /** @type {(each: string) => [key: string, value: string]} */
  const split = (each) => {
    const space = each.indexOf(" ");
    return [each.slice(0, space), each.slice(space + 1)];
  };
  const had = new Map((old.proposals ?? []).map(split));
  const has = new Map((now.proposals ?? []).map(split));
  for (const key of had.keys()) if (!has.has(key)) changes.push([key, null]);
  for (const [key, value] of has) if (had.get(key) !== value) changes.push([key, value]);
  return changes;
}

// Give a stretch of words their marks. One that says that they are to go names them by their ids.
/** @type {(ytext: Y.Text, at: number, length: number, old: readonly Mark[], now: readonly Mark[]) => void} */
function reformat(ytext, at, length, old, now) {
  /** @type {Record<string, unknown>} */
  const changes = {};
  for (const mark of old) if (!mark.isInSet(now)) changes[attributeOf(mark)[0]] = null;
  for (const mark of now) {
    if (mark.isInSet(old)) continue;
    const [key, value] = attributeOf(mark);
    changes[key] =
      mark.type === deletion ? removalOf(value, tokensOf(ytext, null, at, at + length)) : value;
  }
  ytext.format(at, length, changes);
}

// Every mark of new words is given with them; which are to go can only be said when they are there.
/** @type {(ytext: Y.Text, at: number, text: string, marks: readonly Mark[]) => void} */
function insertWords(ytext, at, text, marks) {
  const given = marks.filter(({ type }) => type !== deletion);
  ytext.insert(at, text, attributesOf(given));
  if (given.length < marks.length) reformat(ytext, at, text.length, given, marks);
}

/** @type {(look: Look) => Y.Map<string | null>} */
const newMarker = ({ k, proposals }) =>
  new Y.Map([["k", k], ...markerChanges({ k, proposals: null }, { k, proposals })]);

/** @param {PageToken} token */
const weight = ({ marker, text }) => (marker ? 40 : 40 + 3 * text.length);

// Cut so that no piece is heavy, and never within a pair.
/** @param {PageRun} token */
function* pieces(token) {
  let { text } = token;
  const most = Math.floor(CHUNK / 3);
  while (text.length > most) {
    const cut = isHigh(text[most - 1]) ? most - 1 : most;
    yield { ...token, text: text.slice(0, cut) };
    text = text.slice(cut);
  }
  yield { ...token, text };
}

// `delete` of Yjs begins at a place that it remembers, without knowing which attributes hold there,
// and may then take the end of one for superfluous: what follows would get it. `applyDelta` walks.
/** @type {(ytext: Y.Text, index: number, length: number) => void} */
function erase(ytext, index, length) {
  const gone = { delete: length };
  ytext.applyDelta(index ? [{ retain: index }, gone] : [gone]);
}

// An edit of the browser may have exchanged half a character: then all of it is exchanged.
/** @type {(change: Stretch, before: Node) => Stretch} */
function whole({ fromA, toA, fromB, toB }, before) {
  const back = isHigh(before.resolve(fromA).nodeBefore?.text?.at(-1) ?? null) ? 1 : 0;
  const on = isLow(before.resolve(toA).nodeAfter?.text?.[0] ?? null) ? 1 : 0;
  return { fromA: fromA - back, toA: toA + on, fromB: fromB - back, toB: toB + on };
}

/**
 * Write into `ytext` what changed between two pages. `transact(write)` runs each part as one
 * transaction of Yjs; all of it is one part, unless it is heavy. `also()` belongs to the first part.
 * @param {Y.Text} ytext
 * @param {Node} before
 * @param {Node} after
 * @param {Stretch[]} changes
 * @param {{ transact: (write: () => void) => void, also?: () => void }} how
 */
export function writeChanges(ytext, before, after, changes, { transact, also }) {
  /** @type {(() => void)[][]} */
  const parts = [[]];
  let heavy = 0;
  /** @type {(weight: number, act: () => void) => void} */
  const then = (weight, act) => {
    if (heavy && heavy + weight > CHUNK) {
      parts.push([]);
      heavy = 0;
    }
    heavy += weight;
    parts[parts.length - 1].push(act);
  };

  /** @type {Map<number, Marker["map"]> | null} */
  let maps = null;
  /** @param {number} index */
  const markerAt = (index) => {
    const markers = () => /** @type {Marker[]} */ (tokensOf(ytext).filter(({ marker }) => marker));
    maps ??= new Map(markers().map(({ at, map }) => [at, map]));
    return /** @type {Marker["map"]} */ (maps.get(index));
  };

  // From the end to the beginning: places before a change stay what they are.
  /** @param {Stretch} change */
  const writeRange = (change) => {
    const { fromA, toA, fromB, toB } = whole(change, before);
    const start = toIndex(before, fromA);
    const pinned = start === 0;
    let old = spread(tokensIn(before, fromA, toA));
    let now = spread(tokensIn(after, fromB, toB));
    if (pinned) {
      // The first marker stays, whatever an edit did around it: look on to the next one.
      const onA = nextBlock(before, toA);
      const onB = nextBlock(after, toB);
      if (onA.length && onB.length && !(old[0]?.sign === null && now[0]?.sign === null)) {
        old = [...old, ...onA];
        now = [...now, ...onB];
      }
    }
    const { head, tail } = difference(old, now, pinned && old.length > 0 && now.length > 0);
    const last = old.length - tail;
    relook(start + last, old.slice(last), now.slice(now.length - tail));
    if (last > head) then(40, () => erase(ytext, start + head, last - head));
    insert(start + head, now.slice(head, now.length - tail));
    relook(start, old.slice(0, head), now.slice(0, head));
  };

  /** @type {(start: number, old: Sign[], now: Sign[]) => void} */
  function relook(start, old, now) {
    for (let i = old.length; i > 0; ) {
      let from = i - 1;
      const one = old[from].token;
      const other = now[from].token;
      while (from > 0 && old[from - 1].token === one && now[from - 1].token === other) from -= 1;
      const at = start + from;
      const length = i - from;
      if (one.marker) {
        const set = markerChanges(one, /** @type {PageMarker} */ (other));
        if (set.length) {
          const map = markerAt(at);
          then(40 * set.length, () =>
            set.forEach(([key, value]) => (value === null ? map.delete(key) : map.set(key, value))),
          );
        }
      } else if (!sameMarks(one.marks, /** @type {PageRun} */ (other).marks)) {
        const { marks } = /** @type {PageRun} */ (other);
        then(80, () => reformat(ytext, at, length, one.marks, marks));
      }
      i = from;
    }
  }

  /** @type {(at: number, signs: Sign[]) => void} */
  function insert(at, signs) {
    let index = at;
    for (let i = 0; i < signs.length; ) {
      const { token, sign } = signs[i];
      let end = i + 1;
      while (sign !== null && end < signs.length && signs[end].token === token) end += 1;
      const text = sign === null ? "" : signs.slice(i, end).map((each) => each.sign).join("");
      for (const piece of sign === null ? [token] : pieces({ ...token, text: text })) {
        const place = index;
        then(weight(piece), () =>
          piece.marker
            ? ytext.insertEmbed(place, newMarker(piece), {})
            : insertWords(ytext, place, piece.text, piece.marks),
        );
        index += piece.marker ? 1 : piece.text.length;
      }
      i = end;
    }
  }

  [...changes].reverse().forEach(writeRange);
  parts.forEach((acts, index) => {
    if (acts.length || (!index && also)) {
      transact(() => {
        if (!index) also?.();
        acts.forEach((act) => act());
      });
    }
  });
}

// The signs from here to where the next block has opened. What follows a range is the same on both
// pages, but for the block that its end stands in, so both see the same next marker.
/** @type {(doc: Node, pos: number) => Sign[]} */
function nextBlock(doc, pos) {
  const $pos = doc.resolve(pos);
  const end = $pos.depth ? $pos.after(1) + 1 : pos + 1;
  return end <= doc.content.size ? spread(tokensIn(doc, pos, end)) : [];
}

/**
 * An empty letter gets its first marker with the first edit, not before.
 * @type {(ytext: Y.Text, k: string) => void}
 */
export const writeFirst = (ytext, k) => ytext.insertEmbed(0, new Y.Map([["k", k]]), {});
