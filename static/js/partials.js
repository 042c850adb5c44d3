// What htmx fetches belongs to a signed-in person. Where the answer is the sign-in page, or an
// error, nothing on the page is replaced by it: what was typed stays, and a notice says what is so.
// With debug on, django-htmx keeps 4xx out; ours have something to say. The letter has no htmx.
import { renew } from "./send.js";

// Whole pages of their own, which take the place of no part.
const PAGES = [400, 403, 404, 408, 413, 429];
if (window.htmx) {
  const { config } = window.htmx;
  config.noSwap = [204, 304];
  config.morphIgnore.push("open"); // what somebody has opened stays open when its part is renewed
}
const notices = /** @type {HTMLElement} */ (document.querySelector(".notices"));
const signIn = /** @type {string} */ (document.body.dataset.signIn);

/** @type {HTMLElement | null} */
let notice = null;

/** @param {string | undefined} words */
function say(words) {
  notice = document.createElement("p");
  notice.textContent = /** @type {string} */ (words);
  notices.replaceChildren(notice);
}

document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  renew(raw); // the next try goes through
  const asked = event.detail.ctx.request.method !== "GET";
  if (raw.redirected && new URL(raw.url).pathname.startsWith(signIn)) {
    event.preventDefault();
    say(notices.dataset.signedOut);
  } else if (raw.status >= 500 || PAGES.includes(raw.status)) {
    event.preventDefault();
    // A part of the page that could not be renewed is renewed later; only an act is answered.
    if (asked) say(notices.dataset.failed);
  } else if (asked) notice?.remove(); // it went through now
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.request?.method !== "GET") say(notices.dataset.failed);
});
