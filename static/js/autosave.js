// <auto-save> around a form: what is typed is posted when the typing pauses, and the <output>
// inside says where it is. The words come from the element's data attributes.
//
// The server answers 200 with the header X-Revision (the text is kept), or 409/422 with a partial
// that shows both texts or the error: it takes the place of the element's content.
//
// Requests may arrive in any order. Each says which page it is from, the how many-eth of it, and how
// far that page knows the ones that it took over from (couples/autosave.py).
//
// A page that is left in mid-sentence sends its words off, and leaves them for the next page of its
// tab (left.js), which goes on where it stopped.
import { forget, leave, sendTheRest, takeUp } from "./left.js";
import { send } from "./send.js";

/** @import { Field } from "./left.js" */
/** @import { Request } from "./send.js" */

const PAUSE = 600;
const RETRY = 3000;
// A page that was left is gone after this time, or stays after all.
const GOING = 30_000;
const TOKEN = "csrfmiddlewaretoken";
const OF_A_FORM = ["once", TOKEN];
const NOT_WORDS = ["revision", "tab_id", ...OF_A_FORM];
// Of words that nobody knows to have been written over any others.
const NONE = "0";
// So many pages of one tab that followed each other in mid-sentence are known as one.
const NAMES = 8;

/** @type {(form: HTMLFormElement) => string} */
const words = (form) =>
  JSON.stringify([...new FormData(form)].filter(([name]) => !NOT_WORDS.includes(name)));

/**
 * The words that the server put there, whatever stands there by now.
 * @param {HTMLFormElement} form
 */
function rendered(form) {
  const copy = /** @type {HTMLFormElement} */ (form.cloneNode(true));
  copy.reset();
  return words(copy);
}

/** @type {(form: HTMLFormElement, fields: Field[]) => void} */
function fill(form, fields) {
  for (const field of /** @type {Iterable<HTMLInputElement>} */ (form.elements)) {
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length && !["hidden", "submit"].includes(field.type)) field.value = values[0];
  }
}

// Without `keepalive` where there is too much for it.
/** @type {(url: string, how: Request) => Promise<Response>} */
const sendAtOnce = (url, how) =>
  send(url, { ...how, keepalive: true }).catch(() => send(url, how));

export class AutoSave extends HTMLElement {
  /** @type {Promise<void> | null | undefined} */
  saving;
  name = "";
  /** @type {string[]} The pages that this one goes on from, itself under an earlier name included. */
  earlier = [];
  count = 0;

