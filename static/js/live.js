// Nudges from the server: a frame {"topic": "review"} becomes the event `nudge:review` on body,
// and elements with hx-trigger="nudge:review from:body" ask for their partial again.
const path = /** @type {string} */ (document.body.dataset.live);
/** @type {(code: number) => boolean} */
const FINAL = (code) => code >= 4400 && code < 4500;
const FOREIGN = 4403; // where a server is not set up well, no page is emptied for that

// Without a connection the script for it comes later: a browser asks for no address twice that failed.
const empty = () =>
  import(`${document.body.dataset.ended}?${wait++}`).catch(() => setTimeout(empty, wait));

let wait = 250;
let missed = false;
/** @type {Set<object>} what htmx asked for and has not put into the page yet */
const pending = new Set();
/** @type {Set<string>} */
const held = new Set();

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
    if (FINAL(event.code)) return event.code === FOREIGN || empty();
    missed = true;
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 8000);
  });
}

// An answer on its way was made before this nudge, perhaps, and what it brings into the page has not
// heard it: it is said again once that is there. Only what has its own place waits for nothing.
/** @param {string} topic */
function nudge(topic) {
  if (pending.size) held.add(topic);
  if (!pending.size || document.querySelector(`[data-nudge="${topic}"]`)) {
    document.body.dispatchEvent(new CustomEvent(`nudge:${topic}`));
  }
}

document.addEventListener("htmx:before:request", ({ detail }) => pending.add(detail.ctx));
document.addEventListener("htmx:finally:request", ({ detail }) => {
  pending.delete(detail.ctx);
  if (pending.size) return;
  const topics = [...held];
  held.clear();
  for (const topic of topics) nudge(topic);
});

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
  document.addEventListener("closed", empty); // for the letter, which has a socket of its own
  // A phone that slept finds its socket dead without being told; a page shown again from the
  // background asks once.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) for (const topic of topics()) nudge(topic);
  });
}
