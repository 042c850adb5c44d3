// The open suggestions beside the letter: a list in the margin, and the one at the caret near the
// text, where the margin is far away.
import { sayingsOf } from "./proposals.js";

const LONG = 160; // characters that are shown of one
const MANY = 100; // are shown at a time
const SOON = 400; // an answer that takes longer than this is waited for

export const shorten = (text) => {
  const characters = [...text.slice(0, 2 * LONG)];
  return characters.length > LONG ? `${characters.slice(0, LONG - 1).join("")}…` : text;
};

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

// `isMine(proposal)`, `since(id)` as in decisions.js, `editable()`.
export function rows({ section, words, isMine, since, editable }) {
  const names = { one: section.dataset.one, two: section.dataset.two };
  const list = section.querySelector("[data-suggestion-list]");
  const more = section.querySelector("[data-suggestions-more]");
  const all = section.querySelector("[data-suggestions-all]");
  const item = section.querySelector("template").content.firstElementChild;
  const near = document.createElement("ul");
  near.className = "suggestion-here";
  near.setAttribute("role", "list");
  const shown = new Map(); // key → its row
  let made = 0;

  const nameOf = ({ who }) => names[who] || words("somebody");
  const sentences = (proposal) =>
    sayingsOf(proposal).map((saying) => words(saying, { name: nameOf(proposal) }));

  function dress(row, proposal) {
    const { key, id, who, added, deleted, about } = proposal;
    const [first, ...others] = sentences(proposal);
    const asked = since(id);
    const waits = asked !== null;
    row.dataset.key = key;
    row.className = `suggestion ${who}`;
    row.querySelector(".dot").className = `dot ${who}`;
    setText(row.querySelector("[data-says]"), first);
    setText(row.querySelector("[data-also]"), others.join(" · "));
    for (const [name, text] of Object.entries({ del: deleted, ins: added })) {
      const element = row.querySelector(name);
      element.className = who;
      setText(element, shorten(text.trim() ? text : text.replaceAll("\n", "")));
    }
    const own = added || deleted;
    row.querySelector(".words").hidden = !own;
    // Without words of its own, those that it is about.
    setText(row.querySelector("[data-about]"), own ? "" : shorten(about));
    row.toggleAttribute("data-waits", waits);
    const late = waits && performance.now() - asked >= SOON;
    setText(row.querySelector("[data-waiting]"), late ? words("waits") : "");
    for (const button of row.querySelectorAll("[data-do]")) {
      const act = button.dataset.do;
      button.hidden = act !== "show" && (act === "back") !== isMine(proposal);
      if (act !== "show") button.disabled = waits || !editable();
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

  return {
    list,
    near,
    SOON,

    show(proposals) {
      const first = proposals.slice(0, MANY);
      const keys = new Set(first.map(({ key }) => key));
      for (const [gone, row] of shown) {
        if (keys.has(gone)) continue;
        row.remove();
        shown.delete(gone);
      }
      first.forEach((proposal, index) => {
        const row = shown.get(proposal.key) ?? newRow();
        shown.set(proposal.key, row);
        dress(row, proposal);
        if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
      });
      const theirs = proposals.filter((each) => !isMine(each) && since(each.id) === null);
      section.hidden = !proposals.length;
      more.hidden = proposals.length <= MANY;
      more.textContent = words("more", { count: proposals.length - MANY });
      all.hidden = theirs.length < 2 || !editable();
    },

    // The one at the caret, or none.
    point(proposal) {
      for (const [key, row] of shown) row.toggleAttribute("data-here", key === proposal?.key);
      if (!proposal) return near.replaceChildren();
      if (!near.firstChild) near.append(newRow());
      dress(near.firstChild, proposal);
    },

    // What somebody who listens is told of it.
    say: (proposal) =>
      [
        ...sentences(proposal),
        shorten(proposal.deleted),
        shorten(proposal.added || (proposal.deleted ? "" : proposal.about)),
      ]
        .filter((each) => each.trim())
        .join(" "),

    sentences,
    rowOf: (key) => shown.get(key),
  };
}