  connectedCallback() {
    this.settle();
    /** @type {AbortController} */
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("formdata", ({ formData }) => this.complete(formData), { signal });
    this.addEventListener("input", () => this.changed(), { signal });
    this.addEventListener("change", () => this.changed(), { signal });
    this.addEventListener(
      "submit",
      (event) => {
        // A button with an address of its own takes the words along to where they go.
        const { submitter } = event;
        if (submitter?.hasAttribute("formaction")) {
          if (this.saving || this.unreached) {
            // What is on its way arrives first: it might come too late for the act. Signed out, or
            // without a connection, going there would leave the words behind.
            event.preventDefault();
            this.save().then(() => this.failed || this.form.requestSubmit(submitter));
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
    document.addEventListener("htmx:before:request", (event) => this.lend(event), { signal });
    document.addEventListener("htmx:finally:request", ({ detail }) => this.take(detail.ctx), {
      signal,
    });
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
        if (!this.dirty) return location.reload();
        forget(this.action, this.name);
        if (!this.failed || this.unreached) this.save();
      },
      { signal },
    );
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.hidden && this.dirty && !this.failed && !this.lent) this.save({ atOnce: true });
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

  /**
   * It is missing only where an answer had none.
   * @returns {HTMLFormElement}
   */
  get form() {
    return /** @type {HTMLFormElement} */ (this.querySelector("form"));
  }

  /** @returns {string} */
  get action() {
    return /** @type {string} */ (this.form.getAttribute("action"));
  }

  /** A form as the server made it. The browser keeps none of it for whoever comes back to this page:
   * the words would be old. */
  settle() {
    const { form } = this;
    form.autocomplete = "off";
    /** @type {string} */
    this.kept = rendered(form);
    /** @type {string} */
    this.revision = form.elements.revision.value;
    /** @type {string} */
    this.rendered = form.elements.tab_id.value;
    const [name, ...earlier] = this.rendered.split(" ");
    this.earlier = this.name ? [this.own, ...this.earlier] : earlier;
    this.name = name;
    this.count = 0;
  }

  get own() {
    return `${this.name}:${this.count}`;
  }

  /** Whatever is sent says which revision it was written over, and which page this is. Both are
   * remembered here and never in a field: a field that a script has changed is given back by some
   * browsers, to a page that is another one by then.
   * @param {FormData} formData
   */
  complete(formData) {
    // Rendered anew in its place.
    if (this.form.elements.tab_id.value !== this.rendered) this.settle();
    this.count += 1;
    formData.set("revision", this.revision);
    formData.set("tab_id", [this.own, ...this.earlier].slice(0, NAMES).join(" "));
  }

  /** Take up what was typed just before this page came. */
  goOn() {
    const left = takeUp(this.action);
    if (!left) return this.look();
    const said = Object.fromEntries(left);
    this.earlier = said.tab_id.split(" ");
    fill(this.form, left);
    if (!this.dirty) return;
    // The revision that they were written over: if others came in between, both are shown.
    this.revision = said.revision;
    this.say(this.dataset.saving);
    this.save();
  }

  /** Words may stand here already that the server did not put there: typed before this script was
   * there, or given back by the browser to somebody who came back. Nobody knows then what those were
   * written over; where something else stands by now, both are shown. */
  look() {
    if (!this.dirty) return;
    const [page] = /** @type {PerformanceNavigationTiming[]} */ (
      performance.getEntriesByType("navigation")
    );
    if (page?.type !== "navigate") this.revision = NONE;
    this.changed();
  }

  /** The page goes. Words that were sent off when it was left may be kept by now, and still be
   * missing from the next page, which was on its way already. */
  goAway() {
    if (!this.form) return;
    const isSent = words(this.form) === this.sent && Date.now() - /** @type {number} */ (this.sentAt) < GOING;
    if (!(this.dirty || isSent)) return;
    // Where the person has to decide between two texts, nobody decides for them: the next page shows
    // both, as this one did, if there was time to see it.
    const isOpen = this.failed && !this.unreached;
    if (!isSent && !isOpen) this.sendOff();
    const body = new FormData(this.form);
    if (isOpen) body.set("revision", /** @type {string} */ (this.base));
    const fields = /** @type {Field[]} */ ([...body]);
    leave(this.action, fields.filter(([name]) => !OF_A_FORM.includes(name)));
  }

  /**
   * Whether something stands here that the server has not confirmed.
   * @returns {boolean}
   */
  get dirty() {
    return this.form !== null && words(this.form) !== this.kept;
  }

  changed() {
    if (this.swapping || this.lent) return;
    this.wait();
    if (!this.dirty) return;
    this.say(this.dataset.saving);
    this.wait(PAUSE);
  }

  /** A button that htmx sends takes the words along. What is on its way arrives first, and nothing
   * is sent beside it: words that come after the act are refused.
   * @param {HtmxEvent} event
   */
  lend(event) {
    const { ctx } = event.detail;
    if (!this.form || ctx.request.form !== this.form || ctx.request.method === "GET") return;
    if (this.saving) {
      event.preventDefault();
      this.saving.then(() => this.failed || ctx.sourceElement.click());
    } else {
      this.wait();
      /** @type {HtmxContext | null | undefined} */
      this.lent = ctx;
    }
  }

  /**
   * It is over, and this form is still here.
   * @param {HtmxContext} ctx
   */
  take(ctx) {
    if (ctx !== this.lent) return;
    this.lent = null;
    if (this.isConnected && this.form) this.changed();
  }

  /** @param {number} [time] */
  wait(time) {
    clearTimeout(this.timer);
    this.timer = time && setTimeout(() => this.save(), time);
  }

  /**
   * Save until nothing is left to save, or until that fails.
   * @param {{ atOnce?: boolean }} how
   * @returns {Promise<void>}
   */
  save(how = {}) {
    this.wait();
    this.saving ??= this.post(how).finally(() => (this.saving = null));
    return this.saving;
  }

  /** For the last moment: what is on its way may be older than what stands here, and may arrive
   * later. */
  sendOff() {
    const { form } = this;
    this.sent = words(form);
    this.sentAt = Date.now();
    const how = { method: "POST", body: new FormData(form) };
    this.overtaken = Boolean(this.saving);
    if (this.saving) sendAtOnce(form.action, how).catch(() => {});
    else this.save({ atOnce: true });
  }

  /** @param {{ atOnce?: boolean }} how */
  async post({ atOnce }) {
    this.failed = false;
    do {
      const { form } = this;
      const sent = words(form);
      // Until it is answered, nobody knows which words are kept.
      this.kept = "";
      try {
        const how = { method: "POST", body: new FormData(form) };
        const response = await (atOnce ? sendAtOnce : send)(form.action, how);
        // Sent off meanwhile and still here: once more, as the two may have arrived in any order.
        if (this.overtaken) this.overtaken = false;
        else await this.heard(response, form, sent);
      } catch {
        this.unsaved(this.dataset.offline);
      }
    } while (this.dirty && !this.failed);
  }

  /**
   * @param {Response} response @param {HTMLFormElement} form
   * @param {string} sent the words that it answers
   */
  async heard(response, form, sent) {
    this.unreached = false;
    if (response.ok) {
      this.kept = sent;
      const revision = response.headers.get("X-Revision");
      if (revision) this.revision = revision;
      if (!this.dirty) this.say(this.dataset.saved);
    } else if (response.status === 409 || response.status === 422) {
      const answer = await response.text();
      // What was typed while the answer was on its way goes into the new form.
      const typed = [...form.querySelectorAll("textarea")].map(
        ({ name, value, selectionStart }) => ({ name, value, selectionStart }),
      );
      // What they were written over, until they are sent again.
      this.base = this.revision;
      // A field that loses the focus by being taken away says "change"; nobody decided anything.
      this.swapping = true;
      this.innerHTML = answer;
      this.swapping = false;
      if (this.form) this.settle();
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

  /** @type {(said: string | undefined, retry?: boolean) => void} */
  unsaved(said, retry = true) {
    this.failed = this.unreached = true;
    this.say(said);
    if (retry) this.wait(RETRY);
  }

  /** @type {(said: string | undefined) => void} */
  say(said) {
    const output = this.querySelector("output");
    if (output && output.textContent !== said) output.textContent = /** @type {string} */ (said);
  }
}

customElements.define("auto-save", AutoSave);
sendTheRest();

// Any other form on the page is sent after what was just typed is kept: "I am done" comes behind
// the note that was written a moment before it.
document.addEventListener(
  "submit",
  async (event) => {
    const { submitter } = event;
    const target = /** @type {HTMLFormElement} */ (event.target);
    if (target.closest("auto-save")) return;
    const open = [...document.querySelectorAll("auto-save")].filter((each) => each.form && each.dirty);
    if (open.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // What waits for the person's choice between two texts is not saved behind their back.
    await Promise.all(open.filter((each) => !each.failed).map((each) => each.save()));
    const left = open.find((each) => each.dirty);
    if (left) left.querySelector("textarea")?.focus();
    else target.requestSubmit(submitter);
  },
  { capture: true },
);
