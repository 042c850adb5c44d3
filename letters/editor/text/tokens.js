// The letter as a row of tokens: what Yjs keeps, and how the page shows it.
//
// A block begins with a marker, an embedded Y.Map with the key `k`. Everything else is text with
// attributes; a soft break is U+2028 there. One place of the text is one place inside a block of
// the page, and a marker is where its block opens (see places.js).
import { Fragment } from "prosemirror-model";
import * as Y from "yjs";
import { KINDS, SEATS, schema } from "../schema.js";

/** @import { Mark, Node } from "prosemirror-model" */
/** @import { Decided } from "../suggest/decided.js" */
/**
 * @typedef {{ client: number, clock: number }} Id
 * @typedef {[client: number, clock: number, length: number]} Range
 * @typedef {{ k: string, proposals: string[] | null }} Look of a block
 * @typedef {Look & { marker: true, text?: undefined, marks?: undefined }} PageMarker
 * @typedef {{ marker: false, text: string, marks: readonly Mark[], k?: undefined, proposals?: undefined }} PageRun
 * @typedef {PageMarker | PageRun} PageToken a token of the page, which knows no places of the text
 * @typedef {{ at: number, length: number, id: Id }} Place
 * @typedef {PageMarker & Place & { map: Y.Map<unknown> }} Marker
 * @typedef {[name: string, value: unknown]} Attribute
 * @typedef {PageRun & Place & { attributes: Attribute[] }} Run
 * @typedef {Marker | Run} Token
 * @typedef {(id: Id) => { inside: boolean, until: number }} Covers
 * @typedef {{ mark: Mark, id?: string, covers?: Covers }} ReadMark
 */

export const SOFT_BREAK = "\u2028";
// Anything in the text that is neither words nor a marker: one sign that says so.
export const UNKNOWN = "\ufffc";

const BREAKS = /[\n\r\v\f\u0085\u2028\u2029]/;
const ALL_BREAKS = new RegExp(BREAKS, "g");
// A suggestion is named after the page that made it and its clock at the time, in base 36.
const PROPOSAL = /^(?:ins|del|kind):[0-9a-z]{1,11}_[0-9a-z]{1,7}$/;
const ABOUT = /^(ins|del):(([0-9a-z]{1,11})_([0-9a-z]{1,7}))$/;
const SPANS = /^(one|two)((?: [0-9a-z]{1,11}\.[0-9a-z]{1,7}\.[0-9a-z]{1,7})+)$/;
const NOTE = /^note:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** @type {Mark[]} */
const NONE = [];
const kinds = new Set(KINDS);
const { strong, em, note, insertion, deletion } = schema.marks;

// -- Attributes and marks ------------------------------------------------------------------------

const BASE = 36;
/** @type {Map<string, ReadMark | null>} */
const knownAttributes = new Map();

// { mark, id, covers }: what an attribute says. A suggestion's mark is about certain characters only,
// whatever else Yjs may have stretched it over: `covers({ client, clock })` says whether about this
// one, and up to which clock that holds.
/** @type {(key: string, value: unknown) => ReadMark | null} */
function readAttribute(key, value) {
  if (key === "strong") return value === true ? { mark: strong.create() } : null;
  if (key === "em") return value === true ? { mark: em.create() } : null;
  const noted = NOTE.exec(key);
  if (noted) return value === true ? { mark: note.create({ id: noted[1] }) } : null;
  const about = ABOUT.exec(key);
  if (!about || typeof value !== "string") return null;
  const [, act, id, page, since] = about;
  if (act === "ins") {
    if (!SEATS.includes(value)) return null;
    const from = parseInt(since, BASE);
    const covers = written(parseInt(page, BASE), from);
    return { mark: insertion.create({ id, who: value }), id, covers };
  }
  const spans = SPANS.exec(value);
  return spans && { mark: deletion.create({ id, who: spans[1] }), id, covers: named(spans[2]) };
}

// Words are proposed by the page that typed them, from a certain clock on.
/** @type {(page: number, from: number) => Covers} */
const written = (page, from) => ({ client, clock }) =>
  client !== page
    ? { inside: false, until: Infinity }
    : { inside: clock >= from, until: clock >= from ? Infinity : from };

