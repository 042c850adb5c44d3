// Whether somebody has typed something on a part of the page that is not sent yet.
/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

export const WRITTEN = "textarea, input:not([type=hidden], [type=radio], [type=checkbox])";

/** @type {(part: Element | null | undefined) => boolean} */
export const typed = (part) =>
  [.../** @type {Iterable<Field>} */ (part?.querySelectorAll(WRITTEN) ?? [])].some(
    (field) => field.value !== field.defaultValue,
  );

// A form that is fetched anew when the other did something stays while words stand in it: sent from
// there they are taken, or come back with a sentence that says why not.
document.addEventListener("htmx:before:swap", (event) => {
  if (event.target.matches?.("[data-keep-typed]") && typed(event.target)) event.preventDefault();
});
