// What the server has decided about suggestions: the root map `decided`, ID → JSON of
// { verdict, n, ranges: [[client, clock, length], …] }. A mark counts only on what is not in there.
export function readDecided(map) {
  const known = new Map(); // ID → { json, n, clients }

  function entry(id) {
    const json = map.get(id);
    if (typeof json !== "string") return null;
    const before = known.get(id);
    if (before?.json === json) return before;
    const now = { json, n: 0, verdict: null, clients: new Map() };
    try {
      const { n, verdict, ranges } = JSON.parse(json);
      Object.assign(now, { n: Number(n) || 0, verdict });
      for (const [client, clock, length] of ranges) {
        if (!now.clients.has(client)) now.clients.set(client, []);
        now.clients.get(client).push([clock, clock + length]);
      }
      for (const spans of now.clients.values()) spans.sort((a, b) => a[0] - b[0]);
    } catch {
      // Whatever stands there, it decides nothing.
    }
    known.set(id, now);
    return now;
  }

  return {
    /** How many decisions there were about this ID so far. */
    count: (id) => entry(id)?.n ?? 0,
    verdict: (id) => entry(id)?.verdict ?? null,

    /** Whether the mark of this ID is decided at one clock, and up to which clock that holds. */
    at(id, { client, clock }) {
      for (const [from, to] of entry(id)?.clients.get(client) ?? []) {
        if (clock < from) return { decided: false, until: from };
        if (clock < to) return { decided: true, until: to };
      }
      return { decided: false, until: Infinity };
    },
  };
}
