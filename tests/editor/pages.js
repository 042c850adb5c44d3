// Pages of a letter without a browser: real bindings over real Yjs documents, and a network between
// them that can be slow, or away.
import { EditorState, TextSelection } from "prosemirror-state";
import * as Y from "yjs";
import { keys } from "../../letters/editor/keymap.js";
import { Binding } from "../../letters/editor/text/binding.js";
import { clusterBeside } from "../../letters/editor/text/caret.js";
import { cleaning } from "../../letters/editor/text/clean.js";

/** @import { Slice } from "prosemirror-model" */
/** @import { Command, Plugin, Transaction } from "prosemirror-state" */
/** @import { Report } from "../../letters/editor/text/binding.js" */
/** @typedef {[kind: string, words: string]} Block */
/** @typedef {[block: number, offset: number | "end"]} Spot */
/** @typedef {{ plugins?: (page: Page) => Plugin[], check?: "idle" | "never", report?: (event: Report) => void }} Options */

/**
 * A letter as the server seeds it: [kind, words] for each block.
 * @param {Block[]} blocks
 */
export function seed(blocks) {
  const doc = new Y.Doc();
  doc.clientID = 1;
  const text = doc.getText("letter");
  doc.transact(() => {
    for (const [kind, words] of blocks) {
      text.insertEmbed(text.length, new Y.Map([["k", kind]]), {});
      if (words) text.insert(text.length, words, {});
    }
  });
  return Y.encodeStateAsUpdate(doc);
}

export class Page {
  /**
   * @param {number} client
   * @param {Uint8Array} start
   * @param {Options} options
   */
  constructor(client, start, { plugins = () => [], ...options } = {}) {
    this.doc = new Y.Doc();
    this.doc.clientID = client;
    Y.applyUpdate(this.doc, start, "network");
    /** @type {Report[]} */
    this.reports = [];
    this.binding = new Binding(this.doc, {
      check: "never",
      report: (event) => this.reports.push(event),
      ...options,
    });
    this.composing = false;
    this.dispatch = this.dispatch.bind(this);
    /** @type {EditorState} */
    this.state = EditorState.create({
      doc: this.binding.page,
      plugins: [this.binding.plugin, ...plugins(this), ...keys(), cleaning],
    });
    this.binding.attach(this);
    /** @type {Uint8Array[]} */
    this.out = [];
    this.doc.on("update", (update, origin) => {
      if (origin !== "network") this.out.push(update);
    });
    this.editable = true;
  }

  /** @param {Transaction} tr */
  dispatch(tr) {
    this.state = this.binding.apply(this.state, tr);
  }

  /** @param {string} direction */
  endOfTextblock(direction) {
    const { $head } = this.state.selection;
    return direction === "backward" || direction === "left"
      ? $head.parentOffset === 0
      : $head.parentOffset === $head.parent.content.size;
  }

  /**
   * A key such as "Enter" or "Ctrl-b"; what the editor leaves to the browser is done here.
   * @param {string[]} names
   */
  press(...names) {
    for (const name of names) {
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
      const done = this.state.plugins.some((plugin) =>
        plugin.props.handleKeyDown?.call(plugin, /** @type {any} */ (this), /** @type {any} */ (event)),
      );
      if (!done && (key === "Backspace" || key === "Delete")) this.erase(key === "Delete" ? 1 : -1);
    }
    return this;
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
    return command(this.state, (tr) => this.dispatch(tr));
  }

  /**
   * Put the caret, or a selection, at offsets of blocks: [block, offset].
   * @type {(from: Spot, to?: Spot | null) => this}
   */
  at([block, offset], to = null) {
    /** @param {Spot} spot */
    const place = ([b, o]) => {
      let pos = 0;
      for (let i = 0; i < b; i += 1) pos += this.state.doc.child(i).nodeSize;
      const { size } = this.state.doc.child(b).content;
      return pos + 1 + (o === "end" ? size : o);
    };
    const anchor = place([block, offset]);
    const { tr, doc } = this.state;
    this.dispatch(tr.setSelection(TextSelection.create(doc, anchor, to ? place(to) : anchor)));
    return this;
  }

  /** @param {string} text */
  type(text) {
    for (const sign of text) {
      const { tr, selection } = this.state;
      this.dispatch(tr.insertText(sign, selection.from, selection.to));
    }
    return this;
  }

  get blocks() {
    /** @type {string[]} */
    const said = [];
    this.state.doc.forEach((node) =>
      said.push(`${node.type.name}: ${node.textBetween(0, node.content.size, "", "\n")}`),
    );
    return said;
  }

  /** Where the caret is: "words|words" of its block. */
  get caret() {
    const { $from, $to, empty } = this.state.selection;
    const { parent } = $from;
    /** @type {(from: number, to: number) => string} */
    const of = (from, to) => parent.textBetween(from, to, "", "\n");
    if (!$from.sameParent($to)) return "…";
    const [from, to] = [$from.parentOffset, $to.parentOffset];
    const end = of(to, parent.content.size);
    return empty ? `${of(0, from)}|${end}` : `${of(0, from)}[${of(from, to)}]${end}`;
  }

  /** @param {Uint8Array[]} updates */
  receive(updates) {
    for (const update of updates) {
      this.binding.receive(() => Y.applyUpdate(this.doc, update, "network"));
    }
  }

  /**
   * Words and blocks from elsewhere, as ProseMirror puts in what is pasted.
   * @param {Slice} slice
   */
  paste(slice) {
    this.dispatch(this.state.tr.replaceSelection(slice));
    return this;
  }

  close() {
    this.binding.destroy();
    this.doc.destroy();
  }
}

/** Pages of one letter; `sync()` brings everything everywhere, `offline` ones keep what they have. */
export class Letter {
  /**
   * @param {Block[]} blocks
   * @param {Options & { clients?: number[] }} options
   */
  constructor(blocks, { clients = [11, 12], ...options } = {}) {
    const start = seed(blocks);
    this.pages = clients.map((client) => new Page(client, start, options));
    /** @type {Map<Page, Uint8Array[]>} */
    this.waiting = new Map(this.pages.map((page) => [page, []]));
    /** @type {Set<Page>} */
    this.offline = new Set();
  }

  /** @param {Page} page */
  collect(page) {
    if (this.offline.has(page)) return;
    const sent = page.out.splice(0);
    for (const other of this.pages) if (other !== page) this.waiting.get(other)?.push(...sent);
  }

  /** @type {(page: Page, count?: number) => void} */
  deliver(page, count = Infinity) {
    if (this.offline.has(page)) return;
    page.receive(this.waiting.get(page)?.splice(0, count) ?? []);
  }

  sync() {
    this.offline.clear();
    for (let round = 0; round < 6; round += 1) {
      this.pages.forEach((page) => this.collect(page));
      this.pages.forEach((page) => this.deliver(page));
    }
  }

  close() {
    this.pages.forEach((page) => page.close());
  }
}
