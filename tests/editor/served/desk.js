// A page of the editor without a browser: everything that it stands on is the real thing, from the
// keys to the socket's frames. It writes down what it does to the text, and what it was told is saved.
import "./world.js";
import { AllSelection, EditorState, TextSelection } from "prosemirror-state";
import * as Y from "yjs";
import { Awareness } from "../../../letters/editor/awareness.js";
import { createDecisions } from "../../../letters/editor/decisions.js";
import { keys } from "../../../letters/editor/keymap.js";
import { pasting } from "../../../letters/editor/paste.js";
import { connect } from "../../../letters/editor/provider.js";
import { lineRule } from "../../../letters/editor/rule.js";
import { reduce, start, unsaved } from "../../../letters/editor/status.js";
import { composing } from "../../../letters/editor/suggest/composing.js";
import { decider } from "../../../letters/editor/suggest/decisions.js";
import { namesFor } from "../../../letters/editor/suggest/ids.js";
import { findProposals } from "../../../letters/editor/suggest/proposals.js";
import { asWriting } from "../../../letters/editor/suggest/proposing.js";
import { Binding, isRemote, isUndo } from "../../../letters/editor/text/binding.js";
import { clusterBeside } from "../../../letters/editor/text/caret.js";
import { cleaning } from "../../../letters/editor/text/clean.js";
import { tokensOf } from "../../../letters/editor/text/tokens.js";
import { toIndex } from "../../../letters/editor/text/places.js";
import { Line } from "./line.js";
import { newWindow } from "./world.js";

/** @import { Slice } from "prosemirror-model" */
/** @import { Command, Transaction } from "prosemirror-state" */
/** @import { EditorProps, EditorView } from "prosemirror-view" */
/** @import { About, Verdict } from "../../../letters/editor/decisions.js" */
/** @import { Happening } from "../../../letters/editor/status.js" */
/** @import { Report } from "../../../letters/editor/text/binding.js" */
/** @import { Letter } from "./play.js" */
/** @import { Change, Message, Written } from "./types.js" */
/** @typedef {{ side: number, id: string } | { side: 0, first: string, last: string }} Caret beside whose id it stands, or which it holds */

export const SEATS = ["one", "two"];

export class Desk {
  /** @param {{ slot: number, who: number, client: number, letter: Letter }} at */
  constructor({ slot, who, client, letter }) {
    this.slot = slot;
    this.who = who;
    this.seat = SEATS[who];
    this.letter = letter;
    letter.desks[slot] = this; // the line dials at once
    this.doc = new Y.Doc();
    this.doc.clientID = client;
    this.link = new Line(who);
    this.isOpen = false; // it shows the letter
    this.isGone = false;
    this.composing = false;
    this.composition = 0; // how long the word is that is being composed
    this.editable = true;
    this.isSuggesting = false;
    /** @type {Slice | null} */
    this.clipboard = null;
    /** @type {string[]} */
    this.faults = [];
    this.said = start(0);
    /** @type {number | null} */
    this.anchor = null; // on which side of the caret is what it belongs to
    /** @type {Change[]} */
    this.changes = []; // of this page itself
    this.isDeciding = false;
    /** @type {Map<number, number>} */
    this.asked = new Map(); // barrier → how many changes it covers
    this.dispatch = this.dispatch.bind(this);

    this.doc.on("afterTransaction", (transaction) => transaction.local && this.wrote(transaction));
    this.window = newWindow();
    this.decisions = createDecisions();
    this.ytext = this.doc.getText("letter");
    this.awareness = new Awareness(this.doc);
    this.line = connect({
      url: `/letters/${slot}/sync`,
      doc: this.doc,
      awareness: this.awareness,
      joint: true,
      presence: true,
      decisions: this.decisions,
      report: (event) => this.report(event),
      shown: () => {},
      arriving: (apply) => this.arriving(apply),
    });
  }

