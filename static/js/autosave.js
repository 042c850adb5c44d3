// <auto-save> around a form: what is typed is posted when the typing pauses, and the <output>
// inside says where it is. The words come from the element's data attributes.
//
// The server answers 200 with the header X-Revision (the text is kept), or 409/422 with a partial
// that shows both texts or the error: it takes the place of the element's content.
//
// A page that is left in mid-sentence sends its words off, and leaves them for the next page of its
// tab (left.js), which goes on where it stopped.
import { leave, sendTheRest, takeUp } from "./left.js";
import { send } from "./send.js";

const PAUSE = 600;
const RETRY = 3000;
// A page that was left is gone after this time, or stays after all.
const GOING = 30_000;
const TOKEN = "csrfmiddlewaretoken";
const NOT_WORDS = ["revision", "window", TOKEN];
// So many pages of one tab that followed each other in mid-sentence are known as one.
const NAMES = 8;

const words = (form) =>
  JSON.stringify([...new FormData(form)].filter(([name]) => !NOT_WORDS.includes(name)));

function fill(form, fields) {
  for (const field of form.elements) {
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length && !["hidden", "submit"].includes(field.type)) field.value = values[0];
  }
}

// Without `keepalive` where there is too much for it.
const sendAtOnce = (url, how) =>
  send(url, { ...how, keepalive: true }).catch(() => send(url, how));

