// <letter-editor>: the letter on the page becomes one that two people can write at once.
//
// Attributes: sync-url, name, who (one | two), presence (on | off | none), limit (characters).
// Listens on the document for `insert-line` ({ text }) and clicks on [data-insert-line].
import { EditorState, Plugin, Selection } from "prosemirror-state";
import { Decoration, DecorationSet, EditorView } from "prosemirror-view";
import * as Y from "yjs";
import { Awareness } from "./awareness.js";
import { cursors } from "./cursors.js";
import { createDecisions } from "./decisions.js";
import { keys } from "./keymap.js";
import { limit } from "./limit.js";
import { goToCaret, insertLine } from "./lines.js";
import { notes } from "./notes.js";
import { announcer, notices } from "./notices.js";
import { pasting } from "./paste.js";
import { watchOther } from "./people.js";
import { presenceSwitch } from "./presence.js";
import { connect } from "./provider.js";
import { quietly } from "./quietly.js";
import { logged } from "./reports.js";
import { lineRule } from "./rule.js";
import { catchUp } from "./selection.js";
import { closedForGood, reduce, start, unsaved } from "./status.js";
import { suggestions } from "./suggestions.js";
import { Binding, isRemote } from "./text/binding.js";
import { cleaning } from "./text/clean.js";
import { toolbar } from "./toolbar.js";
import { readWords } from "./words.js";

/** @import { Node } from "prosemirror-model" */
/** @import { Transaction } from "prosemirror-state" */
/** @import { Decisions } from "./decisions.js" */
/** @import { Person } from "./people.js" */
/** @import { Event, Happening } from "./status.js" */
/** @import { Report } from "./text/binding.js" */
/** @import { Action } from "./toolbar.js" */
/** @import { Words } from "./words.js" */
/**
 * @typedef {(text: string) => void} Announce
 * @typedef {{
 *   host: LetterEditor,
 *   doc: Y.Doc,
 *   awareness: Awareness,
 *   words: Words,
 *   announce: Announce,
 *   me: { name: string | null, who: string },
 *   joint: boolean,
 *   decisions: Decisions,
 * }} Around what a feature has around it
 * @typedef {{
 *   plugins?: Plugin[],
 *   actions?: Record<string, Action>,
 *   rewrite?: (tr: Transaction, state: EditorState) => Transaction | undefined,
 *   opened?: (view: EditorView) => void,
 *   destroy?: () => void,
 * }} Feature
 */

// An invitation on the empty paper, gone with the first letter.
/** @param {string} text */
const invitation = (text) =>
  new Plugin({
    props: {
      decorations({ doc }) {
        const last = /** @type {Node} */ (doc.lastChild);
        let written = false;
        doc.forEach((node) => {
          written ||= node.type.name !== "salutation" && node.content.size > 0;
        });
        if (written || last.type.name === "salutation") return null;
        const end = doc.content.size;
        return DecorationSet.create(doc, [
          Decoration.node(end - last.nodeSize, end, { class: "blank", "data-invitation": text }),
        ]);
      },
    },
  });

// The Tab key brings one to where one was, or to the end of the letter; browsers prefer its start.
function keepCaret() {
  let tabbing = false;
  document.addEventListener("keydown", ({ key }) => (tabbing = key === "Tab"), true);
  document.addEventListener("pointerdown", () => (tabbing = false), true);
  /** @param {EditorView} view */
  return (view) => {
    if (!tabbing) return;
    tabbing = false;
    const { selection, doc } = view.state;
    setTimeout(() => {
      if (view.isDestroyed || view.state.doc !== doc) return;
      view.dispatch(view.state.tr.setSelection(selection).scrollIntoView());
    }, 30); // after ProseMirror has looked where the browser put it
  };
}

// Each is a function of the editor's surroundings that returns what it adds: `plugins` for
// ProseMirror, `actions` for buttons of the toolbar by their data-act, `rewrite(tr, state)`, which
// may give another transaction for one that was dispatched, `opened(view)` and `destroy()`.
/** @type {((around: Around) => Feature)[]} */
const FEATURES = [suggestions, notes, quietly, limit];

