// What people do in a letter, and what happens to their pages meanwhile. Each act is data (what, on
// which page, with some numbers), so that a schedule can be told, repeated and made shorter; what the
// numbers mean depends on what is there by then.
import { setBlockType, toggleMark } from "../../../letters/editor/commands.js";
import { Fragment, Slice } from "prosemirror-model";
import { AllSelection, TextSelection } from "prosemirror-state";
import { fromText } from "../../../letters/editor/paste.js";
import { KINDS, schema } from "../../../letters/editor/schema.js";
import { plainSlice } from "../../../letters/editor/suggest/marks.js";
import { redoCommand, undoCommand } from "../../../letters/editor/text/binding.js";

/** @import { Node, NodeType, Slice as SliceType } from "prosemirror-model" */
/** @import { Desk } from "./desk.js" */
/** @import { Letter } from "./play.js" */
/** @import { Act, Doing, Numbers, Role } from "./types.js" */

// Signs that nobody else types: of two bytes, of three, of four, and with a mark upon them. Others
// may be there many times.
const ASCII = "abcdefghij klmno";

export function signs() {
  let made = 0;
  const kinds = [
    () => ASCII[made % ASCII.length],
    () => String.fromCodePoint(0x1200 + made),
    () => String.fromCodePoint(0x9000 + made),
    () => String.fromCodePoint(0x20000 + made),
    () => String.fromCodePoint(0x1f400 + (made % 0x200)) + String.fromCodePoint(0x24000 + made),
    () => `${String.fromCodePoint(0x9000 + made)}\u0301`,
  ];
  /** @param {number} n */
  return (n) => {
    made += 1;
    return kinds[n % kinds.length]();
  };
}

/**
 * Is it one of those that are typed once?
 * @param {string} sign
 */
export const isUnique = (sign) => {
  const point = sign.codePointAt(0) ?? 0;
  return point >= 0x1200 && (point < 0x1f400 || point >= 0x20000);
};

// Nobody puts a caret between the signs of what they see as one character.
const WITHIN = /^(?:[\udc00-\udfff]|\p{M})/u;

/** @type {(doc: Node, n: number) => number} */
function somewhere(doc, n) {
  let at = n % (doc.content.size + 1);
  while (WITHIN.test(doc.resolve(at).nodeAfter?.text?.slice(0, 1) ?? "")) at += 1;
  return at;
}

/** @type {(desk: Desk, a: number, b?: number) => void} */
function put(desk, a, b = a) {
  const { doc, tr } = desk.state;
  const [anchor, head] = [a, b].map((n) => doc.resolve(somewhere(doc, n)));
  desk.settle();
  desk.dispatch(tr.setSelection(TextSelection.between(anchor, head)));
}

/** @type {(letter: Letter, numbers: Numbers) => string} */
function word({ sign }, { a, b, n }) {
  let said = "";
  for (let i = 0; i <= n % 4; i += 1) said += sign((a + i * b) % 6);
  return said;
}

/** @type {(desk: Desk, n: number) => { start: number, end: number }} */
const block = (desk, n) => {
  const { doc } = desk.state;
  let start = 0;
  for (let i = 0; i < n % doc.childCount; i += 1) start += doc.child(i).nodeSize;
  return { start: start + 1, end: start + 1 + doc.child(n % doc.childCount).content.size };
};

/**
 * As ProseMirror puts in what comes from the clipboard.
 * @type {(desk: Desk, slice: SliceType) => void}
 */
function paste(desk, slice) {
  desk.someProp("transformPasted", (change) => void (slice = change(slice, desk.view, false)));
  const { content, openStart, openEnd } = slice;
  const single = openStart === 0 && openEnd === 0 && content.childCount === 1 ? content.firstChild : null;
  const { tr } = desk.state;
  desk.dispatch(single?.isInline ? tr.replaceSelectionWith(single) : tr.replaceSelection(slice));
}

