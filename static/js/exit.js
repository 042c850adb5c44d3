// Leaving in a hurry: by the link at the top of every page, or by pressing Shift three times.
//
// Loaded before anything is shown, as a classic script, so that it works while a page still loads, and
// so that whoever goes back in this tab is shown the ordinary page again instead of one of ours.
{
  const { to = "" } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
  const PLACE = "gone";
  const PRESSES = 3;
  const WITHIN = 3000;

  /** @type {(how: (of: Storage) => string | null | void) => string | null | void} */
  const remember = (how) => {
    try {
      return how(sessionStorage);
    } catch {
      // A browser that keeps nothing.
    }
  };

  function leave() {
    // Nothing may ask a question now, not even about unsaved words.
    document.dispatchEvent(new Event("quick-exit"));
    document.body?.classList.add("leaving");
    document.title = "…";
    remember((tab) => tab.setItem(PLACE, "1"));
    // Replaces this page in the history of the tab; those before it lead away as well.
    location.replace(to);
  }

  function stayAway() {
    document.documentElement.hidden = true;
    document.title = "…";
    location.replace(to);
  }

  const gone = () => Boolean(remember((tab) => tab.getItem(PLACE)));
  const [how] = /** @type {PerformanceNavigationTiming[]} */ (
    performance.getEntriesByType("navigation")
  );
  // Whoever comes by an address or a link wants to be here.
  if (how?.type !== "back_forward") remember((tab) => tab.removeItem(PLACE));
  else if (gone()) stayAway();
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && gone()) stayAway();
  });

  document.addEventListener("click", (event) => {
    if (!(/** @type {Element} */ (event.target).closest("[data-quick-exit]"))) return;
    event.preventDefault();
    leave();
  });

  // By itself, pressed and let go: Shift with a letter, an arrow or the mouse is writing.
  /** @type {number[]} */
  let presses = [];
  let alone = false;
  const forget = () => {
    presses = [];
    alone = false;
  };
  const options = { capture: true, passive: true };
  addEventListener("pointerdown", forget, options);
  addEventListener(
    "keydown",
    ({ key }) => {
      if (key === "Shift") alone = true;
      else forget();
    },
    options,
  );
  addEventListener(
    "keyup",
    ({ key, timeStamp }) => {
      if (key !== "Shift" || !alone) return;
      presses = [...presses, timeStamp].filter((then) => timeStamp - then < WITHIN);
      if (presses.length === PRESSES) leave();
    },
    options,
  );
}
