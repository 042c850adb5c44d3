// <letter-editor>: the letter on the page becomes one that two people can write at once.
//
// Attributes: sync-url, name, who (one | two), presence (on | off | none), limit (characters).
// Listens on the document for `insert-line` ({ text }) and clicks on [data-insert-line].
import { EditorState, Plugin } from "prosemirror-state";
import { Decoration, DecorationSet, EditorView } from "prosemirror-view";
import { initProseMirrorDoc, ySyncPlugin, ySyncPluginKey, yUndoPlugin } from "y-prosemirror";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { cursors } from "./cursors.js";
import { keys } from "./keymap.js";
import { limit } from "./limit.js";
import { goToCaret, insertLine, lineRule } from "./lines.js";
import { notes } from "./notes.js";
import { announcer, notices } from "./notices.js";
import { pasting } from "./paste.js";
import { watchOther } from "./people.js";
import { presenceSwitch } from "./presence.js";
import { connect } from "./provider.js";
import { quietly } from "./quietly.js";
import { rescue } from "./rescue.js";
import { KINDS, schema } from "./schema.js";
import { catchUp } from "./selection.js";
import { closedForGood, reduce, start, unsaved } from "./status.js";
import { suggestions } from "./suggestions.js";
import { toolbar } from "./toolbar.js";
import { readWords } from "./words.js";

// An invitation on the empty paper, gone with the first letter.
const invitation = (text) =>
  new Plugin({
    props: {
      decorations({ doc }) {
        const last = doc.lastChild;
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

// Each is a function of the editor's surroundings that returns what it adds: `plugins` for
// ProseMirror, `actions` for buttons of the toolbar by their data-act, `opened(view)` and
// `destroy()`.
const FEATURES = [suggestions, notes, quietly, limit];

const isRemote = (tr) => !!tr.getMeta(ySyncPluginKey)?.isChangeOrigin;

class LetterEditor extends HTMLElement {
  connectedCallback() {
    const words = readWords();
    const announce = announcer(this.querySelector("[data-announce]"));
    const doc = new Y.Doc();
    const fragment = doc.getXmlFragment("letter");
    const awareness = new Awareness(doc);
    const joint = this.getAttribute("presence") !== "none";
    const me = { name: this.getAttribute("name"), who: this.getAttribute("who") };

    let state = start(performance.now());
    let view = null;
    let saver = null; // brings back words that a change of structure would swallow
    let leaving = false;
    const lines = []; // asked for before the letter was open
    const around = { host: this, doc, fragment, awareness, words, announce, me };
    const features = FEATURES.map((feature) => feature(around));

    const place = (text) => {
      if (!view) return lines.push(text);
      if (!view.editable) return announce(words("not-writable"));
      if (insertLine(view, text, { atCursor: this.touched })) announce(words("line-placed"));
      goToCaret(view);
    };

    const open = () => {
      const editable = () => !closedForGood(state);
      view = this.open({ fragment, awareness, joint, words, announce, editable, features });
      saver = rescue(view, fragment, line.provider);
      features.forEach((feature) => feature.opened?.(view));
      lines.splice(0).forEach(place);
    };

    const report = (event) => {
      state = reduce(state, { ...event, at: performance.now() });
      if (event.type === "ready" && !view) open();
      if (event.type === "closed") view?.setProps({});
      says.show();
    };

    const says = notices(this, words, () => state, announce);
    const unwatch = watchOther(awareness, me.who, (other) => this.showOther(other, words, announce));
    const line = connect({
      url: this.getAttribute("sync-url"),
      doc,
      awareness,
      me,
      joint,
      presence: this.getAttribute("presence") === "on",
      report,
      shown: presenceSwitch(this, words, announce),
      arriving(update) {
        if (!view) return;
        catchUp(view);
        saver.arriving(update);
      },
    });

    const listening = new AbortController();
    const { signal } = listening;
    this.querySelector("[data-go-on]").addEventListener("click", () => line.retry(), { signal });
    this.querySelector("[data-reload]").addEventListener(
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
      ({ target }) => {
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
        if (unsaved(state) && !leaving) event.preventDefault();
      },
      { signal },
    );

    this.close = () => {
      listening.abort();
      says.destroy();
      unwatch();
      saver?.destroy();
      features.forEach((feature) => feature.destroy?.());
      line.destroy();
      view?.destroy();
      awareness.destroy();
      doc.destroy();
    };
  }

  disconnectedCallback() {
    this.close?.();
    this.close = null;
  }

  open({ fragment, awareness, joint, words, announce, editable, features }) {
    const letter = this.querySelector("[data-letter]");
    const limit = Number(this.getAttribute("limit")) || Infinity;
    const actions = Object.assign({}, ...features.map((feature) => feature.actions));
    const tools = toolbar(this.querySelector("[role=toolbar]"), actions);
    const { doc, mapping } = initProseMirrorDoc(fragment, schema);
    const tooLong = (tr, { doc: before }) =>
      tr.docChanged &&
      !isRemote(tr) &&
      !tr.getMeta("suggestions") && // puts back what was there
      tr.doc.content.size > Math.max(limit, before.content.size);

    const view = new EditorView(
      { mount: letter },
      {
        state: EditorState.create({
          doc: doc.childCount ? doc : schema.topNodeType.createAndFill(),
          schema,
          plugins: [
            new Plugin({
              filterTransaction: (tr, state) => {
                if (!tooLong(tr, state)) return true;
                announce(words("full"));
                this.dispatchEvent(new Event("letter-full"));
                return false;
              },
            }),
            ySyncPlugin(fragment, { mapping }),
            yUndoPlugin({ protectedNodes: new Set(KINDS) }),
            ...(joint ? [cursors(awareness)] : []),
            ...features.flatMap((feature) => feature.plugins ?? []),
            lineRule(words("line-openings").split("|")),
            ...keys({ "Alt-F10": () => (tools.focus(), true) }),
            invitation(words("invitation")),
            tools.plugin,
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
        dispatchTransaction(tr) {
          // An edit from the other side must not switch off the bold that I just switched on.
          if (isRemote(tr) && this.state.storedMarks) tr.setStoredMarks(this.state.storedMarks);
          this.updateState(this.state.apply(tr));
        },
        // The bar above and, on a phone, the row of links below lie over the text.
        scrollThreshold: { top: 120, bottom: 96, left: 0, right: 0 },
        scrollMargin: { top: 128, bottom: 104, left: 0, right: 0 },
        ...pasting,
        handleDOMEvents: {
          ...pasting.handleDOMEvents,
          keydown: (view) => catchUp(view),
        },
      },
    );
    view.dom.addEventListener("focus", () => (this.touched = true), { once: true });
    this.dataset.ready = "";
    return view;
  }

  showOther(other, words, announce) {
    const slot = this.querySelector("[data-other]");
    if (!slot) return;
    slot.hidden = !other;
    if (!other) return;
    const here = words("here", { name: other.name });
    slot.querySelector(".dot").className = `dot ${other.who}`;
    slot.querySelector("[data-other-name]").textContent = here;
    announce(here);
  }
}

customElements.define("letter-editor", LetterEditor);
