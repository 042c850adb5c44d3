// The page and the text, kept the same: my edits go into the text of Yjs, those of others come onto
// the page. One Y.Text is the letter; see tokens.js for what stands in it.
//
// A view is anything with { state, dispatch(tr), composing }. Its dispatch takes the new state from
// `binding.apply(state, tr)`, which has then written the edit into the text.
import { Plugin, PluginKey } from "prosemirror-state";
import { readDecided } from "../suggest/decided.js";
import { mapSelection } from "./caret.js";
import { changesOf } from "./changes.js";
import { dress, patchRegions, patchWhole, regionsOf, relook } from "./patch.js";
import { lengthOf } from "./places.js";
import { hasFirstMarker, pageOf, shows, tokensOf } from "./tokens.js";
import { selectionOf, undoOf } from "./undo.js";
import { writeChanges, writeFirst } from "./write.js";

const key = new PluginKey("letter");
const LOOK = 1000; // Android ends a composition without a word about it

/** Does this transaction bring what is in the text already: an edit from elsewhere, or an undo? */
export const isRemote = (tr) => !!tr.getMeta(key)?.remote;

/** Is it an undo or redo of mine? */
export const isUndo = (tr) => !!tr.getMeta(key)?.undo;

/** The binding of an editor's state. */
export const bindingOf = (state) => key.getState(state);

export class Binding {
  /** `report(event)` hears { type: "repaired" } when the page had to be built anew. */
  constructor(doc, { report = () => {}, catchUp = () => {}, check = "idle" } = {}) {
    this.doc = doc;
    this.ytext = doc.getText("letter");
    this.decided = readDecided(doc.getMap("decided"));
    this.report = report;
    this.catchUp = catchUp; // lets the view see what the browser did a moment ago
    this.check = check;
    this.view = null;
    this.origin = { letter: "mine" }; // of what can be undone
    this.silent = { letter: "mine, beside undo" };
    this.held = []; // updates that wait for the end of a composition
    this.also = null;
    this.undoing = false;
    this.tokens = tokensOf(this.ytext, this.decided);
    this.missing = hasFirstMarker(this.tokens) ? 0 : 1;
    this.undo = undoOf(this.ytext, {
      origin: this.origin,
      where: () => this.where(),
      selection: () => this.view?.state.selection,
    });
    this.plugin = new Plugin({ key, state: { init: () => this, apply: () => this } });
    this.heard = (events, transaction) => this.changed(events, transaction);
    this.judged = (_event, transaction) => this.redecided(transaction);
    this.ytext.observeDeep(this.heard);
    doc.getMap("decided").observe(this.judged);
  }

  /** The page as the text has it now. */
  get page() {
    return pageOf(tokensOf(this.ytext, this.decided));
  }

  /** What caret.js needs to know places: the page, the text. */
  where(doc = this.view.state.doc) {
    return { doc, ytext: this.ytext, missing: this.missing };
  }

  attach(view) {
    this.view = view;
    this.looking = setInterval(() => this.release(), LOOK);
    this.looking.unref?.();
  }

  destroy() {
    clearInterval(this.looking);
    clearTimeout(this.idle);
    this.ytext.unobserveDeep(this.heard);
    this.doc.getMap("decided").unobserve(this.judged);
    this.undo.destroy();
    this.view = null;
  }

  // -- Mine ---------------------------------------------------------------------------------------

  /** The state after a transaction; what it changed is in the text, too. */
  apply(state, tr) {
    const { state: next, transactions } = state.applyTransaction(tr);
    // What a plugin appends to an edit from elsewhere is mine again.
    const mine = transactions.filter((each) => each.docChanged && !isRemote(each));
    if (mine.length) this.write(mine, mine[0].getMeta("addToHistory") === false);
    return next;
  }

  write(transactions, beside) {
    const before = transactions[0].before;
    const after = transactions.at(-1).doc;
    const origin = beside ? this.silent : this.origin;
    const { also } = this;
    this.also = null;
    this.undo.note();
    const first = this.missing && before.firstChild.type.name;
    this.missing = 0;
    let parts = 0;
    const transact = (write) => {
      const run = () => this.doc.transact(write, origin);
      if (parts++ && !beside) this.undo.asOne(run);
      else run();
    };
    try {
      writeChanges(this.ytext, before, after, changesOf(transactions), {
        transact,
        also: () => {
          if (first) writeFirst(this.ytext, first);
          also?.();
        },
      });
    } catch (error) {
      this.report({ type: "unwritten", error });
    }
    this.look();
  }

