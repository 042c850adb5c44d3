// A request to the server, from a page that may be older than the last sign-in. The server refuses
// its token then, and hands the new one to the person whose page it is: every form here takes it
// over, and what was refused is sent again.
/** @typedef {RequestInit & { body?: FormData | URLSearchParams, headers?: Record<string, string> }} Request */

const HEADER = "X-CSRFToken";
const FIELD = "csrfmiddlewaretoken";

/** @type {(url: string, how: Request) => Promise<Response>} */
export async function send(url, { headers, body, ...how }) {
  const ask = () =>
    fetch(url, {
      redirect: "manual",
      ...how,
      body,
      headers: { "HX-Request": "true", "X-Seat": document.body.dataset.seat ?? "", ...headers },
    });
  const answer = await ask();
  const token = renew(answer);
  if (!token || !body) return answer;
  body.set(FIELD, token);
  return ask();
}

/**
 * Take over the new token, where the answer has one; returns it.
 * @type {(answer: Response) => string | null}
 */
export function renew({ status, headers }) {
  const token = status === 403 && headers.get(HEADER);
  if (!token) return null;
  /** @type {NodeListOf<HTMLInputElement>} */
  const fields = document.querySelectorAll(`[name=${FIELD}]`);
  for (const field of fields) field.value = token;
  const { body } = document;
  const name = "hx-headers:inherited";
  const known = JSON.parse(/** @type {string} */ (body.getAttribute(name)));
  body.setAttribute(name, JSON.stringify({ ...known, [HEADER]: token }));
  return token;
}
