// Write quietly: a passage that only its author sees, until it is placed into the joint letter.
//
// The server hands the words out once for each placing. They go into the letter together with a
// marker that names the placing, in one update of Yjs, and the server empties the passage when the
// letter that it has stored contains the marker. Whatever breaks in between, the words are here or
// there. While one writes here, no caret is told: the letter does not have the focus.
import { send } from "../../static/js/send.js";
import { goToCaret, insertBlocks } from "./lines.js";
import { schema } from "./schema.js";
import { clean } from "./text/clean.js";
import { inlineOf } from "./text/tokens.js";

/** @import { EditorView } from "prosemirror-view" */
/** @import { Around, Feature } from "./index.js" */
/** @typedef {{ placing: string, blocks: [kind: string, text: string][] }} Taken */


/** @type {(around: Pick<Around, "host" | "doc" | "words" | "announce" | "me">) => Feature} */
export function quietly({ host, doc, words, announce, me }) {
  /** @type {HTMLDetailsElement | null} */
  const section = document.querySelector("[data-quietly]");
  if (!section) return {};
  const url = section.dataset.quietly ?? "";
  /** @type {<E extends HTMLElement>(place: HTMLElement, selector: string) => E} */
  const part = (place, selector) => /** @type {any} */ (place.querySelector(selector));
  const here = part(section, "[data-quietly-here]");
  /** @type {EditorView} */
  let view;
  /** @type {MutationObserver | null} */
  let watching = null;

  /** @param {string} word */
  const say = (word) => {
    part(section, "[data-quietly-say]").textContent = word && words(word);
  };

  /** @type {(path?: string, values?: Record<string, string>) => Promise<Response>} */
  async function ask(path = "", values) {
    const body = values && new URLSearchParams(values);
    /** @type {HTMLInputElement} */
    const token = part(here, "[name=csrfmiddlewaretoken]");
    body?.set("csrfmiddlewaretoken", token.value);
    try {
      return await send(url + path, body ? { method: "POST", body } : {});
    } catch {
      return /** @type {Response} */ ({ ok: false });
    }
  }

  /** @param {Response} answer */
  const show = async (answer) => (here.innerHTML = await answer.text());
  const fetchIt = async () => {
    const answer = await ask();
    if (answer.ok) await show(answer);
    else say("quietly-away");
    return answer.ok;
  };

  // Calls back when everything that stands in the letter is stored.
  /** @param {() => void} then */
  function whenSaved(then) {
    const look = () => {
      if (host.dataset.state !== "saved") return;
      watching?.disconnect();
      then();
    };
    watching?.disconnect();
    watching = new MutationObserver(look);
    watching.observe(host, { attributes: true, attributeFilter: ["data-state"] });
    look();
  }

  // Whether the letter took the words, and the marker with them.
  /** @type {(taken: Taken) => boolean} */
  function insert({ placing, blocks }) {
    const nodes = blocks.map(([kind, text]) =>
      schema.nodes[kind].create(null, inlineOf(clean(text), [])),
    );
    const also = () => doc.getMap("placed").set(me.who, placing);
    return view.editable && insertBlocks(view, nodes, { atCursor: host.touched, also });
  }

  /** @type {(button: HTMLButtonElement) => Promise<unknown>} */
  async function place(button) {
    /** @type {import("../../static/js/autosave.js").AutoSave} */
    const keeping = part(here, "auto-save");
    /** @type {HTMLTextAreaElement} */
    const area = part(here, "textarea");
    if (!area.value.trim()) return say("quietly-empty");
    button.disabled = area.readOnly = true;
    /** @param {string} word */
    const undo = (word) => {
      say(word);
      button.disabled = area.readOnly = false;
    };
    if (keeping.dirty) await keeping.save();
    if (keeping.dirty) return undo("quietly-unsaved");
    const { revision } = keeping;
    const again = here.querySelector("[data-again]")?.dataset.again ?? "";
    const answer = await ask("take/", { revision, again });
    if (answer.status === 409) {
      say("");
      return show(answer);
    }
    if (!answer.ok) return undo("quietly-offline");
    const taken = await answer.json();
    // While I suggest, a passage is a suggestion like everything else that I add.
    const done = "suggesting" in host.dataset ? "quietly-proposed" : "quietly-placed";
    if (!insert(taken)) {
      await ask("discard/", { placing: taken.placing });
      return undo("quietly-full");
    }
    say("quietly-saving");
    goToCaret(view);
    whenSaved(async () => {
      const settled = await ask("placed/", { placing: taken.placing });
      if (settled.ok) await show(settled);
      say(done);
      announce(words(done));
    });
  }

  /** @param {MouseEvent} event */
  const click = ({ target }) => {
    /** @type {HTMLButtonElement | null} */
    const button = /** @type {Element} */ (target).closest("[data-place]");
    if (button) place(button);
  };
  const toggle = () => {
    if (section.open && !here.firstElementChild) fetchIt();
  };

  return {
    async opened(opened) {
      view = opened;
      section.addEventListener("click", click);
      section.addEventListener("toggle", toggle);
      // What was begun is not hidden from the one who began it.
      if (await fetchIt()) section.open ||= !!here.querySelector("textarea")?.value;
    },
    destroy() {
      watching?.disconnect();
      section.removeEventListener("click", click);
      section.removeEventListener("toggle", toggle);
    },
  };
}
