// <auto-save> around a form: what is typed is posted when the typing pauses, and the <output>
// inside says where it is. The words come from the element's data attributes.
//
// The server answers 200 with the header X-Revision (the text is kept), or 409/422 with a partial
// that shows both texts or the error: it takes the place of the element's content.
const PAUSE = 600;
const RETRY = 3000;

class AutoSave extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", () => this.changed());
    this.addEventListener("change", () => this.changed());
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.leave = (event) => {
      if (this.dirty) event.preventDefault();
    };
    this.back = () => this.dirty && this.save();
    window.addEventListener("beforeunload", this.leave);
    window.addEventListener("online", this.back);
    document.addEventListener("quick-exit", () => (this.dirty = false));
    this.dirty = false;
  }

  disconnectedCallback() {
    window.removeEventListener("beforeunload", this.leave);
    window.removeEventListener("online", this.back);
  }

  changed() {
    this.dirty = true;
    this.say(this.dataset.saving);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy) return (this.again = true);
    const form = this.querySelector("form");
    this.busy = true;
    this.dirty = false;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "HX-Request": "true" },
        redirect: "manual",
      });
      await this.heard(response, form);
    } catch {
      this.unsaved(this.dataset.offline);
    } finally {
      this.busy = false;
      if (this.again) {
        this.again = false;
        this.save();
      }
    }
  }

  async heard(response, form) {
    if (response.ok) {
      const revision = response.headers.get("X-Revision");
      const field = form.elements.namedItem("revision");
      if (revision && field) field.value = revision;
      // Typed on in the meantime: the newer words are on their way.
      if (!this.dirty) this.say(this.dataset.saved);
    } else if (response.status === 409 || response.status === 422) {
      const answer = await response.text();
      // What was typed while the answer was on its way goes into the new form.
      const typed = [...form.querySelectorAll("textarea")].map((area) => [area.name, area.value]);
      this.innerHTML = answer;
      for (const [name, words] of typed) {
        const area = this.querySelector(`form textarea[name="${name}"]`);
        if (area) area.value = words;
      }
      this.querySelector("[aria-invalid], form textarea")?.focus();
    } else if (response.type === "opaqueredirect" || response.status === 403) {
      this.unsaved(this.dataset.signedOut, false);
    } else {
      this.unsaved(this.dataset.offline);
    }
  }

  unsaved(words, retry = true) {
    this.dirty = true;
    this.say(words);
    if (retry) this.timer = setTimeout(() => this.save(), RETRY);
  }

  say(words) {
    const output = this.querySelector("output");
    if (output && output.textContent !== words) output.textContent = words;
  }
}

customElements.define("auto-save", AutoSave);
