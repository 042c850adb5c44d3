// What goes over the line to the server, as lib0 writes it: numbers, and text and bytes after their
// length.
import * as encoding from "lib0/encoding";

/** @param {(number | string | Uint8Array)[]} parts */
export function frame(...parts) {
  const encoder = encoding.createEncoder();
  for (const part of parts) {
    if (typeof part === "number") encoding.writeVarUint(encoder, part);
    else if (typeof part === "string") encoding.writeVarString(encoder, part);
    else encoding.writeVarUint8Array(encoder, part);
  }
  return encoding.toUint8Array(encoder);
}