/** @type {(desk: Desk, type: NodeType) => boolean} */
const pressed = (desk, type) => {
  const { from, to } = desk.state.selection;
  let all = true;
  desk.state.doc.nodesBetween(from, to, (node) => {
    if (node.isTextblock) all &&= node.type === type;
  });
  return all;
};

/** @type {(...names: string[]) => Doing} */
const key = (...names) =>
  ((desk, { n }) => {
    for (let i = 0; i <= n % 3; i += 1) desk.press(names[i % names.length]);
  });

/** @type {(names: string[]) => Doing} */
const kind = (names) =>
  ((desk, { a }) => {
    const type = schema.nodes[names[a % names.length]];
    desk.run(setBlockType(pressed(desk, type) ? schema.nodes.paragraph : type));
  });

/** @type {(act: string, isMine: boolean) => Doing} */
function decision(act, isMine) {
  return ((desk, { a, n }, letter) => {
    const found = desk.proposals.filter(({ who }) => (who === desk.seat) === isMine);
    if (!found.length) return;
    const chosen = n % 4 ? [found[a % found.length]] : found;
    /** @type {Map<string, Role[]>} */
    const roles = new Map(); // when the button was pressed
    const ids = desk.ids();
    ids.forEach((id, at) => {
      for (const mark of letter.units.has(id) ? desk.marksAt(at) : []) {
        const [role, name] = mark.split(":");
        roles.set(name, [...(roles.get(name) ?? []), [id, role]]);
      }
    });
    const message = desk.decide(act, chosen.map(({ id }) => id));
    if (message) letter.decisions.push({ ...message, roles });
  });
}

/** `copies` may put the same words in anew; what is `still` changes no words and no blocks. Before
 * anything but the next sign of it, a word that was being composed is done.
 * @type {Record<string, Act>}
 */
