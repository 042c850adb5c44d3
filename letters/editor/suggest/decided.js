// What the server has decided about suggestions, as the letter carries it: the map `decided`, which
// only the server writes. A mark counts only while the id of what carries it is not in here.
//
// decided[ID] is JSON: { verdict, n: decisions so far, ranges: [[client, clock, length], …] }.
/** @import { Map as YMap } from "yjs" */
/** @import { Range } from "../text/tokens.js" */
/** @typedef {Map<number, [from: number, to: number][]>} Clients the clocks of each, in order */
/** @typedef {{ raw: unknown, verdict: string | null, n: number, clients: Clients }} Fact */
/** @typedef {ReturnType<typeof readDecided>} Decided */

/** @type {Fact} */
const NOTHING = { raw: undefined, verdict: null, n: 0, clients: new Map() };

/** @param {unknown} range */
const isRange = (range) =>
  Array.isArray(range) && range.length === 3 && range.every(Number.isSafeInteger);

// Per client the clocks as sorted stretches that do not touch: [[from, to), …].
/** @param {Range[]} ranges */
function stretches(ranges) {
  /** @type {Clients} */
  const clients = new Map();
  for (const [client, clock, length] of ranges) {
    if (!clients.has(client)) clients.set(client, []);
    clients.get(client)?.push([clock, clock + length]);
  }
  for (const [client, found] of clients) {
    found.sort((a, b) => a[0] - b[0]);
    /** @type {[from: number, to: number][]} */
    const joined = [];
    for (const [from, to] of found) {
      const last = joined.at(-1);
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else joined.push([from, to]);
    }
    clients.set(client, joined);
  }
  return clients;
}

/** @type {(raw: any) => Fact} */
function parse(raw) {
  try {
    const { verdict, n, ranges } = JSON.parse(raw);
    return { raw, verdict, n: Number(n) || 0, clients: stretches(ranges.filter(isRange)) };
  } catch {
    return { ...NOTHING, raw };
  }
}

// The stretch that holds this clock, or the first one after it.
/** @type {(found: [from: number, to: number][], clock: number) => [from: number, to: number] | undefined} */
function stretchAt(found, clock) {
  let low = 0;
  let high = found.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (found[middle][1] <= clock) low = middle + 1;
    else high = middle;
  }
  return found[low];
}

/** @type {WeakMap<YMap<unknown>, Map<string, Fact>>} */
const parsed = new WeakMap(); // map → id → what was read of it

// `covers(id, client, clock)`: was this decided? `until(id, client, clock)`: up to which clock is
// the answer the same? `seen(id)`: how many decisions so far; `verdict(id)`: the last one.
/** @param {YMap<unknown>} ymap */
export function readDecided(ymap) {
  if (!parsed.has(ymap)) parsed.set(ymap, new Map());
  const known = /** @type {Map<string, Fact>} */ (parsed.get(ymap));

  /** @param {string} id */
  function read(id) {
    const raw = ymap.get(id);
    if (raw === undefined) return NOTHING;
    if (known.get(id)?.raw !== raw) known.set(id, parse(raw));
    return /** @type {Fact} */ (known.get(id));
  }

  /** @type {(id: string, client: number, clock: number) => [from: number, to: number] | undefined} */
  function at(id, client, clock) {
    const found = read(id).clients.get(client);
    return found && stretchAt(found, clock);
  }

  return {
    /** @type {(id: string, client: number, clock: number) => boolean} */
    covers(id, client, clock) {
      const stretch = at(id, client, clock);
      return !!stretch && stretch[0] <= clock;
    },
    /** @type {(id: string, client: number, clock: number) => number} */
    until(id, client, clock) {
      const stretch = at(id, client, clock);
      if (!stretch) return Infinity;
      return stretch[0] <= clock ? stretch[1] : stretch[0];
    },
    /** @param {string} id */
    seen: (id) => read(id).n,
    /** @param {string} id */
    verdict: (id) => read(id).verdict,
  };
}
