// Two people look at one review: where one goes on, the other's page comes along. It stays where it
// is while somebody types there, or has something on it that is not sent yet; then a link says so.
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

const WRITTEN = "textarea, input:not([type=hidden], [type=radio], [type=checkbox])";

function busy(page) {
  if (page?.querySelector(`:is(${WRITTEN}):focus`)) return true;
  return [...(page?.querySelectorAll("textarea, input") ?? [])].some((field) =>
    field.matches(WRITTEN) ? field.value !== field.defaultValue : field.checked !== field.defaultChecked,
  );
}

customElements.define("come-along", ComeAlong);
