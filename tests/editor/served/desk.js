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

export const SEATS = ["one", "two"];

export class Desk {
  constructor({ slot, who, client, letter }) {
    Object.assign(this, { slot, who, seat: SEATS[who], letter });
    letter.opening = this;
    this.doc = new Y.Doc();
    this.doc.clientID = client;
    this.link = new Line(who);
    this.binding = null;
    this.composing = false;
    this.editable = true;
    this.isSuggesting = false;
    this.clipboard = null;
    this.faults = [];
    this.said = start(0);
    this.anchor = null; // where the caret belongs, by ids
    this.changes = []; // of this page itself: { inserted, erased, markers, saved }
    this.isDeciding = false;
    this.asked = new Map(); // barrier → how many changes it covers
    this.dispatch = this.dispatch.bind(this);

    this.doc.on("afterTransaction", (transaction) => transaction.local && this.wrote(transaction));
    this.window = globalThis.window = new EventTarget();
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

  report(event) {
    if (event.type === "repaired" || event.type === "unwritten") {
      return void this.faults.push(`${event.type}: ${event.error?.stack ?? ""}`);
    }
    this.said = reduce(this.said, { ...event, at: performance.now() });
    if (event.type === "ready" && !this.state) this.open();
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
    const words = (word) => word;
    this.binding = new Binding(this.doc, {
      report: (event) => this.report(event),
      catchUp: () => this.settle(),
    });
    const { decided } = this.binding;
    this.composed = composing({ who: this.seat, names: namesFor(this.doc, decided) });
    this.decider = decider({
      outbox: this.decisions,
      doc: this.doc,
      decided,
      settled: () => {},
      changed: () => {},
    });
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
  }

  // -- The view --------------------------------------------------------------------------------

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

  show(tr) {
    const mine = !isRemote(tr) || isUndo(tr);
    if (mine && (tr.docChanged || tr.selectionSet)) this.anchor = null;
    this.state = this.binding.apply(this.state, tr);
  }

  // A word that was being composed becomes a proposal before anything else comes in.
  settle() {
    if (this.binding && this.composed.holds && !this.composing) {
      this.dispatch(this.composed.settle(this.state));
    }
  }

  someProp(name, act) {
    for (const { props } of this.state.plugins) {
      const found = props[name] && act(props[name]);
      if (found) return found;
    }
    return null;
  }

  hasFocus() {
    return true;
  }

  focus() {}

  endOfTextblock(direction) {
    const { $head } = this.state.selection;
    return direction === "backward" || direction === "left"
      ? $head.parentOffset === 0
      : $head.parentOffset === $head.parent.content.size;
  }

  /** A key such as "Enter" or "Ctrl-b"; what the editor leaves to the browser is done here. */
  press(name) {
    const parts = name.split("-");
    const key = parts.pop();
    const event = {
      key,
      keyCode: 0,
      ctrlKey: parts.includes("Ctrl"),
      shiftKey: parts.includes("Shift"),
      altKey: parts.includes("Alt"),
      metaKey: false,
      preventDefault() {},
    };
    this.settle();
    const done = this.someProp("handleKeyDown", (handle) => handle(this, event));
    if (!done && (key === "Backspace" || key === "Delete")) this.erase(key === "Delete" ? 1 : -1);
  }

  erase(side) {
    const { tr, selection } = this.state;
    const { $head, head } = selection;
    if (!selection.empty) return this.dispatch(tr.deleteSelection());
    const length = clusterBeside($head, side);
    if (length) this.dispatch(side < 0 ? tr.delete(head - length, head) : tr.delete(head, head + length));
  }

  run(command) {
    this.settle();
    return command(this.state, this.dispatch, this);
  }

  // Sign by sign, as the keys bring them.
  type(text) {
    for (const sign of text) {
      const { from, to } = this.state.selection;
      const plain = () => this.state.tr.insertText(sign, from, to);
      const done = this.someProp("handleTextInput", (handle) => handle(this, from, to, sign, plain));
      if (!done) this.dispatch(plain());
    }
  }

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

  /** Returns the message, if there was anything to decide. */
  decide(act, ids) {
    let message = null;
    const { decide } = this.decisions;
    this.decisions.decide = (of, verdict) => {
      message = { of, verdict, by: this.seat };
      this.send(verdict, of, decide);
    };
    this.decider.decide(act, ids);
    this.decisions.decide = decide;
    return message;
  }

  send(verdict, of, decide) {
    decide(of, verdict);
  }

  // -- What came in ----------------------------------------------------------------------------

  arriving(apply) {
    if (!this.binding) return apply();
    this.binding.receive(() => {
      const before = this.caret();
      apply();
      this.look("what came in");
      if (before) this.lookAtCaret(before);
    });
  }

  look(after) {
    if (!this.binding || this.composed.holds || this.faults.length) return;
    if (!this.binding.matches()) this.faults.push(`after ${after}, the page differs from its text`);
  }

  // One id for every place of the text.
  ids() {
    const found = [];
    for (let item = this.ytext._start; item; item = item.right) {
      if (item.deleted || !item.countable) continue;
      for (let i = 0; i < item.length; i += 1) found.push(`${item.id.client}.${item.id.clock + i}`);
    }
    return found;
  }

  // Between which words the caret stands.
  caret() {
    const { selection, doc } = this.state;
    if (selection instanceof AllSelection) return null;
    const ids = this.ids();
    const [from, to] = [selection.from, selection.to].map((at) => toIndex(doc, at));
    if (!selection.empty) return { first: ids[from], last: ids[to - 1] };
    const { $head } = selection;
    this.anchor ??= $head.parentOffset > 0 || !$head.parent.content.size ? -1 : 1;
    return { side: this.anchor, id: ids[this.anchor < 0 ? from - 1 : from] };
  }

  lookAtCaret({ side, id, first, last }) {
    const { selection, doc } = this.state;
    const places = new Map(this.ids().map((each, at) => [each, at]));
    const [from, to] = [selection.from, selection.to].map((at) => toIndex(doc, at));
    const check = (at, expected, what) => {
      if (at === expected) return;
      // Never within what people see as one character.
      const [start, end] = at < expected ? [at, expected] : [expected, at];
      const between = this.textBetween(start, end);
      if (/^\p{M}*$/u.test(between) || /^\p{M}/u.test(this.textBetween(end, end + 1))) return;
      this.faults.push(`the caret left its words (${what}: ${at}, not ${expected})`);
    };
    if (side) {
      if (places.has(id)) check(from, places.get(id) + (side < 0 ? 1 : 0), side < 0 ? "behind" : "before");
    } else if (places.has(first) && places.has(last)) {
      check(from, places.get(first), "from");
      check(to, places.get(last) + 1, "to");
    }
  }

  /** The suggestions' marks at a place, as `ins:ID` and `del:ID`. */
  marksAt(at) {
    const [token] = tokensOf(this.ytext, this.binding.decided, at, at + 1);
    return token.marks.map(({ type, attrs }) => `${type.name.slice(0, 3)}:${attrs.id}`);
  }

  textBetween(from, to) {
    let at = 0;
    let said = "";
    for (let item = this.ytext._start; item; item = item.right) {
      if (item.deleted || !item.countable) continue;
      for (let i = 0; i < item.length; i += 1, at += 1) {
        if (at >= from && at < to) said += item.content.str?.[i] ?? "\n";
      }
    }
    return said;
  }

  // -- What it did itself ----------------------------------------------------------------------

  wrote({ beforeState, afterState, deleteSet, doc }) {
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
    this.isGone = true;
    this.line.destroy();
    this.decider?.destroy();
    this.binding?.destroy();
    this.awareness.destroy();
    this.doc.destroy();
    this.state = null;
    this.binding = null;
  }
}
