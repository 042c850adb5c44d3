// The model, broken on purpose: what the schedules are to find. Each changes one thing, here or (where
// it is the server's) in tests/letters/live/theatre.py.
import { AllSelection } from "prosemirror-state";
import * as Y from "yjs";
import { Binding } from "../../../letters/editor/text/binding.js";
import { Desk } from "./desk.js";

/** @type {Record<string, () => void>} */
export const MUTANTS = {
  "what comes does not wait for the end of a composition"() {
    Binding.prototype.receive = (apply) => apply();
  },

  "new words have the look of those before them"() {
    const { insert } = Y.Text.prototype;
    Y.Text.prototype.insert = function (index, text, attributes) {
      return insert.call(this, index, text, Object.keys(attributes ?? {}).length ? attributes : undefined);
    };
  },

  "a block that becomes another kind is replaced"() {
    const { set } = Y.Map.prototype;
    Y.Map.prototype.set = function (key, value) {
      const text = this.parent;
      if (key !== "k" || !(text instanceof Y.Text) || !this.has("k")) return set.call(this, key, value);
      let at = 0;
      for (let item = text._start; item && item !== this._item; item = item.right) {
        if (!item.deleted && item.countable) at += item.length;
      }
      if (!at) return set.call(this, key, value);
      const values = [...this.entries()].filter(([name]) => name !== "k");
      text.delete(at, 1);
      text.insertEmbed(at, new Y.Map([["k", value], ...values]), {});
      return value;
    };
  },

  "a caret goes where ProseMirror puts it"() {
    Binding.prototype.bring = function (tr, state) {
      if (!tr.docChanged) return;
      if (state.selection instanceof AllSelection) tr.setSelection(new AllSelection(tr.doc));
      tr.setMeta(this.plugin, { remote: true, undo: this.undoing }).setMeta("addToHistory", false);
      this.view?.dispatch(tr);
    };
  },

  "whoever decides writes it into the letter"() {
    Desk.prototype.send = function (verdict, of) {
      const gone = verdict === "accept" ? "del" : "ins";
      this.isDeciding = true;
      this.doc.transact(() => {
        for (const { id, ranges } of of) {
          for (const [client, clock, length] of ranges) {
            for (let i = length - 1; i >= 0; i -= 1) {
              const ids = this.ids();
              const at = ids.indexOf(`${client}.${clock + i}`);
              if (at < 0) continue;
              const item = Y.getItem(this.doc.store, Y.createID(client, clock + i));
              const marker = item.content instanceof Y.ContentType && item.content.type instanceof Y.Map ? item.content.type : null;
              /** @param {string} key */
              const has = (key) => marker?.has(key) ?? this.marksAt(at).includes(key);
              if (has(`${gone}:${id}`)) this.ytext.delete(at, 1);
              else if (marker) ["ins", "del", "kind"].forEach((act) => marker.delete(`${act}:${id}`));
              else this.ytext.format(at, 1, { [`ins:${id}`]: null, [`del:${id}`]: null });
            }
          }
        }
      }, "decided");
      this.isDeciding = false;
    };
  },
};

/** Those that are the server's. */
export const SERVERS = ["anything may be erased", "saved before it is", "an update of whoever it likes"];
