// Two people look at one review: where one goes on, the other's page comes along. It stays where it
// is while somebody types there, or has something on it that is not sent yet; then a link says so.
import { WRITTEN, typed } from "./typing.js";

class ComeAlong extends HTMLElement {
  connectedCallback() {
    // htmx first makes the link its own.
    this.timer = setTimeout(() => {
      if (!busy(document.getElementById("review-body"))) this.querySelector("a")?.click();
    }, 50);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }
}

/** @type {(page: HTMLElement | null) => boolean} */
function busy(page) {
  if (page?.querySelector(`:is(${WRITTEN}):focus`) || typed(page)) return true;
  /** @type {Iterable<HTMLInputElement>} */
  const chosen = page?.querySelectorAll("[type=radio], [type=checkbox]") ?? [];
  return [...chosen].some((field) => field.checked !== field.defaultChecked);
}

customElements.define("come-along", ComeAlong);
