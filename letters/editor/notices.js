// What the page says about saving: a short line that is always there, a notice where something is
// to be done, and a few words for screen readers when something really changed.
import { look } from "./status.js";

/** @import { State } from "./status.js" */
/** @import { Words } from "./words.js" */

const TICK = 250;
const SPOKEN_AFTER = 900; // what flickers by is not read out
const HEARD_AFTER = 7_000;

const AWAY = ["offline", "unopened", "slow"];

// Two things that happen at once are both read out: each is a line of its own, and stays until a
// screen reader has surely seen it. (What replaces the words of a live region takes away what was
// in it but not yet read.)
/** @type {(region: HTMLElement) => (text: string) => void} */
export function announcer(region) {
  return (text) => {
    const line = document.createElement("p");
    line.textContent = text;
    region.append(line);
    setTimeout(() => line.remove(), HEARD_AFTER);
  };
}

// `state()` gives the present state of status.js.
/**
 * @param {HTMLElement} host
 * @param {Words} words
 * @param {() => State} state
 * @param {(text: string) => void} announce
 */
export function notices(host, words, state, announce) {
  const line = /** @type {HTMLElement} */ (host.querySelector("[data-status]"));
  const notice = /** @type {HTMLElement} */ (host.querySelector("[data-notice]"));
  /** @type {string | null} */
  let shown = null;
  let spoken = "saved";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let speech;

  /** @param {string} word */
  function speak(word) {
    const back = word === "saved" && spoken !== "saved";
    if (!back && !AWAY.includes(word) && word !== state().fault) return;
    if (word === spoken) return;
    spoken = word;
    announce(words(back ? "saved-again" : word));
  }

  function show() {
    const word = look(state(), performance.now());
    if (word === shown) return;
    shown = word;
    host.dataset.state = word;
    const fault = word === state().fault;
    line.textContent = fault ? words("not-saving") : words(word);
    notice.hidden = !fault;
    if (fault) {
      /** @type {HTMLElement} */ (notice.querySelector("[data-notice-text]")).textContent = words(word);
      for (const action of notice.querySelectorAll("[data-for]")) {
        action.hidden = !(/** @type {string} */ (action.dataset.for).split(" ")).includes(word);
      }
    }
    clearTimeout(speech);
    speech = setTimeout(speak, SPOKEN_AFTER, word);
  }

  const ticking = setInterval(show, TICK);
  show();
  return {
    show,
    destroy() {
      clearInterval(ticking);
      clearTimeout(speech);
    },
  };
}