class AutoSave extends HTMLElement {
  connectedCallback() {
    this.settle();
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("input", () => this.changed(), { signal });
    this.addEventListener("change", () => this.changed(), { signal });
    this.addEventListener(
      "submit",
      (event) => {
        // A button with an address of its own takes the words along to where they go.
        if (event.submitter?.hasAttribute("formaction")) {
          if (this.saving || this.unreached) {
            // What is on its way arrives first: it might come too late for the act. Signed out, or
            // without a connection, going there would leave the words behind.
            event.preventDefault();
            this.save().then(() => this.failed || this.form.requestSubmit(event.submitter));
            return;
          }
          this.wait();
          this.kept = words(this.form);
          return;
        }
        event.preventDefault();
        this.save();
      },
      { signal },
    );
    window.addEventListener("online", () => this.timer && this.save(), { signal });
    // Who goes on to another page in mid-sentence takes nothing away with them; only words that
    // could not be saved are worth a question.
    window.addEventListener(
      "beforeunload",
      (event) => {
        if (!this.dirty) return;
        if (this.failed) event.preventDefault();
        else this.sendOff();
      },
      { signal },
    );
    window.addEventListener("pagehide", () => this.goAway(), { signal });
    // A page that comes back whole may be older than what another one wrote since.
    window.addEventListener(
      "pageshow",
      ({ persisted }) => {
        if (!persisted) return;
        if (this.dirty) takeUp(this.action);
        else location.reload();
      },
      { signal },
    );
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.hidden && this.dirty && !this.failed) this.save({ atOnce: true });
      },
      { signal },
    );
    document.addEventListener("quick-exit", () => this.listening.abort(), { signal });
    this.goOn();
  }

  disconnectedCallback() {
    this.listening.abort();
    clearTimeout(this.timer);
  }

  get form() {
    return this.querySelector("form");
  }

  get action() {
    return this.form.getAttribute("action");
  }

  /** What stands in the form is what the server has. The browser keeps none of it for whoever
   * comes back to this page: the words would be old, and the revision new. */
  settle() {
    this.form.autocomplete = "off";
    this.kept = words(this.form);
  }

  /** Take up what was typed just before this page came. */
  goOn() {
    const left = takeUp(this.action);
    if (!left) return;
    const { form } = this;
    const said = Object.fromEntries(left);
    const names = [form.elements.window.value, ...said.window.split(" ")];
    form.elements.window.value = names.slice(0, NAMES).join(" ");
    fill(form, left);
    if (!this.dirty) return;
    // The revision that they were written over: if others came in between, both are shown.
    form.elements.revision.value = said.revision;
    this.say(this.dataset.saving);
    this.save();
  }

  /** The page goes. Words that were sent off when it was left may be kept by now, and still be
   * missing from the next page, which was on its way already. Where the person has to decide
   * between two texts, nobody decides for them. */
  goAway() {
    const isSent = words(this.form) === this.sent && Date.now() - this.sentAt < GOING;
    if (!(this.dirty || isSent) || (this.failed && !this.unreached)) return;
    if (!isSent) this.sendOff();
    leave(this.action, [...new FormData(this.form)].filter(([name]) => name !== TOKEN));
  }

  /** Whether something stands here that the server has not confirmed. */
  get dirty() {
    return this.form !== null && words(this.form) !== this.kept;
  }

  changed() {
    if (this.swapping) return;
    this.wait();
    if (!this.dirty) return;
    this.say(this.dataset.saving);
    this.wait(PAUSE);
  }

  wait(time) {
    clearTimeout(this.timer);
    this.timer = time && setTimeout(() => this.save(), time);
  }

  /** Save until nothing is left to save, or until that fails. */
  save(how = {}) {
    this.wait();
    this.saving ??= this.post(how).finally(() => (this.saving = null));
    return this.saving;
  }

  /** For the last moment: what is on its way may be older than what stands here. */
  sendOff() {
    const { form } = this;
    this.sent = words(form);
    this.sentAt = Date.now();
    const how = { method: "POST", body: new FormData(form) };
    if (this.saving) sendAtOnce(form.action, how).catch(() => {});
    else this.save({ atOnce: true });
  }

  async post({ atOnce }) {
    this.failed = false;
    do {
      const { form } = this;
      const sent = words(form);
      try {
        const how = { method: "POST", body: new FormData(form) };
        const response = await (atOnce ? sendAtOnce : send)(form.action, how);
        await this.heard(response, form, sent);
      } catch {
        this.unsaved(this.dataset.offline);
      }
    } while (this.dirty && !this.failed);
  }

  async heard(response, form, sent) {
    this.unreached = false;
    if (response.ok) {
      this.kept = sent;
      const revision = response.headers.get("X-Revision");
      const field = form.elements.namedItem("revision");
      if (revision && field) field.value = revision;
      if (!this.dirty) this.say(this.dataset.saved);
    } else if (response.status === 409 || response.status === 422) {
      const answer = await response.text();
      // What was typed while the answer was on its way goes into the new form.
      const typed = [...form.querySelectorAll("textarea")].map(
        ({ name, value, selectionStart }) => ({ name, value, selectionStart }),
      );
      // A field that loses the focus by being taken away says "change"; nobody decided anything.
      this.swapping = true;
      this.innerHTML = answer;
      this.swapping = false;
      if (!this.form) return (this.kept = "", (this.failed = true));
      this.settle();
      for (const { name, value, selectionStart } of typed) {
        const area = this.querySelector(`form textarea[name="${name}"]`);
        if (area) Object.assign(area, { value, selectionStart, selectionEnd: selectionStart });
      }
      // The next save is the person's choice, made with both texts in view.
      this.kept = "";
      this.failed = true;
      this.querySelector("[aria-invalid], form textarea")?.focus();
    } else if (response.type === "opaqueredirect" || response.status === 403) {
      this.unsaved(this.dataset.signedOut, false);
    } else if (response.status === 404) {
      // The other moved out, or another window took away what this was about.
      this.unsaved(this.dataset.gone, false);
    } else if (response.status === 413) {
      // Sent again it would be as long.
      this.unsaved(this.dataset.tooMuch, false);
    } else {
      this.unsaved(this.dataset.offline);
    }
  }

  unsaved(said, retry = true) {
    this.failed = this.unreached = true;
    this.say(said);
    if (retry) this.wait(RETRY);
  }

  say(said) {
    const output = this.querySelector("output");
    if (output && output.textContent !== said) output.textContent = said;
  }
}

customElements.define("auto-save", AutoSave);
sendTheRest();

// Any other form on the page is sent after what was just typed is kept: "I am done" comes behind
// the note that was written a moment before it.
document.addEventListener(
  "submit",
  async (event) => {
    if (event.target.closest("auto-save")) return;
    const open = [...document.querySelectorAll("auto-save")].filter((each) => each.form && each.dirty);
    if (open.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target, submitter } = event;
    // What waits for the person's choice between two texts is not saved behind their back.
    await Promise.all(open.filter((each) => !each.failed).map((each) => each.save()));
    const left = open.find((each) => each.dirty);
    if (left) left.querySelector("textarea")?.focus();
    else target.requestSubmit(submitter);
  },
  { capture: true },
);
