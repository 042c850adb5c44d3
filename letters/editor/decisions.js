// What I decided about suggestions, on its way to the server: it settles one decision after the
// other, and its answer is an edit of the letter. Until it has answered, a decision stays here and
// is sent again whenever the connection comes back.
import { frame } from "./frame.js";

/** @import { Range } from "./text/tokens.js" */
/**
 * One suggestion, and what carried it when it was seen.
 * @typedef {{ id: string, seen: number, ranges: Range[] }} About
 */
/** @typedef {"accept" | "decline"} Verdict */
/** @typedef {{ n: number, verdict: Verdict, of: About[] }} Message */
/** @typedef {ReturnType<typeof createDecisions>} Decisions */

export const MESSAGE = 103;

/** @type {(message: Message) => Uint8Array} */
const encode = (message) => frame(MESSAGE, JSON.stringify(message));

export function createDecisions() {
  /** @type {Map<number, Message>} */
  const waiting = new Map(); // n → its message
  /** @type {Set<(count: number) => void>} */
  const listeners = new Set();
  let last = 0;
  /** @type {((bytes: Uint8Array) => void) | null} */
  let send = null; // only while the server knows all that I wrote before

  const tell = () => listeners.forEach((listener) => listener(waiting.size));

  return {
    /**
     * `of` is [{ id, seen, ranges }], `verdict` "accept" or "decline".
     * @type {(of: About[], verdict: Verdict) => void}
     */
    decide(of, verdict) {
      const message = { n: (last += 1), verdict, of };
      waiting.set(message.n, message);
      send?.(encode(message));
      tell();
    },
    /** How many have not been settled. */
    waiting: () => waiting.size,
    /**
     * `listener(count)` hears when that changes; returns how to end it.
     * @param {(count: number) => void} listener
     */
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    // For the line to the server.
    /** @param {(bytes: Uint8Array) => void} sending */
    up(sending) {
      send = sending;
      waiting.forEach((message) => sending(encode(message)));
    },
    down: () => (send = null),
    /** @param {number} n */
    settled(n) {
      if (waiting.delete(n)) tell();
    },
  };
}