  /** @param {Happening | Report} event */
  report(event) {
    if (event.type === "repaired" || event.type === "unwritten") {
      const error = event.type === "unwritten" && event.error instanceof Error ? event.error.stack : "";
      return void this.faults.push(`${event.type}: ${error}`);
    }
    this.said = reduce(this.said, { ...event, at: performance.now() });
    if (event.type === "ready" && !this.isOpen) this.open();
    if (event.type === "asked") this.asked.set(event.id, this.changes.length);
    if (event.type === "answered") {
      const count = this.asked.get(event.id) ?? 0;
      for (const change of this.changes.slice(0, count)) change.saved = true;
    }
    if (event.type === "closed") {
      this.editable = false;
      this.faults.push(`closed with ${event.code}`);
    }
  }

  open() {
    /** @param {string} word */
    const words = (word) => word;
    /** @type {Binding} */
    this.binding = new Binding(this.doc, {
      report: (event) => this.report(event),
      catchUp: () => this.settle(),
    });
    const { decided } = this.binding;
    /** @type {ReturnType<typeof composing>} */
    this.composed = composing({ who: this.seat, names: namesFor(this.doc, decided) });
    /** @type {ReturnType<typeof decider>} */
    this.decider = decider({
      outbox: this.decisions,
      doc: this.doc,
      decided,
      settled: () => {},
      changed: () => {},
    });
    /** @type {EditorState} */
    this.state = EditorState.create({
      doc: this.binding.page,
      plugins: [
        this.binding.plugin,
        lineRule(["I want to be", "I want to"]),
        ...keys(),
        pasting({ words, announce: () => {}, joint: true }),
        cleaning,
      ],
    });
    this.binding.attach(this);
    this.isOpen = true;
  }

  // -- The view --------------------------------------------------------------------------------

  /** What plugins and commands find of a view here. */
  get view() {
    return /** @type {EditorView} */ (/** @type {unknown} */ (this));
  }

  /** @param {Transaction} tr */
  dispatch(tr) {
    let mine = tr;
    if (isRemote(tr) && tr.docChanged && this.composing) this.faults.push("something came while a word was composed");
    if (tr.docChanged && !isRemote(tr)) {
      mine =
        this.isSuggesting || this.composed.holds
          ? this.composed.take(tr, this.state, this.composing)
          : asWriting(tr, this.state);
    }
    this.show(mine);
  }

  /** @param {Transaction} tr */
  show(tr) {
    const mine = !isRemote(tr) || isUndo(tr);
    if (mine && (tr.docChanged || tr.selectionSet)) this.anchor = null;
    this.state = this.binding.apply(this.state, tr);
  }

  // A word that was being composed becomes a proposal before anything else comes in.
  settle() {
    if (!this.isOpen || this.composing) return;
    const word = this.composed.settle(this.state);
    if (word) this.dispatch(word);
  }

  /**
   * @template {keyof EditorProps} Name
   * @template Result
   * @param {Name} name
   * @param {(prop: NonNullable<EditorProps[Name]>) => Result} act
   */
  someProp(name, act) {
    for (const { props } of this.state.plugins) {
      const prop = /** @type {EditorProps} */ (props)[name];
      const found = prop && act(prop);
      if (found) return found;
    }
    return null;
  }

  hasFocus() {
    return true;
  }

  focus() {}

  /** @param {string} direction */
  endOfTextblock(direction) {
    const { $head } = this.state.selection;
    return direction === "backward" || direction === "left"
      ? $head.parentOffset === 0
      : $head.parentOffset === $head.parent.content.size;
  }

  /**
   * A key such as "Enter" or "Ctrl-b"; what the editor leaves to the browser is done here.
   * @param {string} name
   */
  press(name) {
    const parts = name.split("-");
    const key = parts.pop();
    const pressed = {
      key,
      keyCode: 0,
      ctrlKey: parts.includes("Ctrl"),
      shiftKey: parts.includes("Shift"),
      altKey: parts.includes("Alt"),
      metaKey: false,
      preventDefault() {},
    };
    const event = /** @type {KeyboardEvent} */ (/** @type {unknown} */ (pressed));
    this.settle();
    const done = this.someProp("handleKeyDown", (handle) => handle(this.view, event));
    if (!done && (key === "Backspace" || key === "Delete")) this.erase(key === "Delete" ? 1 : -1);
  }

