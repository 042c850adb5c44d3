// The letter as ProseMirror sees it. Block kinds may stand in any order: what two people wrote at
// once is shown as it is. The server renders the same HTML.
import { Schema } from "prosemirror-model";

/** @import { Mark, MarkSpec, Node, NodeSpec } from "prosemirror-model" */

// To be raised with every change here or in text/, together with SCHEMA on the server.
export const SCHEMA = "3";

// Whose it is; anything else that a mark names is nobody.
export const SEATS = ["one", "two"];

// Not within another name: Word writes `mso-bidi-font-weight: normal` on what is bold.
const BOLD = /(?<!-)font-weight:\s*(bold(er)?|[6-9]\d\d)/i;
const PLAIN_WEIGHT = /(?<!-)font-weight:\s*(normal|[1-4]00)/i;
const HIDDEN = /(?<!-)display:\s*none/i;
const SLANTED = /(?<!-)font-style:\s*(italic|oblique)/i;

// What is proposed about the break that a block begins with: `ins:ID seat`, `del:ID seat` or
// `kind:ID seat kind`, sorted; null without any. CSS draws it in the margin, from data-break.
/** @type {{ default: null, validate: (value: unknown) => boolean }} */
const proposals = { default: null, validate: (value) => value === null || Array.isArray(value) };

/** @type {(node: Node) => Record<string, string>} */
function breaks({ attrs }) {
  if (!attrs.proposals) return {};
  /** @type {string[]} */
  const proposals = attrs.proposals;
  const names = proposals.map((each) => {
    const [key, who, kind] = each.split(" ");
    return [key.split(":")[0], SEATS.includes(who) && who, KINDS.includes(kind) && kind];
  });
  return { "data-break": names.map((each) => each.filter(Boolean).join("-")).join(" ") };
}

/** @type {(name: string) => NodeSpec} */
const block = (name) => ({
  content: "inline*",
  group: "block",
  attrs: { proposals },
  parseDOM: [{ tag: `p.${name === "salutation" ? "dear" : name}`, priority: 60 }],
  toDOM: (node) => [
    "p",
    { class: name === "salutation" ? "dear" : name, dir: "auto", ...breaks(node) },
    0,
  ],
});

// Pasted HTML keeps its inline style in `data-look` (see paste.js), never in `style`.
/** @type {(pattern: RegExp) => (element: HTMLElement) => null | false} */
const looks = (pattern) => (element) => pattern.test(element.dataset.look ?? "") && null;

// What belongs to the words and is not part of the letter: it moves with them, does not grow at
// its ends, and may lie over another of its kind.
/** @type {(name: string, tag: string, given: Record<string, string>) => MarkSpec} */
const beside = (name, tag, given) => ({
  attrs: Object.fromEntries(Object.entries(given).map(([key, value]) => [key, { default: value }])),
  inclusive: false,
  excludes: "",
  parseDOM: [
    {
      tag: `${tag}[data-${name}]`,
      getAttrs: ({ dataset }) => ({ id: dataset[name], who: dataset.who }),
    },
  ],
  toDOM: ({ attrs: { id, who } }) => [
    tag,
    {
      class: SEATS.includes(who) ? `${name} ${who}` : name,
      [`data-${name}`]: id,
      ...(who && { "data-who": who }),
    },
    0,
  ],
});

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    // First in the group, so it is what an empty document is filled with.
    paragraph: {
      content: "inline*",
      group: "block",
      attrs: { proposals },
      parseDOM: [
        { tag: "p" },
        { tag: "tr" },
        { tag: "pre", preserveWhitespace: "full" },
        // What a page hides, or says is not so any more, was not meant by whoever copied it.
        { tag: "[data-look*='display']", getAttrs: looks(HIDDEN), ignore: true, priority: 70 },
        { tag: "[hidden], del:not([data-deletion])", ignore: true, priority: 70 },
      ],
      toDOM: (node) => ["p", { dir: "auto", ...breaks(node) }, 0],
    },
    salutation: block("salutation"),
    line: block("line"),
    closing: block("closing"),
    signature: block("signature"),
    text: { group: "inline" },
    hard_break: {
      group: "inline",
      inline: true,
      selectable: false,
      leafText: () => "\n",
      parseDOM: [{ tag: "br" }],
      toDOM: () => ["br"],
    },
  },
  marks: {
    em: {
      parseDOM: [{ tag: "i" }, { tag: "em" }, { tag: "[data-look]", getAttrs: looks(SLANTED) }],
      toDOM: () => ["em", 0],
    },
    strong: {
      parseDOM: [
        { tag: "strong" },
        // Google Docs wraps everything in <b style="font-weight:normal">.
        { tag: "b", getAttrs: (element) => !PLAIN_WEIGHT.test(element.dataset.look ?? "") && null },
        { tag: "[data-look]", getAttrs: looks(BOLD) },
      ],
      toDOM: () => ["strong", 0],
    },
    note: beside("note", "mark", { id: "" }),
    insertion: beside("insertion", "ins", { id: "", who: "" }),
    deletion: beside("deletion", "del", { id: "", who: "" }),
  },
});

export const KINDS = ["salutation", "paragraph", "line", "closing", "signature"];
