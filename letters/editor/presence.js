// Whether the other sees that I am here. The server decides, for all my pages at once: it closes
// their connections, and says what holds when they come back.
import { send } from "../../static/js/send.js";

/** @import { Words } from "./words.js" */

/** @type {(host: HTMLElement, words: Words, announce: (text: string) => void) => (seen: boolean) => void} */
export function presenceSwitch(host, words, announce) {
  /** @type {HTMLFormElement | null} */
  const form = host.querySelector("[data-presence]");
  const unseen = /** @type {HTMLElement} */ (host.querySelector("[data-unseen]"));
  /** @type {boolean | null} */
  let known = null;

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    try {
      const answer = await send(form.action, { method: "POST", body });
      if (!answer.ok) throw new Error(`${answer.status}`);
    } catch {
      announce(words("presence-failed"));
    }
  });

  // Called with what holds.
  return (seen) => {
    if (!form) return;
    unseen.hidden = seen;
    for (const part of form.querySelectorAll("[data-when]")) {
      const now = (part.dataset.when === "on") === seen;
      const focused = part.contains(document.activeElement);
      part.hidden = !now;
      if (focused && !now) form.querySelector("[data-when]:not([hidden]) button")?.focus();
    }
    if (known !== null && known !== seen) announce(words(seen ? "seen" : "unseen"));
    known = seen;
  };
}
