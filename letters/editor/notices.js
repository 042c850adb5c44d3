// What the page says about saving: a short line that is always there, a notice where something is
// to be done, and a few words for screen readers when something really changed.
import { look } from "./status.js";

const TICK = 250;
const SPOKEN_AFTER = 900; // what flickers by is not read out

const FAULTS = ["signed-out", "not-yours", "sealed", "too-long", "outdated", "broken"];
const AWAY = ["offline", "unopened", "slow"];

export function announcer(region) {
  let timer = null;
  return (text) => {
    clearTimeout(timer);
    region.textContent = "";
    timer = setTimeout(() => (region.textContent = text), 50);
  };
}

// `state()` gives the present state of status.js.
export function notices(host, words, state, announce) {
  const line = host.querySelector("[data-status]");
  const notice = host.querySelector("[data-notice]");
  let shown = null;
  let spoken = "saved";
  let speech = null;

  function speak(word) {
    const back = word === "saved" && spoken !== "saved";
    if (!back && !AWAY.includes(word) && !FAULTS.includes(word)) return;
    if (word === spoken) return;
    spoken = word;
    announce(words(back ? "saved-again" : word));
  }

  function show() {
    const word = look(state(), performance.now());
    if (word === shown) return;
    shown = word;
    host.dataset.state = word;
    const fault = FAULTS.includes(word);
    line.textContent = fault ? words("not-saving") : words(word);
    notice.hidden = !fault;
    if (fault) {
      notice.querySelector("[data-notice-text]").textContent = words(word);
      for (const action of notice.querySelectorAll("[data-for]")) {
        action.hidden = !action.dataset.for.split(" ").includes(word);
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
