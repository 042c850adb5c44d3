// Words that a page was left with before anybody knew them to be kept: for the next page of this tab.
//
// They are sent off as well, but the page that comes next may be made before they arrive. Here they
// lie for as long as it takes: the next page with that form takes them up, any other sends them once
// more, and nothing of them stays behind.
import { send } from "./send.js";

/** @typedef {[name: string, value: string]} Field */
/** @typedef {Record<string, { at: number, fields: Field[] }>} Forms by their addresses */

const PLACE = "left";
const LONGEST = 10 * 60 * 1000;

const seat = () => document.body.dataset.seat ?? "";

/** @returns {Forms} */
function all() {
  try {
    /** @type {{ of?: string, forms?: Forms }} */
    const { of, forms } = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
    const now = Date.now();
    const recent = Object.entries(forms ?? {}).filter(([, each]) => now - each.at < LONGEST);
    return of === seat() ? Object.fromEntries(recent) : {};
  } catch {
    return {}; // a browser that keeps nothing
  }
}

/** @param {Forms} forms */
function keep(forms) {
  try {
    if (Object.keys(forms).length === 0) sessionStorage.removeItem(PLACE);
    else sessionStorage.setItem(PLACE, JSON.stringify({ of: seat(), forms }));
  } catch {
    // They were sent off; that has to do.
  }
}

/**
 * `fields` are pairs of name and value, those that tell this page from others included.
 * @type {(action: string, fields: Field[]) => void}
 */
export const leave = (action, fields) => keep({ ...all(), [action]: { at: Date.now(), fields } });

/**
 * The page that left this is back, and has it still. What another one left there stays.
 * @type {(action: string, name: string) => void}
 */
export function forget(action, name) {
  const said = Object.fromEntries(all()[action]?.fields ?? []);
  if (said.tab_id?.startsWith(`${name}:`)) takeUp(action);
}

/**
 * What was left for the form with this address, or nothing; it is not there any more then.
 * @type {(action: string) => Field[] | undefined}
 */
export function takeUp(action) {
  const { [action]: found, ...others } = all();
  if (found) keep(others);
  return found?.fields;
}

/** What this page has no form for. Where the server says that other words stand there by now, they
 * wait for the page that shows both. */
export async function sendTheRest() {
  keep(all()); // without those of somebody else, and the old ones
  const headers = JSON.parse(/** @type {string} */ (document.body.getAttribute("hx-headers:inherited")));
  for (const [action, { at, fields }] of Object.entries(all())) {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    const answer = await send(action, { method: "POST", body, headers }).catch(() => null);
    // Something else may have been left there meanwhile.
    if (answer?.ok && all()[action]?.at === at) takeUp(action);
  }
}

window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) sendTheRest();
});

document.addEventListener("quick-exit", () => keep({}));