// Words that are to go are named one by one: `client.clock.length`.
/** @type {(spans: string) => Covers} */
function named(spans) {
  /** @type {Map<number, [from: number, to: number][]>} */
  const clients = new Map();
  for (const span of spans.trim().split(" ")) {
    const [client, clock, length] = span.split(".").map((each) => parseInt(each, BASE));
    if (!clients.has(client)) clients.set(client, []);
    clients.get(client)?.push([clock, clock + length]);
  }
  return ({ client, clock }) => {
    let until = Infinity;
    for (const [from, to] of clients.get(client) ?? []) {
      if (clock >= from && clock < to) return { inside: true, until: to };
      if (clock < from) until = Math.min(until, from);
    }
    return { inside: false, until };
  };
}

/** @type {(key: string, value: unknown) => ReadMark | null} */
function knownAttribute(key, value) {
  const name = `${key} ${value}`;
  const known = knownAttributes.get(name);
  if (known !== undefined) return known;
  const read = readAttribute(key, value);
  if (knownAttributes.size > 5000) knownAttributes.clear();
  knownAttributes.set(name, read);
  return read;
}

/**
 * The value of `del:ID` on what these tokens cover.
 * @type {(who: string, tokens: Token[]) => string}
 */
export function removalOf(who, tokens) {
  const spans = rangesIn(tokens).map((range) => range.map((each) => each.toString(BASE)).join("."));
  return [who, ...spans].join(" ");
}

/**
 * The name and the value of a mark as an attribute; `del:ID` needs its spans (removalOf).
 * @type {(mark: Mark) => [name: string, value: any]}
 */
export function attributeOf({ type, attrs }) {
  if (type === note) return [`note:${attrs.id}`, true];
  if (type === insertion) return [`ins:${attrs.id}`, attrs.who];
  if (type === deletion) return [`del:${attrs.id}`, attrs.who];
  return [type.name, true];
}

/**
 * An object for `insert`: every mark of the new characters, and nothing inherited.
 * @param {readonly Mark[]} marks
 */
export const attributesOf = (marks) => Object.fromEntries(marks.map(attributeOf));

/**
 * Marks that overlap are a set: their order says nothing.
 * @type {(one: readonly Mark[], other: readonly Mark[]) => boolean}
 */
export const sameMarks = (one, other) =>
  one === other || (one.length === other.length && one.every((mark) => mark.isInSet(other)));

// -- Reading the text ----------------------------------------------------------------------------

/** @type {(map: Y.Map<unknown>, id: Id, decided?: Decided | null) => string[] | null} */
function proposalsOf(map, id, decided) {
  if (map.size === 1 && map.has("k")) return null; // nearly every one
  /** @type {string[]} */
  const found = [];
  for (const [key, value] of map.entries()) {
    if (!PROPOSAL.test(key) || typeof value !== "string") continue;
    const [who, kind, ...more] = value.split(" ");
    const isKind = key.startsWith("kind:");
    if (!SEATS.includes(who) || more.length || (isKind ? !kinds.has(kind) : kind !== undefined)) {
      continue;
    }
    const about = key.slice(key.indexOf(":") + 1);
    if (!decided?.covers(about, id.client, id.clock)) found.push(`${key} ${value}`);
  }
  return found.length ? found.sort() : null;
}

// The marks of characters from `id` on, and how many of them have just these.
/**
 * @param {Attribute[]} attributes @param {Id} id @param {number} length
 * @param {Decided | null} [decided]
 */
function marksAt(attributes, id, length, decided) {
  if (!attributes.length) return { marks: NONE, until: length }; // nearly all
  const { client, clock } = id;
  let until = clock + length;
  /** @type {Mark[]} */
  const marks = [];
  for (const [key, value] of attributes) {
    const attribute = knownAttribute(key, value);
    if (!attribute) continue;
    if (attribute.covers) {
      const found = attribute.covers(id);
      until = Math.min(until, found.until);
      if (!found.inside) continue;
      if (decided) {
        const about = /** @type {string} */ (attribute.id);
        until = Math.min(until, decided.until(about, client, clock));
        if (decided.covers(about, client, clock)) continue;
      }
    }
    marks.push(attribute.mark);
  }
  return { marks, until: until - clock };
}

/** @param {Y.Item} item */
const isMarker = ({ content }) =>
  content instanceof Y.ContentType && content.type instanceof Y.Map;

/** @type {(item: Y.Item, at: number, decided?: Decided | null) => Marker} */
function markerToken({ content, id }, at, decided) {
  const map = /** @type {Y.Map<unknown>} */ (/** @type {Y.ContentType} */ (content).type);
  const kind = /** @type {string} */ (map.get("k"));
  const k = kinds.has(kind) ? kind : "paragraph";
  return { marker: true, at, length: 1, id, map, k, proposals: proposalsOf(map, id, decided) };
}

