// A button that is pressed twice acts once. The server sees to that (couples/web/once.py); here the second
// press does not even go, so that the page which comes is that of the first.
const PATIENCE = 10_000;

/** @type {WeakMap<HTMLFormElement, number>} */
const sent = new WeakMap();

// After everybody else has heard it: what a script sends itself never comes this far.
window.addEventListener("submit", (event) => {
  const { submitter } = event;
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (event.defaultPrevented || form.method !== "post") return;
  if (performance.now() - (sent.get(form) ?? -PATIENCE) < PATIENCE) {
    event.preventDefault();
    return;
  }
  sent.set(form, performance.now());
  submitter?.setAttribute("aria-busy", "true");
});

// A page that comes back whole may be used again.
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const form of document.forms) sent.delete(form);
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
  }
});