  /** @param {number} side */
  erase(side) {
    const { tr, selection } = this.state;
    const { $head, head } = selection;
    if (!selection.empty) return this.dispatch(tr.deleteSelection());
    const length = clusterBeside($head, side);
    if (length) this.dispatch(side < 0 ? tr.delete(head - length, head) : tr.delete(head, head + length));
  }

  /** @param {Command} command */
  run(command) {
    this.settle();
    return command(this.state, this.dispatch, this.view);
  }

  /**
   * Sign by sign, as the keys bring them.
   * @param {string} text
   */
  type(text) {
    for (const sign of text) {
      const { from, to } = this.state.selection;
      const plain = () => this.state.tr.insertText(sign, from, to);
      const done = this.someProp("handleTextInput", (handle) => handle(this.view, from, to, sign, plain));
      if (!done) this.dispatch(plain());
    }
  }

  /**
   * The next sign of a word, over so many of it; null where it begins.
   * @type {(text: string, over: number | null) => void}
   */
  compose(text, over) {
    if (this.state.selection instanceof AllSelection) {
      const { doc, tr } = this.state;
      this.dispatch(tr.setSelection(TextSelection.between(doc.resolve(0), doc.resolve(doc.content.size))));
    }
    const { tr, selection } = this.state;
    const from = over === null ? selection.from : selection.head - over;
    const to = over === null ? selection.to : selection.head;
    this.composing = true;
    this.dispatch(tr.insertText(text, from, to));
  }

  /** The input method is done; what waited comes in, in the next turn. */
  finish() {
    if (this.composing) {
      this.composing = false;
      setTimeout(() => {
        if (this.isGone) return;
        this.settle();
        this.binding.release();
      });
    }
    this.settle();
  }

  get proposals() {
    return findProposals(this.state.doc);
  }

  /**
   * Returns the message, if there was anything to decide.
   * @type {(act: string, ids: string[]) => Message | null}
   */
  decide(act, ids) {
    let message = /** @type {Message | null} */ (null);
    const { decide } = this.decisions;
    this.decisions.decide = (of, verdict) => {
      message = { of, verdict, by: this.seat };
      this.send(verdict, of, decide);
    };
    this.decider.decide(act, ids);
    this.decisions.decide = decide;
    return message;
  }

  /** @type {(verdict: Verdict, of: About[], decide: (of: About[], verdict: Verdict) => void) => void} */
  send(verdict, of, decide) {
    decide(of, verdict);
  }

  // -- What came in ----------------------------------------------------------------------------

  /** @param {() => void} apply */
  arriving(apply) {
    if (!this.isOpen) return apply();
    this.binding.receive(() => {
      const before = this.caret();
      apply();
      this.look("what came in");
      if (before) this.lookAtCaret(before);
    });
  }

  /** @param {string} after */
  look(after) {
    if (!this.isOpen || this.composed.holds || this.faults.length) return;
    if (!this.binding.matches()) this.faults.push(`after ${after}, the page differs from its text`);
  }

  // One id for every place of the text.
  ids() {
    /** @type {string[]} */
    const found = [];
    for (let item = this.ytext._start; item; item = item.right) {
      if (item.deleted || !item.countable) continue;
      for (let i = 0; i < item.length; i += 1) found.push(`${item.id.client}.${item.id.clock + i}`);
    }
    return found;
  }

  /**
   * Between which words the caret stands.
   * @returns {Caret | null}
   */
  caret() {
    const { selection, doc } = this.state;
    if (selection instanceof AllSelection) return null;
    const ids = this.ids();
    const [from, to] = [selection.from, selection.to].map((at) => toIndex(doc, at));
    if (!selection.empty) return { side: 0, first: ids[from], last: ids[to - 1] };
    const { $head } = selection;
    this.anchor ??= $head.parentOffset > 0 || !$head.parent.content.size ? -1 : 1;
    return { side: this.anchor, id: ids[this.anchor < 0 ? from - 1 : from] };
  }

