// What a page reports that is no state of saving: something went wrong within it. It is said where
// whoever looks for the fault finds it, and is never thrown: what mends the page comes after it.

/** @import { Happening } from "./status.js" */
/** @import { Report } from "./text/binding.js" */

/**
 * Whether the report was of that kind, and is said.
 * @param {Happening | Report} event
 * @returns {event is Report}
 */
export function logged(event) {
  if (event.type === "repaired") console.error("The page was not what its text is.");
  else if (event.type === "unwritten") console.error(event.error);
  else return false;
  return true;
}
