// Undo takes back what I did on this page, and nothing of the other one's: their words stay in what
// I had written around them, and a kind that they gave a block stays theirs.
import { TextSelection } from "prosemirror-state";
import * as Y from "yjs";
import { absoluteOf, relativeAt } from "./caret.js";

/** @import { Selection } from "prosemirror-state" */
/** @import { Where } from "./caret.js" */
/** @typedef {Y.RelativePosition[]} Ends */
/** @typedef {ReturnType<typeof undoOf>} Undo */

const PAUSE = 500; // what follows within this time is undone in one step

/**
 * `origin` marks the transactions of Yjs that can be undone, `where()` is the page as caret.js wants
 * it and `selection()` where I am on it.
 * @param {Y.Text} ytext
 * @param {{ origin: unknown, where: () => Where, selection: () => Selection | undefined }} of
 */
export function undoOf(ytext, { origin, where, selection }) {
  const doc = /** @type {Y.Doc} */ (ytext.doc);
  /** @type {Ends | null} */
  let before = null; // the selection before what is being done

  const manager = new Y.UndoManager(ytext, {
    trackedOrigins: new Set([origin]),
    captureTimeout: PAUSE,
    deleteFilter: (item) => !isTheirs(item),
  });

  // The first marker is pinned, and so is one whose kind is the other's.
  /** @param {Y.Item} item */
  function isTheirs(item) {
    if (!(item.content instanceof Y.ContentType)) return false;
    if (item.origin === null && item.parent === ytext) return true;
    const kind = item.content.type instanceof Y.Map && item.content.type._map.get("k");
    return !!kind && !kind.deleted && kind.id.client !== item.id.client;
  }

  function note() {
    const now = selection();
    if (!now) return;
    const ends = now.empty ? [undefined, undefined] : now.anchor < now.head ? [1, -1] : [-1, 1];
    before = [now.anchor, now.head].map((at, end) => relativeAt(where(), at, ends[end]));
  }

  manager.on("stack-item-added", ({ stackItem }) => {
    if (!stackItem.meta.has("selection")) stackItem.meta.set("selection", before);
  });

  // Both took out the same words, and the other one has brought them back: then mine are back.
  /** @param {Y.Transaction} transaction */
  function meet({ local, beforeState, afterState }) {
    if (local || !manager.undoStack.length) return;
    afterState.forEach((clock, client) => {
      const from = beforeState.get(client) ?? 0;
      if (client === doc.clientID || clock === from) return;
      for (let at = from; at < clock; ) {
        const item = Y.getItem(doc.store, Y.createID(client, at));
        if (item instanceof Y.Item) broughtBack(item);
        at = item.id.clock + item.length;
      }
    });
  }

  // Yjs types anew what comes back, just before what it was.
  /** @param {Y.Item} item */
  function broughtBack(item) {
    if (!item.rightOrigin || !(item.content instanceof Y.ContentString)) return;
    const was = Y.getItem(doc.store, item.rightOrigin);
    const same =
      was instanceof Y.Item &&
      was.deleted &&
      was.redone === null &&
      Y.compareIDs(was.id, item.rightOrigin) &&
      was.content instanceof Y.ContentString &&
      was.content.str === item.content.str;
    if (same) was.redone = item.id;
  }
  doc.on("afterTransaction", meet);

  /** @type {Ends | null} */
  let restored = null;
  manager.on("stack-item-popped", ({ stackItem }) => (restored = stackItem.meta.get("selection")));

  /** @param {"undo" | "redo"} act */
  function step(act) {
    note();
    restored = null;
    manager[act]();
    return restored;
  }

  return {
    manager,
    note, // to be called before an edit of mine
    undo: () => step("undo"),
    redo: () => step("redo"),
    canUndo: () => manager.undoStack.length > 0,
    canRedo: () => manager.redoStack.length > 0,
    stopCapturing: () => manager.stopCapturing(),
    /**
     * Run `act` so that everything that it does belongs to one step.
     * @param {() => void} act
     */
    asOne(act) {
      manager.captureTimeout = Infinity;
      try {
        act();
      } finally {
        manager.captureTimeout = PAUSE;
      }
    },
    /** @param {Y.Transaction} transaction */
    isUndo: ({ origin: by }) => by === manager,
    /** @param {() => void} listener */
    onChange(listener) {
      const events = /** @type {const} */ ([
        "stack-item-added",
        "stack-item-updated",
        "stack-item-popped",
        "stack-cleared",
      ]);
      events.forEach((event) => manager.on(event, listener));
      return () => events.forEach((event) => manager.off(event, listener));
    },
    destroy() {
      doc.off("afterTransaction", meet);
      manager.destroy();
    },
  };
}

/**
 * The selection that two such places stand for, or null.
 * @type {(place: Where, ends: Ends | null) => Selection | null}
 */
export function selectionOf(place, ends) {
  if (!ends) return null;
  const found = ends.map((end) => absoluteOf(place, end));
  if (found.includes(null)) return null;
  const [anchor, head] = /** @type {number[]} */ (found).map((at) => place.doc.resolve(at));
  return TextSelection.between(anchor, head);
}
