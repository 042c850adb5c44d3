// Notes beside a joint letter: threads about some words, a heart, "tell me more".
//
// A note's place is the mark `note {id}`, which moves with its words; what it says is a row on the
// server, made before the mark. The list in the margin is the server's HTML; it is asked for again
// when somebody changed it, and nothing that is being typed there is touched. Marks are set outside
// of undo: it takes back words, and the notes on them stay or go with their words.
import { Slice } from "prosemirror-model";
import { Plugin, PluginKey, TextSelection } from "prosemirror-state";
import { uuidv4 } from "lib0/random";
import { send as sendTo } from "../../static/js/send.js";
import { keymap } from "./keyboard.js";
import { createList, part, typed } from "./notes/list.js";
import { draw, lineAt, note, quote, within } from "./notes/places.js";
import { bindingOf, isRemote } from "./text/binding.js";
import { absoluteOf, relativeAt } from "./text/caret.js";

/** @import { EditorState, Transaction } from "prosemirror-state" */
/** @import { EditorView } from "prosemirror-view" */
/** @import { RelativePosition } from "yjs" */
/** @import { Around, Feature } from "./index.js" */
/** @import { Item } from "./notes/list.js" */
/** @import { Drawn, Span } from "./notes/places.js" */
/** @import { Action } from "./toolbar.js" */
/** @typedef {Span & { ends: RelativePosition[] }} Followed */

/** @type {PluginKey<Drawn>} */
const key = new PluginKey("notes");
/** @type {(state: EditorState) => Drawn} */
const drawnIn = (state) => /** @type {Drawn} */ (key.getState(state));

