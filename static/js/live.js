// Nudges from the server: a frame {"topic": "review"} becomes the event `nudge:review` on body,
// and elements with hx-trigger="nudge:review from:body" ask for their partial again.
const path = /** @type {string} */ (document.body.dataset.live);
/** @type {(code: number) => boolean} */
const FINAL = (code) => code >= 4400 && code < 4500;

let wait = 250;
let missed = false;

function connect() {
  const socket = new WebSocket(new URL(path, location.href.replace(/^http/, "ws")));
  socket.addEventListener("open", () => {
    wait = 250;
    document.documentElement.dataset.live = "on";
    // Whatever was nudged while the line was down has been missed: ask for everything once.
    if (missed) {
      for (const topic of topics()) nudge(topic);
      missed = false;
    }
  });
  socket.addEventListener("message", (event) => {
    const { topic } = JSON.parse(event.data);
    // "missed": something was said after the page was made and before this socket was there.
    for (const each of topic === "missed" ? topics() : [topic]) nudge(each);
  });
  socket.addEventListener("close", (event) => {
    document.documentElement.dataset.live = "off";
    if (FINAL(event.code)) return;
    missed = true;
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 8000);
  });
}

/** @param {string} topic */
function nudge(topic) {
  document.body.dispatchEvent(new CustomEvent(`nudge:${topic}`));
}

/** @returns {Set<string>} */
function topics() {
  const found = new Set();
  for (const element of document.querySelectorAll("[hx-trigger*='nudge:']")) {
    for (const [, topic] of /** @type {string} */ (element.getAttribute("hx-trigger")).matchAll(/nudge:([\w-]+)/g)) {
      found.add(topic);
    }
  }
  for (const { dataset } of document.querySelectorAll("[data-nudge]")) found.add(/** @type {string} */ (dataset.nudge));
  return found;
}

if (path) {
  connect();
  // A phone that slept finds its socket dead without being told; a page shown again from the
  // background asks once.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) for (const topic of topics()) nudge(topic);
  });
}
