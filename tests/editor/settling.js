// The server's rule about decisions, in small: one after the other, per id, only what was not
// decided before; a message that contradicts one that it had not seen is ignored whole.
import * as Y from "yjs";
import { readDecided } from "../../letters/editor/suggest/decided.js";
import { tokensOf } from "../../letters/editor/text/tokens.js";

/** @import { Verdict } from "../../letters/editor/decisions.js" */
/** @import { About } from "../../letters/editor/decisions.js" */
/** @import { Token } from "../../letters/editor/text/tokens.js" */

/** @type {(act: string, id: string) => string} */
const mark = (act, id) => `${act}:${id}`;

/** @type {(token: Token, key: string) => string | undefined} */
const saysOf = (token, key) => {
  const said = token.marker
    ? token.map.get(key)
    : token.attributes.find(([name]) => name === key)?.[1];
  return typeof said === "string" ? said : undefined;
};

// Character by character, with everything that its attributes or its map say.
/** @param {Y.Text} ytext */
function signsOf(ytext) {
  return tokensOf(ytext, null).flatMap((token) =>
    Array.from({ length: token.length }, (_each, i) => ({
      at: token.at + i,
      client: token.id.client,
      clock: token.id.clock + i,
      map: token.marker ? token.map : null,
      says: (/** @type {string} */ key) => saysOf(token, key),
    })),
  );
}

// `delete` of Yjs would take the end of a mark away with its last letter.
/** @type {(ytext: Y.Text, at: number) => void} */
const erase = (ytext, at) =>
  ytext.applyDelta(at ? [{ retain: at }, { delete: 1 }] : [{ delete: 1 }]);

/** @type {(doc: Y.Doc, seat: string, verdict: Verdict, about: About) => void} */
function settleOne(doc, seat, verdict, { id, seen, ranges }) {
  const ytext = doc.getText("letter");
  const map = doc.getMap("decided");
  const decided = readDecided(map);
  const raw = map.get(id);
  const before = typeof raw === "string" ? JSON.parse(raw) : { n: 0, ranges: [] };
  if (seen < before.n && before.verdict !== verdict) return;
  /** @param {{ client: number, clock: number }} sign */
  const named = ({ client, clock }) =>
    ranges.some(([c, from, length]) => c === client && clock >= from && clock < from + length);
  /** @param {ReturnType<typeof signsOf>[number]} sign */
  const mine = (sign) =>
    ["ins", "del", "kind"].some((act) => sign.says(mark(act, id))?.split(" ")[0] === seat);
  const signs = signsOf(ytext).filter(
    (sign) => named(sign) && !decided.covers(id, sign.client, sign.clock),
  );
  if (verdict === "accept" && signs.some(mine)) return; // nobody accepts their own for the other
  const goes = verdict === "accept" ? "del" : "ins";
  for (const sign of [...signs].reverse()) {
    const kind = sign.map && sign.says(mark("kind", id));
    if (kind && verdict === "accept") sign.map?.set("k", kind.split(" ")[1]);
    if (sign.says(mark(goes, id))) erase(ytext, sign.at);
  }
  const all = [...before.ranges, ...ranges];
  map.set(id, JSON.stringify({ verdict, n: before.n + 1, ranges: all }));
}

/** @type {(doc: Y.Doc, seat: string, message: { verdict: Verdict, of: About[] }) => void} */
export function settle(doc, seat, { verdict, of }) {
  doc.transact(() => of.forEach((each) => settleOne(doc, seat, verdict, each)), "server");
}

// What readers see: [kind, words] of each block.
/** @param {Y.Doc} doc */
export function readers(doc) {
  const decided = readDecided(doc.getMap("decided"));
  /** @type {[kind: string, words: string][]} */
  const blocks = [];
  for (const token of tokensOf(doc.getText("letter"), decided)) {
    if (token.marker) {
      if (!token.proposals?.some((each) => each.startsWith("ins:"))) blocks.push([token.k, ""]);
    } else if (!token.marks.some(({ type }) => type.name === "insertion")) {
      blocks[blocks.length - 1][1] += token.text;
    }
  }
  return blocks.map(([kind, words]) => `${kind}: ${words.replaceAll("\u2028", "/")}`);
}

/** @param {Y.Doc} doc */
export const copyOf = (doc) => {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
};
