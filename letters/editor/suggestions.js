// Suggest mode, and the open suggestions beside the letter.
import { Fragment, Slice } from "prosemirror-model";
import { keymap } from "prosemirror-keymap";
import { Plugin, Selection } from "prosemirror-state";
import { ySyncPluginKey, yUndoPluginKey } from "y-prosemirror";
import { findProposals, isProposal, keyOf, settle } from "./proposals.js";
import { PARAGRAPH_SIGN, asProposal, replaced } from "./proposing.js";
import { schema } from "./schema.js";

const OURS = "suggestions"; // the meta of transactions that are not to become proposals
const { deletion } = schema.marks;
const LONG = 160; // characters that are shown of one
const MANY = 100; // are shown at a time

const isRemote = (tr) => !!tr.getMeta(ySyncPluginKey)?.isChangeOrigin;

const shorten = (text) => {
  const characters = [...text.slice(0, 2 * LONG)];
  return characters.length > LONG ? `${characters.slice(0, LONG - 1).join("")}…` : text;
};

// Whose words the caret is in or beside: the one that was marked last.
function proposalAt({ selection: { $head } }) {
  for (const node of [$head.nodeAfter, $head.nodeBefore]) {
    const mark = node?.marks.findLast(isProposal);
    if (mark) return keyOf(mark);
  }
  return null;
}

// Words that are copied are words, not somebody's suggestion.
const plain = (fragment) =>
  Fragment.from(
    fragment.content.map((node) =>
      node.isText
        ? node.mark(node.marks.filter((mark) => !isProposal(mark)))
        : node.copy(plain(node.content)),
    ),
  );

