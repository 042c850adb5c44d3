// Letters as text, for tests: `p We {1ab+often }walk` is a paragraph with words that seat one
// proposes under the id "ab", `[2cd-…]` are words that seat two would take out. A block begins with
// its kind and what is proposed about its break: `line/ins:ab one`.
import { EditorState, TextSelection } from "prosemirror-state";
import { schema } from "../../letters/editor/schema.js";

/** @import { Mark, Node } from "prosemirror-model" */

/** @type {Record<string, string>} */
const KINDS = { p: "paragraph", line: "line", dear: "salutation", bye: "closing", name: "signature" };
const SHORT = Object.fromEntries(Object.entries(KINDS).map(([short, kind]) => [kind, short]));
/** @type {Record<string, string>} */
const SEATS = { 1: "one", 2: "two" };

/** @type {(text: string, marks?: readonly Mark[]) => Node[]} */
function inline(text, marks = []) {
  /** @type {Node[]} */
  const nodes = [];
  const piece = /([{[])([12])(\w+?)([+-])((?:[^{}[\]]|\[[^\]]*\]|\{[^}]*\})*)[}\]]|\/|[^{[/]+/g;
  for (const [all, open, seat, id, , inner] of text.matchAll(piece)) {
    if (all === "/") nodes.push(schema.nodes.hard_break.create(null, null, marks));
    else if (!seat) nodes.push(schema.text(all, marks));
    else {
      const type = open === "{" ? schema.marks.insertion : schema.marks.deletion;
      const mark = type.create({ id, who: SEATS[seat] });
      nodes.push(...inline(inner, mark.addToSet(marks)));
    }
  }
  return nodes;
}

/** @param {string[]} blocks */
export function letter(...blocks) {
  return schema.node(
    "doc",
    null,
    blocks.map((block) => {
      const [head, ...words] = block.split(" ");
      const [kind, ...proposals] = head.replaceAll("_", " ").split("/");
      const attrs = proposals.length ? { proposals } : null;
      return schema.node(KINDS[kind], attrs, inline(words.join(" ")));
    }),
  );
}

// The same the other way round. Ids that no test gave are called A, B, … in the order they come in.
/** @param {Node} doc */
export function spell(doc) {
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @param {string} id */
  const name = (id) => {
    if (id.length < 3) return id;
    if (!names.has(id)) names.set(id, "ABCDEFG"[names.size]);
    return names.get(id);
  };
  /** @param {Mark} mark */
  const around = ({ type, attrs: { id, who } }) => {
    if (!who) return ["", ""];
    const head = `${who === "one" ? 1 : 2}${name(id)}`;
    if (type.name === "insertion") return [`{${head}+`, "}"];
    return [`[${head}-`, "]"];
  };
  /** @type {string[]} */
  const blocks = [];
  doc.forEach((block) => {
    /** @type {string[]} */
    const proposals = block.attrs.proposals ?? [];
    const said = proposals.map((each) =>
      each.replace(/:(\w+)/, (_all, id) => `:${name(id)}`).replaceAll(" ", "_"),
    );
    /** @type {{ open: string, close: string, text: string }[]} */
    const runs = []; // text that looks the same is one
    block.forEach((node) => {
      const marks = node.marks.map(around);
      const open = marks.map(([start]) => start).reverse().join("");
      const close = marks.map(([, end]) => end).join("");
      const last = runs.at(-1);
      const text = node.text ?? "/";
      if (last?.open === open) last.text += text;
      else runs.push({ open, close, text });
    });
    const text = runs.map((run) => run.open + run.text + run.close).join("");
    blocks.push([[SHORT[block.type.name], ...said].join("/"), text].join(" "));
  });
  return blocks;
}

// Where `words` stand: [from, to].
/** @type {(doc: Node, words: string) => [from: number, to: number]} */
export function find(doc, words) {
  /** @type {[from: number, to: number] | null} */
  let found = null;
  doc.descendants((node, at) => {
    if (!node.isTextblock) return true;
    const index = node.textBetween(0, node.content.size, "", "/").indexOf(words);
    if (index >= 0) found ??= [at + 1 + index, at + 1 + index + words.length];
    return false;
  });
  if (!found) throw new Error(`no “${words}” in ${doc}`);
  return found;
}

/** @type {(doc: Node, anchor?: number | null, head?: number | null) => EditorState} */
export function open(doc, anchor = null, head = anchor) {
  const state = EditorState.create({ doc, schema });
  if (anchor === null) return state;
  return state.apply(state.tr.setSelection(TextSelection.create(doc, anchor, head ?? anchor)));
}
