// What stands over every page while somebody needs somebody. It needs no htmx, because the letter
// has none; the focus stays where somebody may be typing.
import { send } from "./send.js";

/** @import { Request } from "./send.js" */

const place = /** @type {HTMLElement} */ (document.getElementById("urgent"));

/** @type {(address: string, how?: Request) => Promise<boolean>} */
async function renew(address, how = {}) {
  const response = await send(address, how);
  if (response.ok) place.innerHTML = await response.text();
  return response.ok;
}

if (place) {
  const look = () => renew(/** @type {string} */ (place.dataset.layer)).catch(() => {});
  document.body.addEventListener("nudge:emergency", look);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") /** @type {HTMLElement | null} */ (place.querySelector("[data-hush]"))?.click();
  });
  place.addEventListener("submit", async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    event.preventDefault();
    event.stopImmediatePropagation();
    const body = new FormData(form, event.submitter);
    try {
      if (!(await renew(form.action, { method: "POST", body }))) await look();
    } catch {
      // Not through: the layer stays, and so do its buttons.
    }
  });
}
