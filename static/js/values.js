// <values-order>: the list of values, put in order by dragging a grip, with a mouse, a pen or a
// finger. The buttons in each row do the same by keyboard and without this file; both are forms
// that the server answers with the list and a sentence for those who do not see it.
const EDGE = 90; // this near to the edge of the window, the page scrolls along
const STEP = 12;

class ValuesOrder extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("pointerdown", (event) => this.take(event), { signal });
    this.addEventListener("pointermove", (event) => this.carry(event), { signal });
    this.addEventListener("pointerup", () => this.drop(), { signal });
    this.addEventListener("pointercancel", () => this.leave(), { signal });
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.leave(), { signal });
  }

  disconnectedCallback() {
    this.leave();
    this.listening.abort();
  }

  take(event) {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button !== 0 || this.row) return;
    event.preventDefault();
    // From here on every movement of this pointer is heard, wherever it is.
    grip.setPointerCapture(event.pointerId);
    this.row = grip.closest("[data-value]");
    this.from = event.clientY + scrollY;
    this.y = event.clientY;
    this.row.classList.add("carried");
    this.scrolling = setInterval(() => this.scroll(), 16);
  }

  carry(event) {
    if (!this.row) return;
    this.y = event.clientY;
    this.show();
  }

  show() {
    this.row.style.translate = `0 ${this.y + scrollY - this.from}px`;
    const rest = [...this.querySelectorAll("[data-value]")].filter((row) => row !== this.row);
    const after = rest.find((row) => {
      const { top, height } = row.getBoundingClientRect();
      return this.y < top + height / 2;
    });
    this.above = after ?? null; // `before` is a method of every element
    for (const row of rest) row.classList.toggle("drop-before", row === after);
    rest.at(-1)?.classList.toggle("drop-after", !after);
  }

  scroll() {
    const up = this.y < EDGE;
    const down = this.y > innerHeight - EDGE;
    if (!up && !down) return;
    scrollBy({ top: up ? -STEP : STEP, behavior: "instant" });
    this.show();
  }

  drop() {
    const { row, above } = this;
    const next = row?.nextElementSibling ?? null;
    this.leave();
    // Where it was picked up, or put back there, nothing is to be done.
    if (!row || above === undefined || above === next || above === row) return;
    const button = row.querySelector("[data-drop]");
    button.value = above?.dataset.value ?? "";
    button.form.requestSubmit(button);
  }

  leave() {
    clearInterval(this.scrolling);
    this.row?.classList.remove("carried");
    this.row?.style.removeProperty("translate");
    for (const row of this.querySelectorAll("[data-value]")) {
      row.classList.remove("drop-before", "drop-after");
    }
    this.row = null;
    this.above = undefined;
  }
}

customElements.define("values-order", ValuesOrder);

// A row that moves takes its focused button along, but not in every browser.
let last = "";
document.addEventListener("focusin", ({ target }) => {
  if (target.closest("#values")) last = target.id;
});

// The field of a new value is emptied of what was sent, and keeps what was typed since.
let sent = "";
document.addEventListener("submit", ({ target }) => {
  if (target.matches(".name-value")) sent = target.elements.text.value;
});

document.addEventListener("htmx:after:swap", ({ target }) => {
  if (last && document.activeElement === document.body) document.getElementById(last)?.focus();
  const field = document.getElementById("new-value");
  if (!field || !target.matches?.(".name-value") || field.matches("[aria-invalid]")) return;
  if (field.value.startsWith(sent)) field.value = field.value.slice(sent.length).trimStart();
});
