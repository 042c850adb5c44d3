// Suggest mode, and the open suggestions beside the letter.
import { Plugin, Selection } from "prosemirror-state";
import { joinBackward, splitBlock } from "../commands.js";
import { keymap } from "../keyboard.js";
import { bindingOf } from "../text/binding.js";
import { breaks } from "./breaks.js";
import { composing } from "./composing.js";
import { readDecided } from "./decided.js";
import { decider } from "./decisions.js";
import { namesFor } from "./ids.js";
import { breaksOf, plainSlice } from "./marks.js";
import { findProposals, keyAt } from "./proposals.js";
import { asWriting } from "./proposing.js";
import { rows } from "./rows.js";

/** @import { Command, EditorState, Transaction } from "prosemirror-state" */
/** @import { EditorView } from "prosemirror-view" */
/** @import { Around, Feature } from "../index.js" */
/** @import { About } from "./marks.js" */
/** @import { Proposal } from "./proposals.js" */

const LOOK = 50; // how often to see whether a composition has ended

/** @param {Element} row */
const focusOn = (row) => /** @type {HTMLElement} */ (row.querySelector("[data-do=show]")).focus();

/** @type {Record<string, string>} */
const DONE = { accept: "accepted", decline: "declined", back: "back" };

/** @type {(around: Pick<Around, "host" | "doc" | "words" | "announce" | "me" | "decisions">) => Feature} */
export function suggestions({ host, doc, words, announce, me, decisions }) {
  const section = document.querySelector("[data-suggestions]");
  if (!section) return {};
  const decided = readDecided(doc.getMap("decided"));
  const composed = composing({ who: me.who, names: namesFor(doc, decided) });
  const listening = new AbortController();
  let on = false;
  /** @type {EditorView} */
  let view;
  /** @type {Proposal[]} */
  let proposals = [];
  /** @type {string | null} */
  let current = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let looking;
  let entered = false; // the caret is where somebody put it

  /** @param {Proposal} proposal */
  const isMine = ({ who }) => who === me.who;

  const deciding = decider({
    outbox: decisions,
    doc,
    decided,
    settled: (act, done) => announce(words(done ? DONE[act] : "late")),
    changed: () => view && !view.isDestroyed && render(),
  });

  const margin = rows({
    section,
    words,
    isMine,
    since: deciding.since,
    editable: () => view.editable,
  });

  function toggle() {
    settle();
    on = !on;
    host.toggleAttribute("data-suggesting", on);
    announce(words(on ? "suggesting" : "suggesting-no-more"));
    view.dispatch(view.state.tr); // the toolbar looks again
  }

  // -- My edits --

  /** @type {(tr: Transaction, state: EditorState) => Transaction} */
  function rewrite(tr, state) {
    if (!tr.docChanged) return tr;
    if (!on && !composed.holds) return asWriting(tr, state);
    const done = composed.take(tr, state, view.composing);
    if (composed.holds) looking ??= setInterval(settle, LOOK);
    return done;
  }

  // A word that was being composed becomes a proposal when it is done.
  function settle() {
    if (composed.holds && view.composing) return;
    clearInterval(looking);
    looking = undefined;
    const settled = composed.settle(view.state);
    if (settled) view.dispatch(settled);
  }

  // Where a key would propose once more what I have proposed already, it does the next thing.
  /** @type {(command: Command) => Command} */
  const again = (command) => (state, dispatch, view) => {
    const { $from, empty } = state.selection;
    if (!on || !empty || $from.parentOffset) return false;
    /** @param {About} about */
    const plain = ({ act, who, kind }) => act === "kind" && who === me.who && kind === "paragraph";
    return breaksOf($from.parent).some(plain) && command(state, dispatch, view);
  };
  /** @type {(command: Command) => Command} */
  const inEmpty = (command) => (state, dispatch, view) =>
    !state.selection.$from.parent.content.size && command(state, dispatch, view);

  // -- The list --

  function render() {
    margin.show(proposals);
    mark(false);
  }

  /** @param {boolean} moved */
  function mark(moved) {
    const at = entered ? keyAt(view.state) : null;
    const proposal = proposals.find(({ key }) => key === at);
    margin.point(proposal);
    if (!moved || at === current) return;
    current = at;
    // Who listens learns what the caret has come to; their own they know.
    if (proposal && !isMine(proposal) && view.hasFocus()) announce(margin.say(proposal));
  }

  /** @type {(act: string, chosen: Proposal[]) => void} */
  function decide(act, chosen) {
    if (!view.editable) return;
    const ids = chosen.filter((each) => isMine(each) === (act === "back")).map(({ id }) => id);
    if (!deciding.decide(act, ids)) return;
    setTimeout(() => {
      if (!view || view.isDestroyed || !ids.some((id) => deciding.since(id) !== null)) return;
      render();
      announce(words("waits"));
    }, margin.SOON);
  }

  /** @param {Proposal} proposal */
  function show({ pieces }) {
    const { doc: page, tr } = view.state;
    view.dispatch(tr.setSelection(Selection.near(page.resolve(pieces[0].to), -1)).scrollIntoView());
    view.focus();
  }

  // After a decision: the next row that does not wait, or the letter.
  /** @param {number} index */
  function goOn(index) {
    const open = [...margin.list.children].filter((row) => !row.hasAttribute("data-waits"));
    const all = [...margin.list.children];
    const row = open.find((each) => all.indexOf(each) >= index) ?? open.at(-1);
    if (row) focusOn(row);
    else view.focus();
  }

  /** @param {Event} event */
  function clicked({ target, currentTarget }) {
    const button = /** @type {Element} */ (target).closest?.("button");
    if (!button || !view) return;
    settle();
    const row = button.closest("[data-key]");
    const index = Math.max(0, [...margin.list.children].indexOf(/** @type {Element} */ (row)));
    const chosen = row
      ? proposals.filter(({ key }) => key === row.dataset.key)
      : proposals.filter((each) => !isMine(each));
    const act = /** @type {string} */ (button.dataset.do);
    if (act === "show") return chosen.forEach(show);
    decide(act, chosen);
    if (currentTarget === margin.near) view.focus();
    else goOn(index);
  }

  // From the letter to the suggestion at the caret, or to the first.
  function toList() {
    const row = margin.rowOf(keyAt(view.state)) ?? margin.list.firstElementChild;
    if (row) focusOn(row);
    return !!row;
  }

  /** @type {Record<string, string | undefined>} */
  const names = { one: section.dataset.one, two: section.dataset.two };
  /** @type {(about: About) => string} */
  const sayBreak = ({ act, who, kind }) =>
    words(`here-${/** @type {Record<string, string>} */ ({ ins: "begins", del: "joins" })[act] ?? kind}`, {
      name: names[who] || words("somebody"),
    });

  const plugin = new Plugin({
    props: {
      transformCopied: plainSlice,
      handleDOMEvents: {
        focus() {
          entered = true;
          mark(true);
        },
      },
      handleKeyDown() {
        settle();
        return false;
      },
      // Left to itself, Chromium writes over marked words in a style of its own making.
      handleKeyPress(_view, { key, charCode, ctrlKey, metaKey }) {
        const { selection, tr } = view.state;
        if (selection.empty || charCode < 32 || ctrlKey || metaKey) return false;
        const sign = [...key].length === 1 ? key : String.fromCodePoint(charCode);
        view.dispatch(tr.insertText(sign).scrollIntoView());
        return true;
      },
    },

    view(opened) {
      view = opened;
      proposals = findProposals(view.state.doc);
      render();
      let editable = view.editable;
      return {
        update(_view, { doc: before }) {
          const changed = before !== view.state.doc;
          if (changed) proposals = findProposals(view.state.doc);
          if (changed || editable !== view.editable) margin.show(proposals);
          editable = view.editable;
          mark(!changed);
        },
      };
    },
  });

  return {
    plugins: [
      plugin,
      breaks(sayBreak),
      keymap({
        "Alt-Shift-s": toList,
        Backspace: again(joinBackward),
        Enter: again(inEmpty(splitBlock)),
      }),
    ],
    actions: { suggest: { run: toggle, pressed: () => on, idle: () => false } },
    rewrite,
    opened() {
      // What was composed goes into the letter before anything else comes into it.
      const binding = bindingOf(view.state);
      const { catchUp } = binding;
      binding.catchUp = () => {
        catchUp();
        settle();
      };
      host.querySelector(".letter-bar")?.append(margin.near);
      const { signal } = listening;
      for (const place of [section, margin.near]) {
        place.addEventListener("click", clicked, { signal });
      }
      section.addEventListener("keydown", ({ key }) => key === "Escape" && view.focus(), { signal });
    },
    destroy() {
      listening.abort();
      deciding.destroy();
      clearInterval(looking);
    },
  };
}
