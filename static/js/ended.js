// A page whose socket has heard its last word: signed out somewhere else, or no longer one's own to
// read. Its words go out of it, all but what was not saved, which can still be copied. Brought by
// live.js at that moment, so that no page has it before.

/** @typedef {{ id: { client: number, clock: number }, length: number, deleted: boolean,
 *   origin: { client: number, clock: number } | null, content: { str?: string } }} Item of Yjs */
/** @typedef {HTMLElement & { doc?: import("yjs").Doc & { saved?: number } }} Editor */

/** What somebody typed into the fields of this page and no answer has confirmed. */
function* fields() {
  /** @type {NodeListOf<HTMLTextAreaElement | HTMLInputElement>} */
  const all = document.querySelectorAll("textarea, input:not([type]), input[type=text]");
  for (const field of all) {
    const { name, value, defaultValue } = field;
    /** @type {import("./autosave.js").AutoSave | null} */
    const saving = field.closest("auto-save");
    const saved = saving
      ? !saving.dirty || JSON.parse(saving.kept || "[]").some(isThis)
      : value === defaultValue;
    if (!saved && value.trim()) yield value;

    /** @param {[string, string]} kept */
    function isThis([of, words]) {
      return of === name && words === value;
    }
  }
}

/**
 * What was typed into the letter since it was last said to be saved, in the order of typing.
 * @param {Editor} editor
 */
function* letter({ doc }) {
  const saved = doc?.saved ?? 0;
  let words = "";
  const mine = /** @type {Item[]} */ (/** @type {unknown} */ (doc?.store.clients.get(doc.clientID) ?? []));
  for (const { id, length, deleted, origin, content } of mine) {
    if (deleted || id.clock + length <= saved) continue;
    const goesOn = origin?.client === id.client && origin.clock === id.clock - 1;
    if (!goesOn && id.clock >= saved) words += "\n";
    words += content?.str?.slice(Math.max(0, saved - id.clock)) ?? "\n";
  }
  words = words.trim().replace(/\n+/g, "\n");
  if (words) yield words;
}

function empty() {
  /** @type {HTMLTemplateElement | null} */
  const template = document.querySelector("template[data-ended]");
  const main = /** @type {HTMLElement} */ (document.querySelector("#main"));
  if (!template) return;
  /** @type {Editor | null} */
  const editor = document.querySelector("letter-editor");
  const unsaved = [...fields(), ...(editor ? letter(editor) : [])];
  const page = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const kept = /** @type {HTMLElement} */ (page.querySelector("[data-unsaved]"));
  kept.hidden = unsaved.length === 0;
  for (const words of unsaved) {
    const quote = document.createElement("blockquote");
    quote.className = "not-kept";
    quote.dir = "auto";
    quote.textContent = words;
    kept.append(quote);
  }
  for (const part of document.querySelectorAll("#urgent, .bar nav, template[data-ended]")) part.remove();
  document.querySelector(".notices")?.replaceChildren();
  document.title = page.querySelector("h1")?.textContent ?? "";
  main.replaceChildren(page);
  try {
    sessionStorage.removeItem("left");
  } catch {
    // A browser that keeps nothing.
  }
}

empty();