/**
 * The text as tokens, in order, each at an index `at` of the text:
 * { marker: true, at, length: 1, id, map, k, proposals } or
 * { marker: false, at, length, id, text, marks, attributes }, where the characters of one token
 * have ids that follow each other. `decided` (readDecided) says which marks count no more. With
 * `from` and `to`, only what stands between these two indices.
 * @type {(ytext: Y.Text, decided?: Decided | null, from?: number, to?: number) => Token[]}
 */
export function tokensOf(ytext, decided, from = 0, to = Infinity) {
  /** @type {Token[]} */
  const tokens = [];
  /** @type {Attribute[]} */
  let attributes = [];
  let at = 0;
  for (let item = ytext._start; item !== null && at < to; item = item.right) {
    if (item.deleted) continue;
    const { content, id } = item;
    if (content instanceof Y.ContentFormat) {
      const { key, value } = content;
      attributes = attributes.filter(([name]) => name !== key);
      if (value !== null) attributes.push([key, value]);
    } else if (item.countable) {
      const end = at + item.length;
      if (end > from) {
        if (isMarker(item)) tokens.push(markerToken(item, at, decided));
        else wordTokens(tokens, item, { at, id, attributes, decided });
      }
      at = end;
    }
  }
  return from || to < Infinity ? between(tokens, from, to) : tokens;
}

/**
 * @param {Token[]} tokens
 * @param {Y.Item} item
 * @param {{ at: number, id: Id, attributes: Attribute[], decided?: Decided | null }} here
 */
function wordTokens(tokens, { content, length }, { at, id, attributes, decided }) {
  const all =
    content instanceof Y.ContentString
      ? content.str.replace(ALL_BREAKS, SOFT_BREAK)
      : UNKNOWN.repeat(length);
  for (let from = 0; from < all.length; ) {
    const first = from ? { client: id.client, clock: id.clock + from } : id;
    const { marks, until } = marksAt(attributes, first, all.length - from, decided);
    const text = until < all.length - from ? all.slice(from, from + until) : all.slice(from);
    tokens.push({ marker: false, at: at + from, length: text.length, id: first, text, marks, attributes });
    from += text.length;
  }
}

/**
 * Does the letter begin with a marker, as every letter of the server does?
 * @param {Y.Text} ytext
 */
export function beginsWithMarker(ytext) {
  let item = ytext._start;
  while (item !== null && (item.deleted || !item.countable)) item = item.right;
  return item !== null && isMarker(item);
}

/**
 * The markers among these maps, as { n: which block, k, proposals }.
 * @type {(ytext: Y.Text, decided: Decided | null, maps: Set<unknown>) => (Look & { n: number })[]}
 */
export function markersOf(ytext, decided, maps) {
  /** @type {(Look & { n: number })[]} */
  const found = [];
  let n = 0;
  for (let item = ytext._start; item !== null; item = item.right) {
    if (item.deleted || !isMarker(item)) continue;
    const { type } = /** @type {Y.ContentType} */ (item.content);
    if (maps.has(type)) found.push({ n, ...markerToken(item, 0, decided) });
    n += 1;
  }
  return found;
}

/**
 * The tokens between two indices of the text, cut where those are.
 * @type {(tokens: Token[], from: number, to: number) => Token[]}
 */
export function between(tokens, from, to) {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle].at + tokens[middle].length <= from) low = middle + 1;
    else high = middle;
  }
  /** @type {Token[]} */
  const found = [];
  for (let i = low; i < tokens.length && tokens[i].at < to; i += 1) {
    const token = tokens[i];
    const start = Math.max(0, from - token.at);
    const end = Math.min(token.length, to - token.at);
    if (token.marker || (start === 0 && end === token.length)) found.push(token);
    else {
      const id = { client: token.id.client, clock: token.id.clock + start };
      const text = token.text.slice(start, end);
      found.push({ ...token, at: token.at + start, length: end - start, id, text });
    }
  }
  return found;
}

/**
 * [[client, clock, length], …] of tokens.
 * @type {(tokens: Place[]) => Range[]}
 */
export function rangesIn(tokens) {
  /** @type {Range[]} */
  const ranges = [];
  for (const { id, length } of tokens) {
    const last = ranges.at(-1);
    if (last && last[0] === id.client && last[1] + last[2] === id.clock) last[2] += length;
    else ranges.push([id.client, id.clock, length]);
  }
  return ranges;
}

