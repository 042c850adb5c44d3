// The open suggestions beside the letter: a list in the margin, and the one at the caret near the
// text, where the margin is far away.
import { sayingsOf } from "./proposals.js";

/** @import { Words } from "../words.js" */
/** @import { Proposal } from "./proposals.js" */

const LONG = 160; // characters that are shown of one
const MANY = 100; // are shown at a time
const SOON = 400; // an answer that takes longer than this is waited for

/** @param {string} text */
export const shorten = (text) => {
  const characters = [...text.slice(0, 2 * LONG)];
  return characters.length > LONG ? `${characters.slice(0, LONG - 1).join("")}…` : text;
};

/** @type {(element: HTMLElement, text: string) => void} */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

// `isMine(proposal)`, `since(id)` as in decisions.js, `editable()`.
/**
 * @param {{
 *   section: HTMLElement,
 *   words: Words,
 *   isMine: (proposal: Proposal) => boolean,
 *   since: (id: string) => number | null,
 *   editable: () => boolean,
 * }} around
 */
export function rows({ section, words, isMine, since, editable }) {
  /** @type {Record<string, string | undefined>} */
  const names = { one: section.dataset.one, two: section.dataset.two };
  /** @type {(place: ParentNode, selector: string) => HTMLElement} */
  const part = (place, selector) => /** @type {HTMLElement} */ (place.querySelector(selector));
  const list = part(section, "[data-suggestion-list]");
  const more = part(section, "[data-suggestions-more]");
  const all = part(section, "[data-suggestions-all]");
  const { content } = /** @type {HTMLTemplateElement} */ (part(section, "template"));
  const item = /** @type {HTMLElement} */ (content.firstElementChild);
  const near = document.createElement("ul");
  near.className = "suggestion-here";
  near.setAttribute("role", "list");
  /** @type {Map<string, HTMLElement>} */
  const shown = new Map(); // key → its row
  let made = 0;

  /** @param {Proposal} proposal */
  const nameOf = ({ who }) => names[who] || words("somebody");
  /** @param {Proposal} proposal */
  const sentences = (proposal) =>
    sayingsOf(proposal).map((saying) => words(saying, { name: nameOf(proposal) }));

  /** @type {(row: HTMLElement, proposal: Proposal) => void} */
  function dress(row, proposal) {
    const { key, id, who, added, deleted, about } = proposal;
    const [first, ...others] = sentences(proposal);
    const asked = since(id);
    const waits = asked !== null;
    row.dataset.key = key;
    row.className = `suggestion ${who}`;
    part(row, ".dot").className = `dot ${who}`;
    setText(part(row, "[data-says]"), first);
    setText(part(row, "[data-also]"), others.join(" · "));
    for (const [name, text] of Object.entries({ del: deleted, ins: added })) {
      const element = part(row, name);
      element.className = who;
      setText(element, shorten(text.trim() ? text : text.replaceAll("\n", "")));
    }
    const own = added || deleted;
    part(row, ".words").hidden = !own;
    // Without words of its own, those that it is about.
    setText(part(row, "[data-about]"), own ? "" : shorten(about));
    row.toggleAttribute("data-waits", waits);
    const late = asked !== null && performance.now() - asked >= SOON;
    setText(part(row, "[data-waiting]"), late ? words("waits") : "");
    /** @type {NodeListOf<HTMLButtonElement>} */
    const buttons = row.querySelectorAll("[data-do]");
    for (const button of buttons) {
      const act = button.dataset.do;
      button.hidden = act !== "show" && (act === "back") !== isMine(proposal);
      if (act !== "show") button.disabled = waits || !editable();
    }
  }

  function newRow() {
    const row = /** @type {HTMLElement} */ (item.cloneNode(true));
    const words = part(row, "[data-suggestion-words]");
    words.id = `suggestion-${(made += 1)}`;
    for (const button of row.querySelectorAll("button")) {
      button.setAttribute("aria-describedby", words.id);
    }
    return row;
  }

  return {
    list,
    near,
    SOON,

    /** @param {Proposal[]} proposals */
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
    /** @param {Proposal | undefined} proposal */
    point(proposal) {
      for (const [key, row] of shown) row.toggleAttribute("data-here", key === proposal?.key);
      if (!proposal) return near.replaceChildren();
      if (!near.firstChild) near.append(newRow());
      dress(/** @type {HTMLElement} */ (near.firstChild), proposal);
    },

    // What somebody who listens is told of it.
    /** @param {Proposal} proposal */
    say: (proposal) =>
      [
        ...sentences(proposal),
        shorten(proposal.deleted),
        shorten(proposal.added || (proposal.deleted ? "" : proposal.about)),
      ]
        .filter((each) => each.trim())
        .join(" "),

    sentences,
    /** @param {string | null} key */
    rowOf: (key) => shown.get(/** @type {string} */ (key)),
  };
}
