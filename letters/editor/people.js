// Who is here, as far as they let it be seen.
/** @import { Awareness, Presence } from "./awareness.js" */
/** @typedef {{ who: string, name: string }} Person */

const WHO = ["one", "two"];

// Presence comes from the other browser: take nothing from it but a name and one of two seats.
/** @type {(presence: Presence) => Person | null} */
export function personOf({ user }) {
  const { who, name } = /** @type {Person} */ (user ?? {});
  if (!WHO.includes(who) || typeof name !== "string") return null;
  return { who, name: name.slice(0, 60) };
}

// `show(person | null)` is called with the other one when they come, and with null when they go.
/**
 * @param {Awareness} awareness
 * @param {string | null} mine
 * @param {(other: Person | null) => void} show
 */
export function watchOther(awareness, mine, show) {
  /** @type {Person | null} */
  let present = null;
  function look() {
    const others = [...awareness.states.values()].map(personOf);
    const other = others.find((person) => person && person.who !== mine) ?? null;
    if (other?.name === present?.name && other?.who === present?.who) return;
    present = other;
    show(other);
  }
  awareness.on("change", look);
  return () => awareness.off("change", look);
}