/** @type {(around: Pick<Around, "words" | "announce" | "me">) => Feature} */
export function notes({ words, announce, me }) {
  const margin = document.querySelector("[data-notes]");
  if (!margin) return {};
  const section = margin; // it is there from here on
  /** @type {HTMLFormElement} */
  const form = part(section, "[data-note-new]");
  const list = part(section, "[data-notes-list]");
  const { known, receive, arrange } = createList(list, { words, announce, me });
  const listening = new AbortController();
  const { signal } = listening;
  /** @type {EditorView} */
  let view;
  /** @type {Followed | null} */
  let about = null; // the words of the new note
  /** @type {Set<Followed>} */
  const followed = new Set(); // ranges that something will be said about: { from, to, ends }
  let busy = false;

  // -- In the letter ----------------------------------------------------------------------------

  /** @type {(span: Span) => Followed} */
  function follow({ from, to }) {
    const where = bindingOf(view.state).where();
    const range = { from, to, ends: [relativeAt(where, from, 1), relativeAt(where, to, -1)] };
    followed.add(range);
    return range;
  }

  // What somebody else did around these words is best known to Yjs.
  /** @type {(range: Followed, tr: Transaction, state: EditorState) => void} */
  function moved(range, tr, state) {
    const where = isRemote(tr) && bindingOf(state).where(state.doc);
    const [from, to] = where ? range.ends.map((end) => absoluteOf(where, end)) : [null, null];
    range.from = from ?? tr.mapping.map(range.from, 1);
    range.to = Math.max(range.from, to ?? tr.mapping.map(range.to, -1));
  }

  const plugin = new Plugin({
    key,
    state: {
      init: (_config, state) => draw(state, known, about),
      apply(tr, before, _old, state) {
        if (!tr.docChanged && !tr.selectionSet && !tr.getMeta(key)) return before;
        if (tr.docChanged) followed.forEach((range) => moved(range, tr, state));
        return draw(state, known, about);
      },
    },
    props: {
      decorations: (state) => drawnIn(state).drawn,
      // A note comes along when its words are moved. It does not double with a copy, and one of
      // another letter stays there.
      transformPasted({ content, openStart, openEnd }, { state, dragging }) {
        const { places } = drawnIn(state);
        /** @param {string} id */
        const keep = (id) => known.has(id) && (dragging?.move || !places.has(id));
        return new Slice(within(content, keep), openStart, openEnd);
      },
    },
    view(created) {
      view = created;
      return {
        update(_view, before) {
          const drawn = drawnIn(view.state);
          if (drawnIn(before) === drawn) return;
          arrange(drawn);
          const some = list.querySelector("[data-note]:not([hidden])");
          part(section, "[data-notes-empty]").hidden = !!some || !form.hidden;
        },
      };
    },
  });

  /** @type {(id: string, range?: Span) => void} */
  function setMark(id, range) {
    const tr = view.state.tr.setMeta("addToHistory", false).setMeta(key, true);
    if (range) tr.addMark(range.from, range.to, note.create({ id }));
    else {
      for (const { from, to } of drawnIn(view.state).places.get(id) ?? []) {
        tr.removeMark(from, to, note.create({ id }));
      }
    }
    view.dispatch(tr);
  }

  const again = () => view.dispatch(view.state.tr.setMeta(key, true));

  // To the text, with the caret in view.
  function back(tr = view.state.tr) {
    view.focus();
    view.dispatch(tr.scrollIntoView());
  }

  /** @param {string} id */
  function goTo(id) {
    const { doc, tr } = view.state;
    const range = drawnIn(view.state).places.get(id)?.[0];
    if (range) tr.setSelection(TextSelection.create(doc, range.from, range.to));
    back(tr);
  }

  // -- In the margin ----------------------------------------------------------------------------

  const say = (text = "") => (part(section, "[data-notes-say]").textContent = text);

  // Answers with the list, or null and what is wrong.
  /** @type {(url: string, body?: FormData) => Promise<{ html?: string, wrong?: string }>} */
  async function ask(url, body) {
    try {
      const response = await sendTo(url, body ? { method: "POST", body } : {});
      const { ok, status, type } = response;
      if (ok) return { html: await response.text() };
      if (status === 422) return { wrong: await response.text() };
      const signedOut = type === "opaqueredirect" || status === 403;
      const gone = status === 404;
      return { wrong: words(signedOut ? "note-signed-out" : gone ? "note-gone" : "note-offline") };
    } catch {
      return { wrong: words("note-offline") };
    }
  }

  async function refetch() {
    const { html } = await ask(/** @type {string} */ (section.dataset.notes));
    say(html === undefined ? words("notes-away") : "");
    if (html !== undefined) take(html);
  }

  // The list as the server has it now; `sent` is the thread whose form was just sent.
  /** @type {(html: string, sent?: string) => void} */
  function take(html, sent) {
    receive(html, sent);
    again();
  }

  // -- Acts -------------------------------------------------------------------------------------

  /** @param {Span | null} range */
  function show(range) {
    followed.delete(/** @type {Followed} */ (about));
    about = range && follow(range);
    form.hidden = !about;
    if (about) {
      part(form, "[data-note-quote]").textContent = quote(view.state.doc, about);
    }
    again();
  }

  // The words that are picked; without any, the thread at the caret, or the whole line.
  /** @param {EditorState} state */
  function comment(state) {
    const { from, to, empty } = state.selection;
    const { active } = drawnIn(state);
    /** @type {HTMLDetailsElement | null} */
    const thread = empty && active ? list.querySelector(`#note-${active} .reply`) : null;
    const range = empty ? lineAt(state) : { from, to };
    if (!thread && !quote(state.doc, range).trim()) {
      announce(words("note-none"));
      return true;
    }
    if (thread) thread.open = true;
    else show(range);
    // At once: on a phone, what is focused later gets no keyboard.
    const area = part(thread || form, "textarea");
    area.focus();
    area.scrollIntoView({ block: "center" });
    return true;
  }

  /** @type {(kind: string, state: EditorState) => string[]} */
  const mine = (kind, state) => {
    const { from, to } = lineAt(state);
    return [...drawnIn(state).places].flatMap(([id, [place]]) => {
      const of = known.get(id);
      return of?.kind === kind && of.who === me.who && place.from >= from && place.to <= to ? id : [];
    });
  };

  // The row, and then the mark, where the words are by then; what is wrong.
  /** @type {(id: string, kind: string, range: Span, text: string) => Promise<string | undefined>} */
  async function leave(id, kind, range, text) {
    const body = new FormData(form);
    const fields = { id, kind, text, quote: quote(view.state.doc, range) };
    Object.entries(fields).forEach(([name, value]) => body.set(name, value));
    const { html, wrong } = await ask(form.action, body);
    if (html !== undefined) {
      if (range.from < range.to) setMark(id, range);
      take(html);
    }
    return wrong;
  }

  /** @param {string} kind */
  async function react(kind) {
    if (busy) return;
    busy = true;
    const had = mine(kind, view.state);
    let wrong;
    for (const id of had) {
      /** @type {HTMLFormElement} */
      const taking = part(list, `#note-${id} [data-take-back]`);
      const answer = await ask(taking.action, new FormData(taking));
      wrong = answer.wrong;
      if (wrong) break;
      setMark(id);
      take(/** @type {string} */ (answer.html));
    }
    if (!had.length) {
      const line = follow(lineAt(view.state));
      wrong = await leave(uuidv4(), kind, line, "");
      followed.delete(line);
    }
    say(wrong);
    busy = false;
  }

  /** @type {(sending: HTMLFormElement, button: HTMLElement | null) => Promise<void>} */
  async function send(sending, button) {
    if (busy) return;
    busy = true;
    const li = /** @type {Item} */ (sending.closest("[data-note]"));
    const area = /** @type {HTMLTextAreaElement} */ (sending.querySelector("textarea"));
    const error = sending.querySelector("[data-error]");
    let wrong;
    if (sending === form) {
      // The same id when it is sent again: it stays one note.
      form.dataset.id ||= uuidv4();
      wrong = await leave(form.dataset.id, "comment", /** @type {Span} */ (about), area.value);
    } else {
      const answer = await ask(button?.getAttribute("formaction") ?? sending.action, new FormData(sending));
      wrong = answer.wrong;
      if (wrong === undefined) {
        if ("takeBack" in sending.dataset) setMark(li.dataset.note);
        take(/** @type {string} */ (answer.html), li.id);
        if (!list.querySelector(`#${li.id}`)) setMark(li.dataset.note);
      }
    }
    busy = false;
    if (error) {
      error.textContent = wrong ?? "";
      error.hidden = !wrong;
      area.setAttribute("aria-invalid", String(!!wrong));
    } else say(wrong);
    if (wrong) return area?.focus();
    if (sending === form) {
      form.dataset.id = area.value = "";
      show(null);
      announce(words("note-kept"));
      back();
    } else {
      const now = list.querySelector(`#${li.id}`);
      (now?.closest("details:not([open])") ?? now)?.querySelector("summary, button")?.focus();
      if (!now) back();
    }
  }

  /** @type {(kind: string) => Action} */
  const reaction = (kind) => ({
    run: () => void react(kind),
    pressed: (state) => mine(kind, state).length > 0,
    idle: (state) => !quote(state.doc, lineAt(state)).trim(),
  });

  return {
    plugins: [plugin, keymap({ "Alt-Shift-m": comment })],
    actions: {
      note: { run: comment, pressed: null, idle: () => false, keepsFocus: true },
      heart: reaction("heart"),
      more: reaction("more"),
    },
    opened() {
      // Before anything else hears of it: a note does not wait for other forms of the page.
      window.addEventListener(
        "submit",
        (event) => {
          const sending = /** @type {HTMLFormElement} */ (event.target);
          if (!section.contains(sending)) return;
          event.preventDefault();
          event.stopPropagation();
          send(sending, event.submitter);
        },
        { capture: true, signal },
      );
      section.addEventListener(
        "click",
        (event) => {
          const target = /** @type {Element} */ (event.target);
          if (target.closest("[data-go]")) goTo(/** @type {Item} */ (target.closest("[data-note]")).dataset.note);
          if (target.closest("[data-note-not]")) {
            /** @type {HTMLTextAreaElement} */ (part(form, "textarea")).value = "";
            show(null);
            back();
          }
        },
        { signal },
      );
      section.addEventListener(
        "keydown",
        (event) => {
          if (event.key === "Escape") {
            if (about && !typed(form)) show(null);
            back();
          } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            /** @type {Element} */ (event.target).closest("form")?.requestSubmit();
          } else return;
          event.preventDefault();
        },
        { signal },
      );
      window.addEventListener(
        "beforeunload",
        (event) => typed(section) && event.preventDefault(),
        { signal },
      );
      document.addEventListener("quick-exit", () => listening.abort(), { signal });
      document.body.addEventListener("nudge:letter-notes", refetch, { signal });
      window.addEventListener("online", refetch, { signal });
      refetch();
    },
    destroy: () => listening.abort(),
  };
}
