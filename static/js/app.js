// What every page needs: live nudges, saving as one types, coming along.
import "./along.js";
import "./autosave.js";
import "./emergency.js";
import "./live.js";
import "./once.js";
import "./partials.js";
import "./pause.js";

// The clock of this device is a guess at where one lives; the person still saves it, or not. Some
// browsers say none, or one that is no place on the list.
/** @type {HTMLSelectElement | null} */
const zone = document.querySelector("select[name=zone]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !zone.value && [...zone.options].some(({ value }) => value === here)) zone.value = here;

document.addEventListener("click", async (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-copy]");
  if (!button) return;
  const { copy, copied } = /** @type {Record<string, string>} */ (button.dataset);
  const field = /** @type {HTMLInputElement} */ (document.getElementById(copy));
  field.select();
  await navigator.clipboard.writeText(field.value);
  const label = button.textContent;
  button.textContent = copied;
  setTimeout(() => (button.textContent = label), 2500);
});
