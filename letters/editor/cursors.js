// The other person in the text: a caret with their name, and what they have selected. Colour and
// form come from classes (`one` solid, `two` dashed); nothing here sets a style.
import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import * as Y from "yjs";
import { personOf } from "./people.js";
import { catchUp } from "./selection.js";
import { bindingOf, isRemote } from "./text/binding.js";
import { absoluteOf, relativeAt } from "./text/caret.js";

/** @import { EditorState } from "prosemirror-state" */
/** @import { RelativePosition } from "yjs" */
/** @import { Awareness } from "./awareness.js" */
/** @import { Person } from "./people.js" */
/** @typedef {{ anchor: RelativePosition, head: RelativePosition }} Cursor */

/** @type {PluginKey<DecorationSet>} */
const key = new PluginKey("cursors");
const NAME_RESTS = 4000;
const REDRAW = 200;

/** @type {(person: Person, client: number, resting: boolean) => HTMLElement} */
function caretOf({ name, who }, client, resting) {
  const caret = document.createElement("span");
  caret.className = `caret ${who}`;
  caret.classList.toggle("resting", resting);
  caret.dataset.client = `${client}`;
  caret.setAttribute("aria-hidden", "true");
  // Drawn by the style sheet: without text of its own, no selection can get lost in it.
  caret.dataset.name = name;
  return caret;
}

/** @type {(state: EditorState, json: RelativePosition) => number | null} */
const place = (state, json) =>
  absoluteOf(bindingOf(state).where(state.doc), Y.createRelativePositionFromJSON(json));

// What is picked holds on to its own words at both ends, as the other page will see it.
/** @type {(state: EditorState) => Cursor} */
function ownCursor(state) {
  const where = bindingOf(state).where(state.doc);
  const { anchor, head, empty } = state.selection;
  if (empty) return { anchor: relativeAt(where, anchor), head: relativeAt(where, head) };
  const ahead = anchor < head;
  return {
    anchor: relativeAt(where, anchor, ahead ? 1 : -1),
    head: relativeAt(where, head, ahead ? -1 : 1),
  };
}

/** @type {(a: Cursor | null | undefined, b: Cursor) => boolean} */
const same = (a, b) =>
  !!a &&
  !!b &&
  /** @type {const} */ (["anchor", "head"]).every((end) =>
    Y.compareRelativePositions(Y.createRelativePositionFromJSON(a[end]), b[end]),
  );

/** @param {Awareness} awareness */
export function cursors(awareness) {
  const { doc } = awareness;
  /** @type {Map<number, number>} */
  const movedAt = new Map(); // client → when their caret last moved

  /** @type {(client: number) => boolean} */
  const resting = (client) => performance.now() - (movedAt.get(client) ?? 0) >= NAME_RESTS;

  /** @param {EditorState} state */
  function decorate(state) {
    /** @type {Decoration[]} */
    const decorations = [];
    awareness.states.forEach((presence, client) => {
      if (client === doc.clientID || !presence.cursor) return;
      const person = personOf(presence);
      if (!person) return;
      let anchor;
      let head;
      try {
        anchor = place(state, presence.cursor.anchor);
        head = place(state, presence.cursor.head);
      } catch {
        return; // points at something that this page has not received yet
      }
      if (anchor === null || head === null) return;
      const draw = () => caretOf(person, client, resting(client));
      decorations.push(
        Decoration.widget(head, draw, {
          key: `${client}-${person.who}-${person.name}`,
          side: 10,
          raw: true, // beside what cannot be edited, Chromium needs every arrow key twice
        }),
        Decoration.inline(Math.min(anchor, head), Math.max(anchor, head), {
          class: `picked ${person.who}`,
        }),
      );
    });
    return DecorationSet.create(state.doc, decorations);
  }

  return new Plugin({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply(tr, set, _old, state) {
        if (isRemote(tr) || tr.getMeta(key)) return decorate(state);
        return set.map(tr.mapping, tr.doc);
      },
    },
    props: { decorations: (state) => key.getState(state) },

    view(view) {
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let redraw;
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let fade;

      // Names that have rested go; names near the far edge open towards the middle.
      function dress() {
        clearTimeout(fade);
        fade = undefined;
        let awake = false;
        const { left, width } = view.dom.getBoundingClientRect();
        const rtl = getComputedStyle(view.dom).direction === "rtl";
        for (const caret of view.dom.querySelectorAll(".caret")) {
          const still = resting(Number(caret.dataset.client));
          caret.classList.toggle("resting", still);
          const across = (caret.getBoundingClientRect().left - left) / width;
          caret.classList.toggle("turned", (rtl ? 1 - across : across) > 0.7);
          awake ||= !still;
        }
        if (awake) fade = setTimeout(dress, 500);
      }

      /** @param {number[]} clients */
      function changed(clients) {
        const now = performance.now();
        clients.forEach((client) => movedAt.set(client, now));
        redraw ??= setTimeout(draw);
      }

      // Nothing is drawn into a word that is being composed.
      function draw() {
        redraw = undefined;
        if (view.composing) redraw = setTimeout(draw, REDRAW);
        else {
          catchUp(view);
          view.dispatch(view.state.tr.setMeta(key, true));
          dress();
        }
      }

      // Typing at the end of a text moves the caret without a word about it from presence.
      /** @param {Y.Transaction} transaction */
      function typed({ beforeState, afterState, local }) {
        if (local) return;
        afterState.forEach((clock, client) => {
          if (clock > (beforeState.get(client) ?? 0)) movedAt.set(client, performance.now());
        });
        fade ??= setTimeout(dress);
      }

      function tell() {
        const mine = awareness.local;
        if (!mine) return;
        if (!view.hasFocus() || !view.editable) {
          if (mine.cursor) awareness.setCursor(null);
          return;
        }
        let cursor;
        try {
          cursor = ownCursor(view.state);
        } catch {
          return; // between two halves of an update; the next one tells
        }
        if (!same(mine.cursor, cursor)) awareness.setCursor(cursor);
      }

      awareness.on("change", changed);
      doc.on("afterTransaction", typed);
      view.dom.addEventListener("focusin", tell);
      view.dom.addEventListener("focusout", tell);
      changed([]);
      return {
        update: tell,
        destroy() {
          clearTimeout(redraw);
          clearTimeout(fade);
          awareness.off("change", changed);
          doc.off("afterTransaction", typed);
          view.dom.removeEventListener("focusin", tell);
          view.dom.removeEventListener("focusout", tell);
        },
      };
    },
  });
}