export function suggestions({ host, words, announce, me }) {
  const section = document.querySelector("[data-suggestions]");
  if (!section) return {};
  const names = { one: section.dataset.one, two: section.dataset.two };
  const limit = Number(host.getAttribute("limit")) || Infinity;
  const list = section.querySelector("[data-suggestion-list]");
  const more = section.querySelector("[data-suggestions-more]");
  const all = section.querySelector("[data-suggestions-all]");
  const item = section.querySelector("template").content.firstElementChild;
  const here = document.createElement("ul"); // near the text, where the margin is far away
  here.className = "suggestion-here";
  here.setAttribute("role", "list");
  const rows = new Map(); // key → its row
  const listening = new AbortController();
  let on = false;
  let view = null;
  let proposals = [];
  let current = null;
  let made = 0;

  const nameOf = ({ who }) => names[who] || words("somebody");
  const isMine = ({ who }) => who === me.who;
  const kindOf = ({ added, deleted }) => (!added ? "deletes" : deleted ? "changes" : "adds");

  function toggle() {
    on = !on;
    host.toggleAttribute("data-suggesting", on);
    announce(words(on ? "suggesting" : "suggesting-no-more"));
    view.dispatch(view.state.tr); // the toolbar looks again
  }

  // -- The rows in the margin --

  function dress(row, proposal) {
    const { who, added, deleted } = proposal;
    row.dataset.key = proposal.key;
    row.className = `suggestion ${who}`;
    row.querySelector(".dot").className = `dot ${who}`;
    row.querySelector("[data-says]").textContent = words(kindOf(proposal), {
      name: nameOf(proposal),
    });
    for (const [name, text] of Object.entries({ del: deleted, ins: added })) {
      const element = row.querySelector(name);
      const shown = text === PARAGRAPH_SIGN ? words("new-paragraph") : shorten(text);
      element.hidden = !text;
      element.className = who;
      if (element.textContent !== shown) element.textContent = shown;
    }
    for (const button of row.querySelectorAll("[data-do]")) {
      const act = button.dataset.do;
      button.hidden = act !== "show" && (act === "back") !== isMine(proposal);
      if (act !== "show") button.disabled = !view.editable;
    }
  }

  function newRow() {
    const row = item.cloneNode(true);
    const said = row.querySelector("[data-suggestion-words]");
    said.id = `suggestion-${(made += 1)}`;
    for (const button of row.querySelectorAll("button")) {
      button.setAttribute("aria-describedby", said.id);
    }
    return row;
  }

  function render() {
    const shown = proposals.slice(0, MANY);
    const keys = new Set(shown.map((proposal) => proposal.key));
    for (const [gone, row] of rows) {
      if (keys.has(gone)) continue;
      row.remove();
      rows.delete(gone);
    }
    shown.forEach((proposal, index) => {
      const row = rows.get(proposal.key) ?? newRow();
      rows.set(proposal.key, row);
      dress(row, proposal);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    });
    const theirs = proposals.filter((proposal) => !isMine(proposal));
    section.hidden = !proposals.length;
    more.hidden = proposals.length <= MANY;
    more.textContent = words("more", { count: proposals.length - MANY });
    all.hidden = theirs.length < 2 || !view.editable;
  }

  function mark(moved) {
    const at = proposalAt(view.state);
    const proposal = proposals.find((each) => each.key === at);
    for (const [each, row] of rows) row.toggleAttribute("data-here", each === at);
    if (proposal) {
      if (!here.firstChild) here.append(newRow());
      dress(here.firstChild, proposal);
    } else here.replaceChildren();
    if (!moved || at === current) return;
    current = at;
    // Who listens learns what the caret has come to; their own they know.
    if (proposal && !isMine(proposal) && view.hasFocus()) {
      const said = [words(kindOf(proposal), { name: nameOf(proposal) })];
      said.push(shorten(proposal.deleted), shorten(proposal.added));
      announce(said.filter(Boolean).join(" "));
    }
  }

  // -- What the buttons do --

  function conclude(chosen, accepted, says) {
    if (!view.editable || !chosen.length) return;
    yUndoPluginKey.getState(view.state).undoManager.stopCapturing();
    view.dispatch(settle(view.state.tr.setMeta(OURS, true), chosen, accepted));
    announce(words(says));
  }

  function show({ pieces }) {
    const { doc, tr } = view.state;
    view.dispatch(tr.setSelection(Selection.near(doc.resolve(pieces[0].from))).scrollIntoView());
    view.focus();
  }

  // After a row has gone: the next one, or the letter.
  function goOn(index) {
    const row = list.children[Math.min(index, list.children.length - 1)];
    if (row) row.querySelector("[data-do=show]").focus();
    else view.focus();
  }

  function clicked({ target, currentTarget }) {
    const button = target.closest?.("button");
    if (!button || !view) return;
    const row = button.closest("[data-key]");
    const index = [...list.children].indexOf(row);
    const chosen = row
      ? proposals.filter((proposal) => proposal.key === row.dataset.key)
      : proposals.filter((proposal) => !isMine(proposal));
    const act = button.dataset.do;
    if (act === "show") return chosen.forEach(show);
    const says = { accept: "accepted", decline: "declined", back: "back" }[act];
    conclude(chosen, act === "accept", says);
    if (currentTarget === here) view.focus();
    else goOn(index < 0 ? 0 : index);
  }

  // From the letter to the suggestion at the caret, or to the first.
  function toList() {
    const row = rows.get(proposalAt(view.state)) ?? list.firstElementChild;
    row?.querySelector("[data-do=show]").focus();
    return !!row;
  }

  const plugin = new Plugin({
    // What is marked as deleted stays in the letter, so writing over it makes the letter longer.
    filterTransaction(tr, state) {
      if (!on || !tr.docChanged || isRemote(tr) || tr.getMeta(OURS)) return true;
      const added = replaced([tr]).reduce((sum, { fromB, toB }) => sum + toB - fromB, 0);
      if (!added || state.doc.content.size + added <= limit) return true;
      announce(words("full"));
      return false;
    },

    appendTransaction(transactions, before, state) {
      const edits = transactions.filter((tr) => tr.docChanged);
      if (!edits.length || edits.some((tr) => isRemote(tr) || tr.getMeta(OURS))) return null;
      if (!on) {
        // What is written among words that are to go does not go with them.
        const tr = state.tr.setMeta(OURS, true);
        for (const { fromB, toB } of replaced(edits)) tr.removeMark(fromB, toB, deletion);
        return tr.docChanged ? tr : null;
      }
      const proposal = asProposal(edits, before, state, me.who);
      if (!proposal) return null;
      if (proposal.apart) announce(words("apart"));
      return proposal.tr.setMeta(OURS, true);
    },

    props: {
      transformPasted: ({ content, openStart, openEnd }) =>
        new Slice(plain(content), openStart, openEnd),
      // Left to itself, Chromium writes over marked words in a style of its own making.
      handleKeyPress(_view, { charCode, ctrlKey, metaKey }) {
        const { selection, tr } = view.state;
        if (selection.empty || charCode < 32 || ctrlKey || metaKey) return false;
        view.dispatch(tr.insertText(String.fromCharCode(charCode)).scrollIntoView());
        return true;
      },
    },

    view(opened) {
      view = opened;
      proposals = findProposals(view.state.doc);
      render();
      let editable = view.editable;
      return {
        update(_view, { doc }) {
          const changed = doc !== view.state.doc;
          if (changed) proposals = findProposals(view.state.doc);
          if (changed || editable !== view.editable) render();
          editable = view.editable;
          mark(!changed);
        },
      };
    },
  });

  return {
    plugins: [plugin, keymap({ "Alt-Shift-s": toList })],
    actions: { suggest: { run: toggle, pressed: () => on, idle: () => false } },
    opened() {
      host.querySelector(".letter-bar")?.append(here);
      const { signal } = listening;
      for (const place of [section, here]) place.addEventListener("click", clicked, { signal });
      section.addEventListener(
        "keydown",
        (event) => {
          if (event.key === "Escape") view.focus();
        },
        { signal },
      );
    },
    destroy: () => listening.abort(),
  };
}