  /** Dispatch `tr` so that `act` happens in the very transaction of Yjs that writes it. */
  together(tr, act) {
    this.also = act;
    this.view.dispatch(tr);
    const done = this.also === null;
    this.also = null;
    return done;
  }

  undoStep(act) {
    const { view } = this;
    this.undoing = true;
    try {
      const ends = this.undo[act]();
      if (view && ends) {
        const { tr } = view.state;
        const selection = selectionOf(this.where(), ends);
        if (selection) view.dispatch(tr.setSelection(selection).setMeta(key, { remote: true, undo: true }).scrollIntoView());
      }
    } finally {
      this.undoing = false;
    }
  }

  // -- From elsewhere -----------------------------------------------------------------------------

  /** Apply an update when nobody is in the middle of composing a word; in the order they came. */
  receive(apply) {
    this.catchUp();
    if (this.held.length || this.view?.composing) this.held.push(apply);
    else apply();
  }

  /** Let in what waited, if it can come in now. */
  release() {
    if (!this.held.length || this.view?.composing) return;
    this.catchUp();
    this.held.splice(0).forEach((apply) => apply());
  }

  changed(events, transaction) {
    if (transaction.origin === this.origin || transaction.origin === this.silent) return;
    if (!this.view) return;
    const text = events.find(({ target }) => target === this.ytext);
    const maps = new Set(events.filter((event) => event !== text).map(({ target }) => target));
    const regions = text ? regionsOf(text.delta) : [];
    if (!regions.length && !maps.size) return;
    this.patch((tr, tokens) => {
      const missing = hasFirstMarker(tokens) ? 0 : 1;
      const small = !missing && !this.missing && patchRegions(tr, tokens, regions);
      this.missing = missing;
      if (!small) return false;
      dress(tr, tokens, maps);
      return true;
    });
  }

  redecided(transaction) {
    if (!this.view || transaction.origin === this.origin) return;
    this.patch((tr, tokens) => {
      if (lengthOf(tr.doc, this.missing) !== this.ytext.length) return false;
      relook(tr, tokens);
      return true;
    });
  }

  patch(change) {
    const { view } = this;
    const tokens = tokensOf(this.ytext, this.decided);
    const { state } = view;
    let { tr } = state;
    if (!change(tr, tokens) || lengthOf(tr.doc, this.missing) !== this.ytext.length) {
      tr = patchWhole(state.tr, tokens);
    }
    this.bring(tr, state);
    this.look();
  }

  bring(tr, state) {
    if (!tr.docChanged) return;
    tr.setSelection(mapSelection(state.selection, tr.mapping, tr.doc));
    if (state.storedMarks) tr.setStoredMarks(state.storedMarks);
    tr.setMeta(key, { remote: true, undo: this.undoing }).setMeta("addToHistory", false);
    this.view.dispatch(tr);
  }

  // -- The proof ----------------------------------------------------------------------------------

  /** Does the page show what is in the text? */
  matches(doc = this.view.state.doc) {
    return shows(doc, tokensOf(this.ytext, this.decided));
  }

  look() {
    if (this.check === "never") return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.mendIfNeeded(), LOOK);
    this.idle.unref?.();
  }

  mendIfNeeded() {
    if (!this.view || this.view.composing || this.matches()) return;
    this.report({ type: "repaired" });
    const { state } = this.view;
    const tokens = tokensOf(this.ytext, this.decided);
    this.missing = hasFirstMarker(tokens) ? 0 : 1;
    this.bring(patchWhole(state.tr, tokens), state);
  }
}

const stepCommand = (act, can) => (state, dispatch) => {
  const binding = bindingOf(state);
  if (!binding?.undo[can]()) return false;
  if (dispatch) binding.undoStep(act);
  return true;
};

export const undoCommand = stepCommand("undo", "canUndo");
export const redoCommand = stepCommand("redo", "canRedo");
