// The page and the text, kept the same: my edits go into the text of Yjs, those of others come onto
// the page. One Y.Text is the letter; see tokens.js for what stands in it.
//
// A view is anything with { state, dispatch(tr), composing }. Its dispatch takes the new state from
// `binding.apply(state, tr)`, which has then written the edit into the text.
import { Plugin, PluginKey } from "prosemirror-state";
import { readDecided } from "../suggest/decided.js";
import { mapSelection, sideOf } from "./caret.js";
import { changesOf } from "./changes.js";
import { become, dress, patchRegions, regionsOf, relook } from "./patch.js";
import { lengthOf } from "./places.js";
import { beginsWithMarker, between, markersOf, pageOf, shows, tokensOf } from "./tokens.js";
import { selectionOf, undoOf } from "./undo.js";
import { writeChanges, writeFirst } from "./write.js";

/** @import { Node } from "prosemirror-model" */
/** @import { Command, EditorState, Transaction } from "prosemirror-state" */
/** @import { Doc, YEvent, Map as YMap } from "yjs" */
/** @import { Region } from "./patch.js" */
/** @import { Token } from "./tokens.js" */
/** @typedef {{ state: EditorState, dispatch: (tr: Transaction) => void, composing: boolean }} View */
/** @typedef {{ type: "repaired" } | { type: "unwritten", error: unknown }} Report */
/** @typedef {{ regions: Region[], maps: Set<unknown>, judged: boolean }} News */

/** @type {PluginKey<Binding>} */
const key = new PluginKey("letter");
const FEW = 8; // so many stretches are read one by one
const LOOK = 1000; // Android ends a composition without a word about it

/**
 * A timer that Node does not wait for.
 * @param {unknown} timer
 */
const unwaited = (timer) => /** @type {{ unref?: () => void }} */ (timer).unref?.();

// A long letter takes longer to look through than a picture of the screen may wait.
/** @type {(act: () => void) => void} */
const whenIdle = globalThis.requestIdleCallback?.bind(globalThis) ?? ((act) => act());

/**
 * Does this transaction bring what is in the text already: an edit from elsewhere, or an undo?
 * @param {Transaction} tr
 */
export const isRemote = (tr) => !!tr.getMeta(key)?.remote;

/**
 * Is it an undo or redo of mine?
 * @param {Transaction} tr
 */
export const isUndo = (tr) => !!tr.getMeta(key)?.undo;

/**
 * The binding of an editor's state.
 * @type {(state: EditorState) => Binding}
 */
export const bindingOf = (state) => /** @type {Binding} */ (key.getState(state));

export class Binding {
  /**
   * `report(event)` hears { type: "repaired" } when the page had to be built anew.
   * @param {Doc} doc
   * @param {{ report?: (event: Report) => void, catchUp?: () => void, check?: "idle" | "never" }} how
   */
  constructor(doc, { report = () => {}, catchUp = () => {}, check = "idle" } = {}) {
    this.doc = doc;
    this.ytext = doc.getText("letter");
    this.decided = readDecided(doc.getMap("decided"));
    this.report = report;
    this.catchUp = catchUp; // lets the view see what the browser did a moment ago
    this.check = check;
    /** @type {View | null} */
    this.view = null;
    this.origin = { letter: "mine" }; // of what can be undone
    this.silent = { letter: "mine, beside undo" };
    /** @type {(() => void)[]} */
    this.held = []; // updates that wait for the end of a composition
    /** @type {(() => void) | null} */
    this.also = null;
    this.undoing = false;
    /** @type {{ head: number, side: number } | null} */
    this.holds = null; // { head, side } of a caret that the other one moved last
    this.missing = beginsWithMarker(this.ytext) ? 0 : 1;
    this.undo = undoOf(this.ytext, {
      origin: this.origin,
      where: () => this.where(),
      selection: () => this.view?.state.selection,
    });
    this.plugin = new Plugin({ key, state: { init: () => this, apply: () => this } });
    /** @type {News | null} */
    this.news = null; // what one transaction of Yjs has brought, until all of it is known
    /** @type {(events: YEvent<any>[], transaction: { origin: any }) => void} */
    this.heard = (events, { origin }) => this.isMine(origin) || this.changed(events);
    /** @type {(event: unknown, transaction: { origin: any }) => void} */
    this.judged = (_event, { origin }) => this.isMine(origin) || (this.hear().judged = true);
    this.patched = () => this.patch();
    this.ytext.observeDeep(this.heard);
    doc.getMap("decided").observe(this.judged);
    doc.on("afterTransaction", this.patched);
  }

  /** The page as the text has it now. */
  get page() {
    return pageOf(tokensOf(this.ytext, this.decided));
  }

  /** What caret.js needs to know places: the page, the text. */
  where(doc = /** @type {View} */ (this.view).state.doc) {
    return { doc, ytext: this.ytext, missing: this.missing };
  }

  /** @param {View} view */
  attach(view) {
    this.view = view;
    this.looking = setInterval(() => this.release(), LOOK);
    unwaited(this.looking);
  }

  destroy() {
    clearInterval(this.looking);
    clearTimeout(this.idle);
    this.ytext.unobserveDeep(this.heard);
    this.doc.getMap("decided").unobserve(this.judged);
    this.doc.off("afterTransaction", this.patched);
    this.undo.destroy();
    this.view = null;
  }

  // -- Mine ---------------------------------------------------------------------------------------