// -- The page ------------------------------------------------------------------------------------

/**
 * Words as nodes of the page; soft breaks among them are breaks.
 * @type {(text: string, marks: readonly Mark[]) => Node[]}
 */
export function inlineOf(text, marks) {
  /** @type {Node[]} */
  const nodes = [];
  text.split(BREAKS).forEach((row, index) => {
    if (index) nodes.push(schema.nodes.hard_break.create(null, null, marks));
    if (row) nodes.push(schema.text(row, marks));
  });
  return nodes;
}

/** @type {(look: Look, content: Fragment) => Node} */
export const blockOf = ({ k, proposals }, content) =>
  schema.nodes[k].create(proposals && { proposals }, content);

/**
 * Blocks of tokens: what stands before the first marker is a block without one, maybe empty.
 * @type {(tokens: PageToken[]) => Node[]}
 */
export function blocksOf(tokens) {
  /** @type {Node[]} */
  const blocks = [];
  /** @type {Look} */
  let marker = { k: "paragraph", proposals: null };
  /** @type {Node[]} */
  let inline = [];
  const close = () => blocks.push(blockOf(marker, Fragment.fromArray(joined(inline))));
  for (const token of tokens) {
    if (token.marker) {
      close();
      marker = token;
      inline = [];
    } else inline.push(...inlineOf(token.text, token.marks));
  }
  close();
  return blocks;
}

// Neighbours that look the same are one node, as ProseMirror wants it.
/** @type {(nodes: Node[]) => Node[]} */
function joined(nodes) {
  /** @type {Node[]} */
  const done = [];
  for (const node of nodes) {
    const last = done.at(-1);
    if (last?.isText && node.isText && sameMarks(last.marks, node.marks)) {
      done[done.length - 1] = schema.text(`${last.text}${node.text}`, last.marks);
    } else done.push(node);
  }
  return done;
}

/** @param {PageToken[]} tokens */
export const hasFirstMarker = (tokens) => tokens.length > 0 && tokens[0].marker;

/**
 * The page that shows these tokens.
 * @param {PageToken[]} tokens
 */
export function pageOf(tokens) {
  const blocks = blocksOf(tokens);
  return schema.topNodeType.create(null, hasFirstMarker(tokens) ? blocks.slice(1) : blocks);
}

/**
 * The tokens of a stretch of the page: { marker: true, k, proposals } or { marker: false, text,
 * marks }. Where a block opens between the two positions is its marker.
 * @type {(doc: Node, from: number, to: number) => PageToken[]}
 */
export function tokensIn(doc, from, to) {
  /** @type {PageToken[]} */
  const found = [];
  doc.nodesBetween(from, to, (node, at) => {
    if (node.isTextblock) {
      if (at >= from && at < to) {
        found.push({ marker: true, k: node.type.name, proposals: node.attrs.proposals });
      }
      return true;
    }
    const start = Math.max(0, from - at);
    const end = Math.min(node.nodeSize, to - at);
    if (end <= start) return false;
    const text = node.isText ? /** @type {string} */ (node.text).slice(start, end) : SOFT_BREAK;
    found.push({ marker: false, text, marks: node.marks });
    return false;
  });
  return found;
}

// One string for each way in which a row of tokens can look: equal looks, equal strings.
/** @param {readonly Mark[]} marks */
const nameOf = (marks) =>
  marks.length
    ? marks
        .map((mark) => attributeOf(mark).join(" "))
        .sort()
        .join("|")
    : "";

/** @param {PageToken[]} tokens */
function spell(tokens) {
  const parts = [];
  /** @type {string | null} */
  let look = null;
  for (const { marker, k, proposals, text, marks } of tokens) {
    if (marker) {
      parts.push(`\n\u0000${k} ${JSON.stringify(proposals)}\n`);
      look = null;
    } else if (text) {
      const name = nameOf(marks);
      if (name !== look) parts.push(`\u0000${name}\u0000`);
      parts.push(text);
      look = name;
    }
  }
  return parts.join("");
}

/**
 * Does the page show just these tokens?
 * @type {(doc: Node, tokens: PageToken[]) => boolean}
 */
export function shows(doc, tokens) {
  const page = tokensIn(doc, 0, doc.content.size);
  return spell(hasFirstMarker(tokens) ? page : page.slice(1)) === spell(tokens) &&
    (hasFirstMarker(tokens) || page[0].k === "paragraph");
}
