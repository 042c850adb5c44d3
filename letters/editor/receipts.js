// What came from the server, with its receipt, until the server has said that it is stored. If it
// dies before, this page may be the only one left that knows the other's words: it brings them
// back, and the receipt proves that they once came through the server.
import { frame } from "./frame.js";

export const MESSAGE = 102;
export const LENGTH = 16;

export function encode({ bytes, receipt }) {
  const head = frame(MESSAGE, bytes);
  const whole = new Uint8Array(head.length + receipt.length);
  whole.set(head);
  whole.set(receipt, head.length);
  return whole;
}

export function createReceipts() {
  let kept = []; // { bytes, receipt, barrier: the first one that was sent after it, or null }

  return {
    /** `bytes` came, followed by `receipt`. */
    keep(bytes, receipt) {
      if (receipt.length === LENGTH) kept.push({ bytes, receipt, barrier: null });
    },
    /** A barrier leaves. */
    asked(id) {
      for (const each of kept) each.barrier ??= id;
    },
    /** It came back: what was here before it left is stored. */
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
