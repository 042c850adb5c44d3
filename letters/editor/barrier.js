// A barrier asks the server: is all that I sent before this stored? One is on its way at a time;
// edits made meanwhile are covered by the next one.
import * as decoding from "lib0/decoding";
import { frame } from "./frame.js";

/** @import { Decoder } from "lib0/decoding" */

export const MESSAGE = 100;
const EVERY = 150;

/** @type {(id: number) => Uint8Array} */
export const encode = (id) => frame(MESSAGE, id);

/** @type {(decoder: Decoder) => number} */
export const decode = (decoder) => decoding.readVarUint(decoder);

// `send(id)` returns whether the barrier could be sent.
/** @param {(id: number) => boolean} send */
export function createBarrier(send) {
  let id = 0;
  let sentAt = -Infinity;
  let underway = false;
  let wanted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function go() {
    timer = undefined;
    wanted = false;
    sentAt = performance.now();
    underway = send(++id);
  }

  function ask() {
    wanted = true;
    if (underway || timer) return;
    timer = setTimeout(go, Math.max(0, sentAt + EVERY - performance.now()));
  }

  return {
    ask,
    /** @param {number} answer */
    answered(answer) {
      if (answer < id) return;
      underway = false;
      if (wanted) ask();
    },
    reset() {
      clearTimeout(timer);
      timer = undefined;
      underway = wanted = false;
      sentAt = -Infinity;
    },
  };
}
