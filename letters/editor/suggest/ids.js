// The names of suggestions: `client_clock`, the page that made it and its clock at the time, in base
// 36. They say which words can be new in it: those that this page typed from then on.
import { getState } from "yjs";

/** @import { Doc } from "yjs" */
/** @import { Decided } from "./decided.js" */
/** @typedef {ReturnType<typeof namesFor>} Names */

const BASE = 36;

// `fresh()` is a name that this page has not used; `goesOn(id)`: may more of mine come under it? Not
// if another page of mine made it. What was decided under a name stays so for what it covers, so
// such a one is not used again either.
/**
 * @param {Doc} doc
 * @param {Pick<Decided, "seen">} decided
 */
export function namesFor(doc, decided) {
  /** @type {Set<string>} */
  const used = new Set();
  const client = () => doc.clientID.toString(BASE);

  return {
    fresh() {
      // Several in one edit: earlier clocks are as true.
      let clock = getState(doc.store, doc.clientID);
      let id;
      do {
        id = `${client()}_${Math.max(0, clock).toString(BASE)}`;
        clock -= 1;
      } while (used.has(id) && clock >= 0);
      used.add(id);
      return id;
    },
    /** @param {string} id */
    goesOn: (id) => id.startsWith(`${client()}_`) && !decided.seen(id),
  };
}
