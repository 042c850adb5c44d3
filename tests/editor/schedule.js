// Random acts of several people in one letter, over a network that is slow or away, and what must
// hold whatever they do. Every character that is typed is typed once in the whole schedule.
import { inspect } from "node:util";
import { Fragment, Slice } from "prosemirror-model";
import { AllSelection, TextSelection } from "prosemirror-state";
import { setBlockType, toggleMark } from "../../letters/editor/commands.js";
import { KINDS, schema } from "../../letters/editor/schema.js";
import { redoCommand, undoCommand } from "../../letters/editor/text/binding.js";
import { Letter } from "./pages.js";

/** @import { Fragment as Content, Node } from "prosemirror-model" */
/** @import { Options, Page } from "./pages.js" */
/** @typedef {ReturnType<typeof chance>} Dice */
/** @typedef {(page: Page, dice: Dice, sign: () => string) => string | void} Act */

/**
 * A small generator of numbers that can be repeated.
 * @param {number} seed
 */
export function chance(seed) {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    /** @param {number} n */
    below: (n) => Math.floor(next() * n),
    /** @type {<T>(list: T[]) => T} */
    of: (list) => list[Math.floor(next() * list.length)],
  };
}

// Signs that occur nowhere else: Han, and some beyond U+FFFF, so that halves would show.
export function signs() {
  let made = 0;
  return () => {
    made += 1;
    return String.fromCodePoint((made % 5 ? 0x9000 : 0x20000) + made);
  };
}

// The break's own sign is no character that somebody typed.
/** @param {Node | Content} doc */
const wordsOf = (doc) => doc.textBetween(0, "size" in doc ? doc.size : doc.content.size, "", () => "");

/** @param {string} words */
function counted(words) {
  /** @type {Map<string, number>} */
  const count = new Map();
  for (const each of words) count.set(each, (count.get(each) ?? 0) + 1);
  return count;
}

// Anywhere but between the halves of a character.
/** @type {(doc: Node, dice: Dice) => number} */
function somewhere(doc, dice) {
  const at = dice.below(doc.content.size + 1);
  const low = doc.resolve(at).nodeAfter?.text?.charCodeAt(0);
  return low !== undefined && low >= 0xdc00 && low <= 0xdfff ? at + 1 : at;
}

/** @type {(page: Page, dice: Dice) => void} */
function place(page, dice) {
  const { doc, tr } = page.state;
  const at = () => somewhere(doc, dice);
  const anchor = doc.resolve(at());
  const head = dice.below(3) ? anchor : doc.resolve(at());
  page.dispatch(tr.setSelection(TextSelection.between(anchor, head)));
}

/** @type {(sign: () => string, dice: Dice) => string} */
const word = (sign, dice) => Array.from({ length: 1 + dice.below(4) }, sign).join("");

/** @type {Record<string, Act>} */
export const ACTS = {
  type: (page, dice, sign) => void page.type(word(sign, dice)),
  typeHere(page, dice, sign) {
    place(page, dice);
    page.type(word(sign, dice));
  },
  move: place,
  enter: (page) => void page.press("Enter"),
  enterHere(page, dice) {
    place(page, dice);
    page.press("Enter");
  },
  softBreak: (page) => void page.press("Shift-Enter"),
  backspace: (page) => void page.press("Backspace"),
  backspaceStart(page, dice) {
    page.at([dice.below(page.state.doc.childCount), 0]).press("Backspace");
  },
  delete: (page) => void page.press("Delete"),
  deleteEnd(page, dice) {
    page.at([dice.below(page.state.doc.childCount), "end"]).press("Delete");
  },
  kind: (page, dice) => void page.run(setBlockType(schema.nodes[dice.of(KINDS)])),
  mark: (page, dice) => void page.run(toggleMark(schema.marks[dice.of(["strong", "em"])])),
  paste(page, dice, sign) {
    const blocks = Array.from({ length: 1 + dice.below(3) }, () =>
      schema.nodes.paragraph.create(null, schema.text(word(sign, dice))),
    );
    page.paste(dice.below(2) ? Slice.maxOpen(Fragment.from(blocks)) : new Slice(Fragment.from(blocks), 0, 0));
  },
  all(page, dice, sign) {
    page.dispatch(page.state.tr.setSelection(new AllSelection(page.state.doc)));
    const then = dice.below(4);
    if (then === 0) page.type(word(sign, dice));
    else if (then === 1) page.run(setBlockType(schema.nodes.line));
    else if (then === 2) page.press("Ctrl-b");
    // Otherwise the next act meets the selection.
  },
  drag(page, dice) {
    place(page, dice);
    const { selection, tr } = page.state;
    const slice = selection.content();
    tr.deleteSelection();
    const to = somewhere(tr.doc, dice);
    page.dispatch(tr.replaceRange(to, to, slice));
    return wordsOf(slice.content);
  },
  undo: (page) => void page.run(undoCommand),
  redo: (page) => void page.run(redoCommand),
};