  /** @param {Caret} before */
  lookAtCaret(before) {
    const { selection, doc } = this.state;
    const places = new Map(this.ids().map((each, at) => [each, at]));
    const [from, to] = [selection.from, selection.to].map((at) => toIndex(doc, at));
    /** @type {(at: number, expected: number, what: string) => void} */
    const check = (at, expected, what) => {
      if (at === expected) return;
      // Never within what people see as one character.
      const [start, end] = at < expected ? [at, expected] : [expected, at];
      const between = this.textBetween(start, end);
      if (/^\p{M}*$/u.test(between) || /^\p{M}/u.test(this.textBetween(end, end + 1))) return;
      this.faults.push(`the caret left its words (${what}: ${at}, not ${expected})`);
    };
    if ("id" in before) {
      const place = places.get(before.id);
      const isBehind = before.side < 0;
      if (place !== undefined) check(from, place + (isBehind ? 1 : 0), isBehind ? "behind" : "before");
      return;
    }
    const [first, last] = [places.get(before.first), places.get(before.last)];
    if (first === undefined || last === undefined) return;
    check(from, first, "from");
    check(to, last + 1, "to");
  }

  /**
   * The suggestions' marks at a place, as `ins:ID` and `del:ID`.
   * @param {number} at
   */
  marksAt(at) {
    const [{ marks = [] }] = tokensOf(this.ytext, this.binding.decided, at, at + 1);
    return marks.map(({ type, attrs }) => `${type.name.slice(0, 3)}:${attrs.id}`);
  }

  /** @type {(from: number, to: number) => string} */
  textBetween(from, to) {
    let at = 0;
    let said = "";
    for (let item = this.ytext._start; item; item = item.right) {
      if (item.deleted || !item.countable) continue;
      for (let i = 0; i < item.length; i += 1, at += 1) {
        if (at >= from && at < to) said += item.content instanceof Y.ContentString ? item.content.str[i] : "\n";
      }
    }
    return said;
  }

  // -- What it did itself ----------------------------------------------------------------------

  /** @param {Written} transaction */
  wrote({ beforeState, afterState, deleteSet, doc }) {
    /** @type {string[]} */
    const inserted = [];
    const markers = { made: 0, gone: 0 };
    const { clientID } = doc;
    const to = afterState.get(clientID) ?? 0;
    for (let clock = beforeState.get(clientID) ?? 0; clock < to; ) {
      const item = Y.getItem(doc.store, Y.createID(clientID, clock));
      const end = item.id.clock + item.length;
      if (item.content instanceof Y.ContentString) {
        for (let at = clock; at < end; at += 1) {
          const id = `${clientID}.${at}`;
          const unit = item.content.str[at - item.id.clock];
          this.letter.units.set(id, unit);
          inserted.push(id);
        }
      } else if (item.content instanceof Y.ContentType && item.parent === this.ytext) {
        this.letter.markers.add(`${clientID}.${item.id.clock}`);
        markers.made += 1;
      }
      clock = end;
    }
    /** @type {string[]} */
    const erased = [];
    for (const [client, ranges] of deleteSet.clients) {
      for (const { clock, len } of ranges) {
        for (let at = clock; at < clock + len; at += 1) {
          const id = `${client}.${at}`;
          if (this.letter.units.has(id)) erased.push(id);
          else if (this.letter.markers.has(id)) markers.gone += 1;
        }
      }
    }
    if (to === (beforeState.get(clientID) ?? 0) && !deleteSet.clients.size) return;
    this.changes.push({ clock: [clientID, to], inserted, erased: this.isDeciding ? [] : erased, markers, saved: false });
  }

  get unsaved() {
    return unsaved(this.said) || this.decisions.waiting() > 0;
  }

  close() {
    const { isOpen } = this;
    this.isGone = true;
    this.isOpen = false;
    this.line.destroy();
    if (isOpen) {
      this.decider.destroy();
      this.binding.destroy();
    }
    this.awareness.destroy();
    this.doc.destroy();
  }
}