export const ACTS = {
  type: { often: 10, act: ((desk, it, letter) => desk.type(word(letter, it))) },
  typeThere: {
    often: 8,
    act: ((desk, it, letter) => {
      put(desk, it.p);
      desk.type(word(letter, it));
    }),
  },
  go: { often: 3, still: true, act: ((desk, { p }) => put(desk, p)) },
  select: { often: 3, still: true, act: ((desk, { p, q }) => put(desk, p, q)) },
  enter: { often: 4, act: key("Enter") },
  enterThere: {
    often: 3,
    act: ((desk, { p }) => {
      put(desk, p);
      desk.press("Enter");
    }),
  },
  softBreak: { often: 1, act: key("Shift-Enter") },
  backspace: { often: 3, act: key("Backspace") },
  backspaceAtStart: {
    often: 3,
    act: ((desk, { p }) => {
      const { start } = block(desk, p);
      put(desk, start);
      desk.press("Backspace");
    }),
  },
  delete: { often: 2, act: key("Delete") },
  deleteAtEnd: {
    often: 2,
    act: ((desk, { p }) => {
      const { end } = block(desk, p);
      put(desk, end);
      desk.press("Delete");
    }),
  },
  kind: { often: 4, still: true, act: kind(["line", "closing", "signature", "salutation", "paragraph"]) },
  kindThere: {
    often: 2,
    still: true,
    act: ((desk, it, letter) => {
      put(desk, it.p);
      kind(KINDS)(desk, it, letter);
    }),
  },
  look: {
    often: 2,
    still: true,
    act: ((desk, { a }) => desk.run(toggleMark(schema.marks[a % 2 ? "strong" : "em"]))),
  },
  all: {
    often: 1,
    act: ((desk, it, letter) => {
      desk.dispatch(desk.state.tr.setSelection(new AllSelection(desk.state.doc)));
      if (it.n === 0) desk.type(word(letter, it));
      else if (it.n === 1) kind(["line"])(desk, it, letter);
      else if (it.n === 2) desk.press("Ctrl-b");
      // Otherwise the next act meets the selection.
    }),
  },
  paste: {
    often: 2,
    act: ((desk, it, letter) => {
      const words = Array.from({ length: 1 + (it.a % 3) }, () => word(letter, it));
      const $at = desk.state.selection.$head;
      if (it.b % 3 === 0) paste(desk, fromText(words.join("\n"), $at));
      else if (it.b % 3 === 1) paste(desk, fromText(words.join("\n\n"), $at));
      else {
        const blocks = words.map((text, i) =>
          schema.nodes[KINDS[(it.p + i) % KINDS.length]].create(null, schema.text(text)),
        );
        paste(desk, it.q % 2 ? Slice.maxOpen(Fragment.from(blocks)) : new Slice(Fragment.from(blocks), 0, 0));
      }
    }),
  },
  rule: { often: 1, act: ((desk) => desk.type("I want to ")) },
  cut: {
    often: 2,
    act: ((desk) => {
      const { selection, tr } = desk.state;
      if (selection.empty) return;
      desk.clipboard = plainSlice(selection.content());
      desk.dispatch(tr.deleteSelection());
    }),
  },
  pasteCut: {
    often: 2,
    copies: true,
    act: ((desk, { p }) => {
      if (!desk.clipboard) return;
      put(desk, p);
      paste(desk, desk.clipboard);
      desk.clipboard = null;
    }),
  },
  drag: {
    often: 2,
    copies: true,
    act: ((desk, { p, q, a }) => {
      put(desk, p, q);
      const { selection, tr, doc } = desk.state;
      const to = somewhere(doc, a * 7);
      if (selection.empty || (to >= selection.from && to <= selection.to)) return;
      const slice = plainSlice(selection.content());
      tr.deleteSelection();
      const at = tr.mapping.map(to);
      desk.dispatch(tr.replaceRange(at, at, slice));
    }),
  },
  undo: {
    often: 4,
    copies: true,
    act: ((desk, { n }) => {
      for (let i = 0; i <= n % 3; i += 1) desk.run(undoCommand);
    }),
  },
  redo: { often: 2, copies: true, act: ((desk) => desk.run(redoCommand)) },
  compose: {
    often: 4,
    composes: true,
    act(desk, { a, n }, letter) {
      desk.settle();
      let text = "";
      for (let i = 0; i <= n % 4; i += 1) text += letter.sign(2 + (a % 2));
      desk.compose(text, desk.composing ? desk.composition : null);
      desk.composition = text.length;
    },
  },
  composed: { often: 2, act: () => {} },

  suggest: { often: 3, act: ((desk) => void (desk.isSuggesting = !desk.isSuggesting)) },
  accept: { often: 3, act: decision("accept", false) },
  decline: { often: 2, act: decision("decline", false) },
  takeBack: { often: 2, act: decision("back", true) },

  pause: { often: 2, all: true, act: (_desk, { a }) => [20, 100, 600, 2500][a % 4] },
  slow: { often: 2, all: true, act: (desk) => void (desk.link.isSlow = true) },
  fast: { often: 3, all: true, act: (desk) => void (desk.link.isSlow = false) },
  up: { often: 4, all: true, act: (desk, { n }) => void (desk.link.goesUp = 1 + n) },
  down: { often: 4, all: true, act: (desk, { n }) => void (desk.link.goesDown = 1 + n) },
  offline: {
    often: 2,
    all: true,
    act(desk, { n }, letter) {
      letter.left(desk);
      desk.link.isOnline = false;
      desk.link.drop(n % 2 === 0);
      desk.window.dispatchEvent(new Event("offline"));
    },
  },
  online: {
    often: 4,
    all: true,
    act(desk) {
      desk.link.isOnline = true;
      desk.window.dispatchEvent(new Event("online"));
    },
  },
  reload: { often: 1, all: true, act: (desk, { n }, letter) => letter.reload(desk, n % 2 === 0) },
  disk: { often: 2, all: true, act: (_desk, { a }, letter) => void letter.commands.push(["disk", [0.004, 0.1, 0.5][a % 3]]) },
  hostile: { often: 1, all: true, act: (_desk, { n }, letter) => letter.hostile(n) },
  crash: { often: 1, all: true, act: (_desk, { n }, letter) => letter.crash(n % 2 === 0) },
};
