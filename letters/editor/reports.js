// What a page reports that is no state of saving: something went wrong within it. It is said where
// whoever looks for the fault finds it, and is never thrown: what mends the page comes after it.

/** @import { Said } from "./status.js" */
/** @import { Report } from "./text/binding.js" */

/** @type {Record<string, (report: { error?: unknown }) => unknown>} */
const FAULTS = {
  repaired: () => "The page was not what its text is.",
  unwritten: ({ error }) => error,
};

/**
 * Whether the report was of that kind, and is said.
 * @param {Said | Report} event
 * @returns {event is Report}
 */
export function logged(event) {
  if (!Object.hasOwn(FAULTS, event.type)) return false;
  console.error(FAULTS[event.type](/** @type {Report} */ (event)));
  return true;
}
