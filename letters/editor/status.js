// What the page may truthfully say about saving: events in, one word out. No DOM, no clock:
// every event carries `at` (milliseconds), and `look` is asked with the time of asking.

export const GRACE = 1500; // a connection may be away this long before we call it offline
export const SLOW = 4000; // an unanswered barrier this old: "taking longer"
export const STALE = 10000; // this old: the connection is dead, whatever the browser believes
export const SETTLE = 400; // typing pauses this long before "Saving…" turns to "Saved"

/** @type {Record<number, string>} */
const FAULTS = { 4401: "signed-out", 4403: "not-yours", 4404: "not-yours", 4413: "too-long", 4423: "sealed", 4426: "outdated" };

/**
 * @typedef {{ id: number, edits: number, at: number }} Barrier
 * @typedef {{
 *   link: "down" | "up" | "ready" | "settled",
 *   since: number | null,
 *   opened: boolean,
 *   online: boolean,
 *   edits: number,
 *   saved: number,
 *   editedAt: number,
 *   waiting: Barrier[],
 *   fault: string | null,
 * }} State
 * @typedef {{ type: "edit" | "up" | "ready" | "down" | "stale" | "offline" | "online" }
 *   | { type: "asked" | "answered", id: number }
 *   | { type: "closed", code: number }} Happening what happened
 * @typedef {Happening & { at: number }} Event
 */

/** @type {(at: number) => State} */
export const start = (at) => ({
  link: "down", // down → up → ready (both sides have exchanged all) → settled (a barrier came back)
  since: at, // when it was last settled; null while it is
  opened: false, // the letter has been on this page once
  online: true,
  edits: 0,
  saved: 0,
  editedAt: -Infinity,
  waiting: [], // barriers on their way: { id, edits, at }
  fault: null,
});

/** @type {(state: State, since: number) => State} */
const down = (state, since) => ({ ...state, link: "down", since, waiting: [] });

/** @type {(state: State, event: Event) => State} */
export function reduce(state, event) {
  switch (event.type) {
    case "edit":
      return { ...state, edits: state.edits + 1, editedAt: event.at };
    case "up":
      return { ...state, link: "up" };
    case "ready":
      return { ...state, link: "ready", opened: true };
    case "asked":
      return {
        ...state,
        waiting: [...state.waiting, { id: event.id, edits: state.edits, at: event.at }],
      };
    case "answered": {
      const answered = state.waiting.find((barrier) => barrier.id === event.id);
      if (!answered) return state;
      return {
        ...state,
        link: "settled",
        since: null,
        online: true, // an answer is proof, whatever the browser says about its network
        saved: Math.max(state.saved, answered.edits),
        waiting: state.waiting.filter((barrier) => barrier.id > event.id),
      };
    }
    case "down":
      return down(state, state.since ?? event.at);
    case "stale": // silent for so long that there is no grace left
      return down(state, Math.min(state.since ?? event.at, event.at - GRACE));
    case "offline":
      return { ...state, online: false };
    case "online":
      return { ...state, online: true };
    case "closed":
      return { ...down(state, state.since ?? event.at), fault: FAULTS[event.code] ?? "broken" };
    default:
      throw new Error(`unknown event ${/** @type {Event} */ (event).type}`);
  }
}

/** @param {State} state */
export const unsaved = (state) => state.edits > state.saved;

// One of: opening, unopened, connecting, saving, slow, saved, offline,
// signed-out, not-yours, sealed, too-long, outdated, broken.
/** @type {(state: State, at: number) => string} */
export function look(state, at) {
  if (state.fault) return state.fault;
  const away = !state.online || (state.since !== null && at - state.since >= GRACE);
  if (!state.opened) return away ? "unopened" : "opening";
  if (away) return "offline";
  if (state.link !== "settled") return unsaved(state) ? "saving" : "connecting";
  if (state.waiting.length && at - state.waiting[0].at >= SLOW) {
    return unsaved(state) ? "slow" : "connecting";
  }
  return unsaved(state) || at - state.editedAt < SETTLE ? "saving" : "saved";
}

// After these nothing more can reach the server from this page: the words stay, to read and copy.
/** @param {State} state */
export const closedForGood = (state) => state.fault !== null;
