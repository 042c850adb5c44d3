// How much fits into a letter: what would lead beyond is refused before it goes in. Said before it is
// full, and when something was not put in.
import { Plugin, PluginKey } from "prosemirror-state";
import { isRemote } from "./text/binding.js";
import { growthOf, sizeOf } from "./text/changes.js";

/** @import { EditorState } from "prosemirror-state" */
/** @import { Around, Feature } from "./index.js" */

const NEAR = 0.95;
/** @type {PluginKey<{ size: number, most: number }>} */
const key = new PluginKey("limit");

/** @param {EditorState} state */
const roomIn = (state) => /** @type {{ size: number, most: number }} */ (key.getState(state));

/**
 * How long the letter is, as the limit counts: characters, and one for each new block.
 * @type {(state: EditorState) => number}
 */
export const sizeNow = (state) => roomIn(state).size;

/**
 * Whether so many more characters fit into it. What is proposed counts.
 * @type {(state: EditorState, added: number) => boolean}
 */
export function fits(state, added) {
  const { size, most } = roomIn(state);
  return added <= 0 || size + added <= most;
}

/** @type {(around: Around) => Feature} */
export function limit({ host, words, announce }) {
  const line = /** @type {HTMLElement} */ (host.querySelector("[data-size]"));
  const most = Number(host.getAttribute("limit")) || Infinity;
  let refused = false;
  let show = () => {};

  function refuse() {
    refused = true;
    announce(words("full"));
    show();
  }

  return {
    plugins: [
      new Plugin({
        key,
        state: {
          init: (_config, { doc }) => ({ size: sizeOf(doc), most }),
          apply: (tr, now) =>
            tr.docChanged ? { size: now.size + growthOf([tr]), most } : now,
        },
        filterTransaction(tr, state) {
          // A suggestion that is put back in place of what it was is not new.
          if (!tr.docChanged || isRemote(tr) || tr.getMeta("suggestions")) return true;
          if (fits(state, growthOf([tr]))) return true;
          refuse();
          return false;
        },
        view(view) {
          show = () => {
            const left = most - sizeNow(view.state);
            const little = left < most * (1 - NEAR) && "little-room";
            const word = refused ? "full" : left <= 0 ? "no-room" : little;
            line.hidden = !word;
            const about = { left: (Math.ceil(left / 100) * 100).toLocaleString() };
            const text = word ? words(word, about) : "";
            if (line.textContent !== text) line.textContent = text;
          };
          show();
          return {
            update(view, before) {
              if (before.doc === view.state.doc) return;
              refused = false;
              show();
            },
          };
        },
      }),
    ],
  };
}
