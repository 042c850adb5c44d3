// What I decided about suggestions, on its way to the server: it settles one decision after the
// other, and its answer is an edit of the letter. Until it has answered, a decision stays here and
// is sent again whenever the connection comes back.
import { frame } from "./frame.js";

export const MESSAGE = 103;

const encode = (message) => frame(MESSAGE, JSON.stringify(message));

export function createDecisions() {
  const waiting = new Map(); // n → its message
  const listeners = new Set();
  let last = 0;
  let send = null; // only while the server knows all that I wrote before

  const tell = () => listeners.forEach((listener) => listener(waiting.size));

  return {
    /** `of` is [{ id, seen, ranges }], `verdict` "accept" or "decline". */
    decide(of, verdict) {
      const message = { n: (last += 1), verdict, of };
      waiting.set(message.n, message);
      send?.(encode(message));
      tell();
    },
    /** How many have not been settled. */
    waiting: () => waiting.size,
    /** `listener(count)` hears when that changes; returns how to end it. */
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    // For the line to the server.
    up(sending) {
      send = sending;
      waiting.forEach((message) => send(encode(message)));
    },
    down: () => (send = null),
    settled(n) {
      if (waiting.delete(n)) tell();
    },
  };
}
