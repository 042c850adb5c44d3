// What came from the server, with its receipt, until the server has said that it is stored. If it
// dies before, this page may be the only one left that knows the other's words: it brings them
// back, and the receipt proves that they once came through the server.
import { frame } from "./frame.js";

/** @typedef {{ bytes: Uint8Array, receipt: Uint8Array, barrier: number | null }} Kept */

export const MESSAGE = 102;
export const LENGTH = 16;

/** @param {Pick<Kept, "bytes" | "receipt">} kept */
export function encode({ bytes, receipt }) {
  const head = frame(MESSAGE, bytes);
  const whole = new Uint8Array(head.length + receipt.length);
  whole.set(head);
  whole.set(receipt, head.length);
  return whole;
}

export function createReceipts() {
  /** @type {Kept[]} */
  let kept = []; // { bytes, receipt, barrier: the first one that was sent after it, or null }

  return {
    /**
     * `bytes` came, followed by `receipt`.
     * @type {(bytes: Uint8Array, receipt: Uint8Array) => void}
     */
    keep(bytes, receipt) {
      if (receipt.length === LENGTH) kept.push({ bytes, receipt, barrier: null });
    },
    /**
     * A barrier leaves.
     * @param {number} id
     */
    asked(id) {
      for (const each of kept) each.barrier ??= id;
    },
    /**
     * It came back: what was here before it left is stored.
     * @param {number} id
     */
    answered(id) {
      kept = kept.filter(({ barrier }) => barrier === null || barrier > id);
    },
    /** The frames that bring back all that may be lost, in the order in which it came. */
    frames: () => kept.map(encode),
    get size() {
      return kept.length;
    },
  };
}
