// The list of notes in the margin: the server's HTML, in the order of the letter. Nothing that is being
// typed in it is touched.

/** @import { Around } from "../index.js" */
/** @import { Drawn, Known } from "./places.js" */
/** @typedef {HTMLElement & { dataset: { note: string, kind: string, who: string } }} Item a note in the list */

/** @type {<E extends HTMLElement>(place: ParentNode, selector: string) => E} */
export const part = (place, selector) => /** @type {any} */ (place.querySelector(selector));
/** @param {Element} element */
export const typed = (element) =>
  [...element.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);
/** @param {Element} element */
const focused = (element) => element.contains(document.activeElement);

/** @type {(list: HTMLElement, around: Pick<Around, "words" | "announce" | "me">) => { known: Known, receive: (html: string, sent?: string) => void, arrange: (drawn: Drawn) => void }} */
export function createList(list, { words, announce, me }) {
  /** @type {Known} */
  const known = new Map();
  /** @type {Set<string | undefined> | null} */
  let heard = null; // the remarks that were here before

  // The list as the server has it now; `sent` is the thread whose form was just sent.
  /** @type {(html: string, sent?: string) => void} */
  function receive(html, sent) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    if (!list.firstElementChild) list.append(fresh.content.cloneNode(true));
    const items = new Map([...fresh.content.querySelectorAll("[data-note]")].map((li) => [li.id, li]));
    known.clear();
    for (const { dataset, parentElement } of /** @type {Iterable<Item>} */ (items.values())) {
      const open = "open" in /** @type {HTMLElement} */ (parentElement).dataset;
      known.set(dataset.note, { kind: dataset.kind, who: dataset.who, open });
    }
    for (const old of list.querySelectorAll("[data-note]")) {
      const li = items.get(old.id);
      items.delete(old.id);
      if (!li) {
        if (old.id === sent || !typed(old)) old.remove();
      } else if (old.id === sent) old.replaceWith(li);
      else if (li.dataset.changed !== old.dataset.changed) {
        const words = part(old, "[data-part]");
        if (typed(words)) continue; // it comes when these words are sent
        if (!typed(old) && !focused(old)) old.replaceWith(li);
        else {
          words.replaceWith(part(li, "[data-part]"));
          old.dataset.changed = li.dataset.changed;
        }
      }
    }
    part(list, "[data-open]").append(...items.values());
    for (const li of /** @type {Iterable<Item>} */ (list.querySelectorAll("[data-note]"))) {
      const state = known.get(li.dataset.note)?.open === false ? "resolved" : "open";
      const home = part(list, `[data-${state}]`);
      if (li.parentElement !== home && !focused(li)) home.append(li);
    }
    const resolved = part(list, "[data-resolved]");
    /** @type {HTMLElement} */ (resolved.parentElement).hidden = !resolved.firstElementChild;
    const remarks = [...list.querySelectorAll("[data-remark]")];
    const news = remarks.find(
      ({ dataset }) => heard && !heard.has(dataset.remark) && dataset.who !== me.who,
    );
    if (news) announce(words("note-left", { name: part(news, "b").textContent }));
    heard = new Set(remarks.map(({ dataset }) => dataset.remark));
  }

  // Threads in the order of the text, the one at the caret marked.
  /** @param {Drawn} drawn */
  function arrange({ places, active }) {
    const order = [...places.keys()];
    /** @param {Item} li */
    const at = ({ dataset }) => (places.has(dataset.note) ? order.indexOf(dataset.note) : Infinity);
    for (const ul of list.querySelectorAll("ul")) {
      const items = /** @type {Item[]} */ ([...ul.children]);
      const sorted = [...items].sort((a, b) => at(a) - at(b) || 0);
      if (sorted.some((li, i) => li !== items[i])) {
        // What has the focus keeps it only if it is not moved.
        const still = Math.max(0, sorted.findIndex(focused));
        sorted[still].before(...sorted.slice(0, still));
        sorted[still].after(...sorted.slice(still + 1));
      }
      for (const li of items) {
        const gone = !places.has(li.dataset.note);
        li.hidden = gone && li.dataset.kind !== "comment";
        const sentence = li.querySelector("[data-gone]");
        if (sentence) sentence.hidden = !gone || "resolved" in ul.dataset;
        li.classList.toggle("active", li.dataset.note === active);
      }
    }
  }

  return { known, receive, arrange };
}