class LetterEditor extends HTMLElement {
  /**
   * Whether somebody has been in the text.
   * @type {boolean | undefined}
   */
  touched;
  connectedCallback() {
    const words = readWords();
    const announce = announcer(this.find("[data-announce]"));
    // For static/js/ended.js, when the page has to be emptied.
    const doc = (this.doc = new Y.Doc());
    const decisions = createDecisions();
    const awareness = new Awareness(doc);
    const joint = this.getAttribute("presence") !== "none";
    const me = { name: this.getAttribute("name"), who: /** @type {string} */ (this.getAttribute("who")) };

    let state = start(performance.now());
    /** @type {EditorView | null} */
    let view = null;
    /** @type {Binding | null} */
    let binding = null;
    let leaving = false;
    /** @type {string[]} */
    const lines = []; // asked for before the letter was open
    const around = { host: this, doc, awareness, words, announce, me, joint, decisions };
    const features = FEATURES.map((feature) => feature(around));

    /** @param {string} text */
    const place = (text) => {
      if (!view) return lines.push(text);
      if (!view.editable) return announce(words("not-writable"));
      if (insertLine(view, text, { atCursor: this.touched })) announce(words("line-placed"));
      goToCaret(view);
    };

    const open = () => {
      const editable = () => !closedForGood(state);
      const bound = (binding = new Binding(doc, { report, catchUp: () => view && catchUp(view) }));
      const opened = (view = this.open({ ...around, binding: bound, editable, features }));
      features.forEach((feature) => feature.opened?.(opened));
      lines.splice(0).forEach(place);
    };

    /** @param {Happening | Report} event */
    const report = (event) => {
      if (logged(event)) return;
      state = reduce(state, { ...event, at: performance.now() });
      if (event.type === "ready" && !view) open();
      if (event.type === "closed") view?.setProps({});
      says.show();
    };

    const says = notices(this, words, () => state, announce);
    const unwatch = watchOther(awareness, me.who, (other) => this.showOther(other, words, announce));
    const line = connect({
      url: /** @type {string} */ (this.getAttribute("sync-url")),
      doc,
      awareness,
      joint,
      decisions,
      presence: this.getAttribute("presence") === "on",
      report,
      shown: presenceSwitch(this, words, announce),
      arriving: (apply) => (view ? binding?.receive(apply) : apply()),
    });

    const listening = new AbortController();
    const { signal } = listening;
    this.find("[data-reload]").addEventListener(
      "click",
      () => {
        leaving = true; // the notice has said what reloading means
        location.reload();
      },
      { signal },
    );
    document.addEventListener("insert-line", ({ detail }) => place(detail.text), { signal });
    document.addEventListener(
      "click",
      (event) => {
        const target = /** @type {Element} */ (event.target);
        const button = target.closest?.("[data-insert-line]");
        if (button) place(button.dataset.insertLine || button.textContent);
        // Who leaves in a hurry is not asked a question.
        if (target.closest?.("[data-quick-exit]")) leaving = true;
      },
      { signal, capture: true },
    );
    document.addEventListener("quick-exit", () => (leaving = true), { signal, capture: true });
    addEventListener(
      "beforeunload",
      (event) => {
        if ((unsaved(state) || decisions.waiting()) && !leaving) event.preventDefault();
      },
      { signal },
    );

    /** @type {(() => void) | null} */
    this.close = () => {
      listening.abort();
      says.destroy();
      unwatch();
      features.forEach((feature) => feature.destroy?.());
      line.destroy();
      binding?.destroy();
      view?.destroy();
      awareness.destroy();
      doc.destroy();
    };
  }

  /**
   * What every editor has.
   * @type {(selector: string) => HTMLElement}
   */
  find(selector) {
    return /** @type {HTMLElement} */ (this.querySelector(selector));
  }


  disconnectedCallback() {
    this.close?.();
    this.close = null;
  }

  /** @param {Around & { binding: Binding, editable: () => boolean, features: Feature[] }} around */
  open({ binding, awareness, joint, words, announce, editable, features }) {
    const letter = this.find("[data-letter]");
    const actions = Object.assign({}, ...features.map((feature) => feature.actions));
    const tools = toolbar(this.find("[role=toolbar]"), actions);
    const rewrites = features.flatMap((feature) => feature.rewrite ?? []);
    const { page } = binding;

    const view = new EditorView(
      { mount: letter },
      {
        state: EditorState.create({
          doc: page,
          // Who comes in with the Tab key goes on writing where the letter ends.
          selection: Selection.atEnd(page),
          plugins: [
            binding.plugin,
            ...(joint ? [cursors(awareness)] : []),
            ...features.flatMap((feature) => feature.plugins ?? []),
            lineRule(words("line-openings").split("|")),
            ...keys({ "Alt-F10": () => tools.focus() ?? true }),
            pasting({ words, announce, joint }),
            invitation(words("invitation")),
            tools.plugin,
            cleaning,
          ],
        }),
        attributes: {
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": words("label"),
          class: letter.className,
          spellcheck: "true",
          translate: "no",
        },
        editable,
        /**
         * @this {EditorView}
         * @param {Transaction} tr
         */
        dispatchTransaction(tr) {
          const mine = isRemote(tr) ? tr : rewrites.reduce((now, by) => by(now, this.state) ?? now, tr);
          this.updateState(binding.apply(this.state, mine));
        },
        // The bar above and, on a phone, the row of links below lie over the text.
        scrollThreshold: { top: 120, bottom: 96, left: 0, right: 0 },
        scrollMargin: { top: 128, bottom: 104, left: 0, right: 0 },
        handleDOMEvents: {
          keydown: (view) => catchUp(view),
          // What waited may come in when the browser has put the word where it belongs.
          compositionend: () => void setTimeout(() => binding.release()),
          focus: keepCaret(),
        },
      },
    );
    binding.attach(view);
    view.dom.addEventListener("focus", () => (this.touched = true), { once: true });
    this.dataset.ready = "";
    return view;
  }

  /** @type {(other: Person | null, words: Words, announce: Announce) => void} */
  showOther(other, words, announce) {
    const slot = this.querySelector("[data-other]");
    if (!slot) return;
    slot.hidden = !other;
    if (!other) return;
    const here = words("here", { name: other.name });
    this.find("[data-other] .dot").className = `dot ${other.who}`;
    this.find("[data-other] [data-other-name]").textContent = here;
    announce(here);
  }
}

customElements.define("letter-editor", LetterEditor);
