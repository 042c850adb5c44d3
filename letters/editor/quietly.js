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


export function quietly({ host, doc, words, announce, me }) {
  const section = document.querySelector("[data-quietly]");
  if (!section) return {};
  const url = section.dataset.quietly;
  const here = section.querySelector("[data-quietly-here]");
  let view = null;
  let watching = null;

  const say = (word) => {
    section.querySelector("[data-quietly-say]").textContent = word && words(word);
  };

  async function ask(path = "", values) {
    const body = values && new URLSearchParams(values);
    body?.set("csrfmiddlewaretoken", here.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      return await send(url + path, body ? { method: "POST", body } : {});
    } catch {
      return { ok: false };
    }
  }

  const show = async (answer) => (here.innerHTML = await answer.text());
  const fetchIt = async () => {
    const answer = await ask();
    if (answer.ok) await show(answer);
    else say("quietly-away");
    return answer.ok;
  };

  // Calls back when everything that stands in the letter is stored.
  function whenSaved(then) {
    const look = () => {
      if (host.dataset.state !== "saved") return;
      watching.disconnect();
      then();
    };
    watching?.disconnect();
    watching = new MutationObserver(look);
    watching.observe(host, { attributes: true, attributeFilter: ["data-state"] });
    look();
  }

  // Whether the letter took the words, and the marker with them.
  function insert({ placing, blocks }) {
    const nodes = blocks.map(([kind, text]) =>
      schema.nodes[kind].create(null, inlineOf(clean(text), [])),
    );
    const also = () => doc.getMap("placed").set(me.who, placing);
    return view.editable && insertBlocks(view, nodes, { atCursor: host.touched, also });
  }

  async function place(button) {
    const keeping = here.querySelector("auto-save");
    const area = here.querySelector("textarea");
    if (!area.value.trim()) return say("quietly-empty");
    button.disabled = area.readOnly = true;
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
      await ask("let-go/", { placing: taken.placing });
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

  const click = ({ target }) => {
    const button = target.closest("[data-place]");
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