const WEIGHTED = Object.entries({ type: 5, typeHere: 4, move: 2, enter: 2, enterHere: 1, all: 0.2, drag: 0.3 });
const names = Object.keys(ACTS).flatMap((name) => {
  const weight = new Map(WEIGHTED).get(name) ?? 1;
  return Array(Math.round(weight * 5)).fill(name);
});

/**
 * Runs one schedule. Returns what went wrong, as sentences: nothing, if all is well. `choose` says
 * which acts happen, `pages` how the letter is made.
 * @param {number} seed
 * @param {Options & { acts?: number, clients?: number[], choose?: (name: string) => boolean }} how
 */
export function runSchedule(seed, { acts = 60, clients = [11, 12, 13], choose = () => true, ...options } = {}) {
  const dice = chance(seed);
  const sign = signs();
  const letter = new Letter(
    [["salutation", "甲乙"], ["paragraph", "丙丁戊己"], ["line", "庚辛壬癸"], ["paragraph", ""], ["closing", "子丑"]],
    { clients, ...options },
  );
  /** @type {string[]} */
  const told = [];
  const typed = new Set("甲乙丙丁戊己庚辛壬癸子丑");
  /** @type {Set<string>} */
  const removed = new Set();
  /** @type {Map<string, Set<Page>>} */
  const back = new Map(); // character → the pages that brought it back
  /** @type {(each: string, page: Page) => void} */
  const comes = (each, page) => back.set(each, (back.get(each) ?? new Set()).add(page));
  /** @type {Set<string>} */
  const moved = new Set();
  const possible = names.filter(choose);

  for (let turn = 0; turn < acts; turn += 1) {
    const page = dice.of(letter.pages);
    const before = counted(wordsOf(page.state.doc));
    const name = dice.of(possible);
    try {
      // What is moved is taken out and typed anew: where somebody else brings it back, it is twice.
      for (const each of ACTS[name](page, dice, sign) ?? []) moved.add(each);
    } catch (error) {
      told.push(`${name} threw in turn ${turn}: ${error instanceof Error ? error.stack : error}`);
      break;
    }
    if (process.env.TRACE) console.log(turn, page.doc.clientID, name, JSON.stringify(page.blocks), page.caret);
    const after = counted(wordsOf(page.state.doc));
    for (const [each, times] of after) {
      if (times <= (before.get(each) ?? 0)) continue;
      if (typed.has(each)) comes(each, page);
      typed.add(each);
    }
    for (const each of before.keys()) if (!after.has(each)) removed.add(each);
    if (!page.binding.matches()) {
      told.push(`after ${name} in turn ${turn}, the page differs from its text`);
      break;
    }
    for (const one of letter.pages) {
      if (dice.below(25) === 0) {
        if (!letter.offline.delete(one)) letter.offline.add(one);
      }
      if (dice.below(3)) letter.collect(one);
      if (dice.below(3)) {
        letter.deliver(one, 1 + dice.below(4));
        if (!one.binding.matches()) told.push(`after a delivery in turn ${turn}, a page differs from its text`);
      }
    }
    if (told.length) break;
  }
  if (!told.length) {
    letter.sync();
    const [first, ...others] = letter.pages;
    for (const page of letter.pages) if (!page.binding.matches()) told.push("at the end, a page differs from its text");
    for (const page of others) {
      const same = JSON.stringify(page.blocks) === JSON.stringify(first.blocks);
      if (!same) told.push(`pages differ: ${JSON.stringify(first.blocks)} ${JSON.stringify(page.blocks)}`);
    }
    const count = counted(wordsOf(first.state.doc));
    for (const each of typed) {
      const times = count.get(each) ?? 0;
      if (times === 0 && !removed.has(each) && !moved.has(each)) told.push(`${each} is lost`);
      // Two who take back the same deletion at the same moment have it twice.
      const many = times > 1 && (back.get(each)?.size ?? 0) < 2;
      if (many && !moved.has(each)) told.push(`${each} is there ${times} times`);
    }
    for (const each of count.keys()) if (!typed.has(each)) told.push(`nobody typed ${each.codePointAt(0)?.toString(16)}`);
    for (const page of letter.pages) page.reports.forEach((report) => told.push(inspect(report)));
  }
  letter.close();
  return told;
}