  /**
   * The state after a transaction; what it changed is in the text, too.
   * @type {(state: EditorState, tr: Transaction) => EditorState}
   */
  apply(state, tr) {
    const { state: next, transactions } = state.applyTransaction(tr);
    if (!isRemote(tr) && (tr.docChanged || tr.selectionSet)) this.holds = null;
    // What a plugin appends to an edit from elsewhere is mine again.
    const mine = transactions.filter((each) => each.docChanged && !isRemote(each));
    if (mine.length) this.write(mine, mine[0].getMeta("addToHistory") === false);
    return next;
  }

  /** @type {(transactions: readonly Transaction[], beside: boolean) => void} */
  write(transactions, beside) {
    const before = transactions[0].before;
    const after = transactions[transactions.length - 1].doc;
    const origin = beside ? this.silent : this.origin;
    const { also } = this;
    this.also = null;
    this.undo.note();
    const first = this.missing && /** @type {Node} */ (before.firstChild).type.name;
    this.missing = 0;
    let parts = 0;
    /** @param {() => void} write */
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

  /**
   * Dispatch `tr` so that `act` happens in the very transaction of Yjs that writes it.
   * @type {(tr: Transaction, act: () => void) => boolean}
   */
  together(tr, act) {
    this.also = act;
    /** @type {View} */ (this.view).dispatch(tr);
    const done = this.also === null;
    this.also = null;
    return done;
  }

  /** @param {"undo" | "redo"} act */
  undoStep(act) {
    const { view } = this;
    this.undoing = true;
    try {
      const ends = this.undo[act]();
      if (view && ends) {
        this.holds = null; // it is I who moves the caret
        const { tr } = view.state;
        const selection = selectionOf(this.where(), ends);
        if (selection) view.dispatch(tr.setSelection(selection).setMeta(key, { remote: true, undo: true }).scrollIntoView());
      }
    } finally {
      this.undoing = false;
    }
  }

  // -- From elsewhere -----------------------------------------------------------------------------

  /**
   * Apply an update when nobody is in the middle of composing a word; in the order they came.
   * @param {() => void} apply
   */
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

  /** @param {unknown} origin */
  isMine(origin) {
    return origin === this.origin || origin === this.silent;
  }

  hear() {
    this.news ??= { regions: [], maps: new Set(), judged: false };
    return this.news;
  }

  /** @param {YEvent<any>[]} events */
  changed(events) {
    const news = this.hear();
    for (const event of events) {
      if (event.target === this.ytext) news.regions = regionsOf(event.delta);
      else news.maps.add(event.target);
    }
  }

  patch() {
    const { news, view } = this;
    this.news = null;
    if (!news || !view) return;
    const { regions, maps, judged } = news;
    if (!regions.length && !maps.size && !judged) return;
    const { state } = view;
    const { ytext, decided } = this;
    const before = this.missing;
    this.missing = beginsWithMarker(ytext) ? 0 : 1;
    let { tr } = state;
    /** @type {Token[] | null} */
    let all = null;
    const whole = () => (all ??= tokensOf(ytext, decided));
    /** @type {(from: number, to: number) => Token[]} */
    const read = (from, to) =>
      regions.length > FEW ? between(whole(), from, to) : tokensOf(ytext, decided, from, to);
    const small =
      !before &&
      !this.missing &&
      patchRegions(tr, read, regions) &&
      lengthOf(tr.doc) === ytext.length;
    if (!small) tr = become(state.tr, pageOf(whole()));
    else if (judged) relook(tr, whole());
    else if (maps.size) dress(tr, markersOf(ytext, decided, maps));
    this.bring(tr, state);
    this.look();
  }

  /** @type {(tr: Transaction, state: EditorState) => void} */
  bring(tr, state) {
    if (!tr.docChanged) return;
    // A caret that held on to the words behind it does so until I move it, or every word of the
    // other one that comes in there would have it in its middle.
    const { head, empty } = state.selection;
    const side = this.holds?.head === head ? this.holds.side : sideOf(state.doc, head);
    tr.setSelection(mapSelection(state.selection, tr.mapping, tr.doc, side));
    this.holds = empty ? { head: tr.selection.head, side } : null;
    if (state.storedMarks) tr.setStoredMarks(state.storedMarks);
    tr.setMeta(key, { remote: true, undo: this.undoing }).setMeta("addToHistory", false);
    /** @type {View} */ (this.view).dispatch(tr);
  }

  // -- The proof ----------------------------------------------------------------------------------

  /** Does the page show what is in the text? */
  matches(doc = /** @type {View} */ (this.view).state.doc) {
    return shows(doc, tokensOf(this.ytext, this.decided));
  }

  look() {
    if (this.check === "never") return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => whenIdle(() => this.mendIfNeeded()), LOOK);
    unwaited(this.idle);
  }

  mendIfNeeded() {
    if (!this.view || this.view.composing || this.matches()) return;
    this.report({ type: "repaired" });
    const { state } = this.view;
    this.missing = beginsWithMarker(this.ytext) ? 0 : 1;
    this.bring(become(state.tr, this.page), state);
  }
}

/** @type {(act: "undo" | "redo", can: "canUndo" | "canRedo") => Command} */
const stepCommand = (act, can) => (state, dispatch) => {
  const binding = bindingOf(state);
  if (!binding?.undo[can]()) return false;
  if (dispatch) binding.undoStep(act);
  return true;
};

export const undoCommand = stepCommand("undo", "canUndo");
export const redoCommand = stepCommand("redo", "canRedo");
