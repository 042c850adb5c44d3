// Two pages and a server that settles: whoever decides what and when, one of the two wordings
// stands in the end, whole, and nothing is accepted that nobody had seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TextSelection } from "prosemirror-state";
import { encodeStateAsUpdate } from "yjs";
import { joinBackward, setBlockType, splitBlock } from "../../letters/editor/commands.js";
import { schema } from "../../letters/editor/schema.js";
import { composing } from "../../letters/editor/suggest/composing.js";
import { about, idsOf } from "../../letters/editor/suggest/decisions.js";
import { namesFor } from "../../letters/editor/suggest/ids.js";
import { findProposals } from "../../letters/editor/suggest/proposals.js";
import { asWriting } from "../../letters/editor/suggest/proposing.js";
import { isRemote } from "../../letters/editor/text/binding.js";
import { Letter, Page } from "./pages.js";
import { find, spell } from "./suggesting.js";
import { readers, settle } from "./settling.js";

/** @import { Command, Transaction } from "prosemirror-state" */
/** @import { Verdict } from "../../letters/editor/decisions.js" */
/** @import { About } from "../../letters/editor/decisions.js" */
/** @import { Block } from "./pages.js" */
/** @typedef {[who: string, message: { verdict: Verdict, of: About[] }]} Message */

const { line } = schema.nodes;

class Seat {
  /**
   * @param {Page} page
   * @param {string} who
   */
  constructor(page, who) {
    this.page = page;
    this.on = true;
    this.who = who;
    this.composed = composing({ who, names: namesFor(page.doc, page.binding.decided) });
    page.dispatch = (tr) => Page.prototype.dispatch.call(page, this.rewrite(tr));
    page.binding.catchUp = () => {
      if (page.composing || !this.composed.holds) return;
      const settled = this.composed.settle(page.state);
      if (settled) Page.prototype.dispatch.call(page, settled);
    };
  }

  /** @param {Transaction} tr */
  rewrite(tr) {
    if (!tr.docChanged || isRemote(tr)) return tr;
    const { state, composing: isComposing } = this.page;
    return this.on ? this.composed.take(tr, state, isComposing) : asWriting(tr, state);
  }

  /** @type {(words: string, edge?: 0 | 1 | "both") => this} */
  at(words, edge = 1) {
    const [from, to] = find(this.page.state.doc, words);
    const { tr, doc } = this.page.state;
    const head = doc.resolve(edge ? to : from);
    const anchor = edge === "both" ? doc.resolve(from) : head;
    this.page.dispatch(tr.setSelection(TextSelection.between(anchor, head)));
    return this;
  }

  /** @param {string} text */
  type(text) {
    this.page.type(text);
    return this;
  }

  /** @param {Command} command */
  run(command) {
    this.page.run(command);
    return this;
  }

  cut() {
    this.page.dispatch(this.page.state.tr.deleteSelection());
    return this;
  }

  // What the button would send now.
  /** @type {(verdict: Verdict, ids?: string[]) => Message} */
  decides(verdict, ids = findProposals(this.page.state.doc).map(({ id }) => id)) {
    const { binding } = this.page;
    return [this.who, { verdict, of: about(ids, binding.ytext, binding.decided) }];
  }
}

/** @param {Block[]} blocks */
function open(...blocks) {
  const letter = new Letter(blocks, { clients: [11, 12, 99] });
  const [one, two, server] = letter.pages;
  return {
    ana: new Seat(one, "one"),
    ben: new Seat(two, "two"),
    letter,
    /** @param {Message[]} messages */
    decide(...messages) {
      letter.sync();
      for (const [who, message] of messages) settle(server.doc, who, message);
      letter.sync();
    },
    // Every page shows the same, its text included.
    /** @param {string[]} said */
    shows(...said) {
      letter.sync();
      for (const page of letter.pages) {
        assert.ok(page.binding.matches());
        assert.deepEqual(spell(page.state.doc), said);
      }
    },
    /** @param {string[]} said */
    reads: (...said) => assert.deepEqual(readers(server.doc), said),
  };
}

test("the ids of a suggestion are those of its characters and markers, and only the open ones", () => {
  const { ana, ben, decide, letter, shows } = open(["paragraph", "one"], ["line", "two"]);
  ben.at("one").run(splitBlock).type("x");
  letter.sync();
  const [{ id }] = findProposals(ana.page.state.doc);
  const { binding } = ana.page;
  const [[client, , length], ...more] = idsOf(binding.ytext, binding.decided).get(id) ?? [];
  assert.equal(client, 12);
  assert.equal([[client, 0, length], ...more].reduce((sum, range) => sum + range[2], 0), 2);
  decide(ana.decides("accept"));
  assert.equal(idsOf(binding.ytext, binding.decided).size, 0);
  shows("p one", "p x", "line two");
});

test("words, paragraphs, joins and kinds: accepted they are so, declined they never were", () => {
  /** @type {[act: (ben: Seat) => void, proposed: string, accepted: string[]][]} */
  const cases = [
    [(ben) => ben.at("one").type(" more"), "p one{2A+ more}", ["p one more", "line two"]],
    [(ben) => ben.at("ne", "both").cut(), "p o[2A-ne]", ["p o", "line two"]],
    [(ben) => ben.at("one", "both").type("1"), "p [2A-one]{2A+1}", ["p 1", "line two"]],
    [(ben) => ben.at("o").run(splitBlock), "p o", ["p o", "p ne", "line two"]],
    [(ben) => ben.at("two", 0).run(joinBackward), "p one", ["p onetwo"]],
    [(ben) => ben.at("one").run(setBlockType(line)), "p/kind:A_two_line one", ["line one", "line two"]],
  ];
  for (const [act, proposed, accepted] of cases) {
    for (const verdict of /** @type {const} */ (["accept", "decline"])) {
      const { ana, ben, decide, letter, shows, reads } = open(["paragraph", "one"], ["line", "two"]);
      act(ben);
      letter.sync();
      assert.equal(spell(ana.page.state.doc)[0].replaceAll("1A", "2A"), proposed);
      reads("paragraph: one", "line: two");
      decide(ana.decides(verdict));
      shows(...(verdict === "accept" ? accepted : ["p one", "line two"]));
      // And their owner may take them back.
    }
    const { ben, decide, shows } = open(["paragraph", "one"], ["line", "two"]);
    act(ben);
    decide(ben.decides("decline"));
    shows("p one", "line two");
  }
});

test("signs among the words are words", () => {
  const { ana, ben, decide, letter, shows } = open(["paragraph", "one "]);
  ben.at("one ").type("Then ↵ twice, see ¶ 3.");
  letter.sync();
  decide(ana.decides("accept"));
  shows("p one Then ↵ twice, see ¶ 3.");
});

test("accept and take back at once: one of the two wordings, whole", () => {
  for (const first of ["accept", "decline"]) {
    const { ana, ben, decide, letter, shows } = open(["paragraph", "one two"]);
    ben.at("two", "both").type("three");
    letter.sync();
    const messages = [ana.decides("accept"), ben.decides("decline")];
    if (first === "decline") messages.reverse();
    decide(...messages);
    shows(first === "accept" ? "p one three" : "p one two");
  }
});

test("what nobody had seen is never accepted", () => {
  const { ana, ben, decide, letter, shows, reads } = open(["paragraph", "one"]);
  ben.at("one").type(" two");
  letter.sync();
  const accept = ana.decides("accept");
  ben.type(" three"); // while the message is on its way
  decide(accept);
  shows("p one two{2A+ three}");
  reads("paragraph: one two");
  // He goes on: what is new has an id of its own, for the old one was decided.
  ben.type("!");
  shows("p one two{2A+ three}{2B+!}");
  assert.equal(findProposals(ben.page.state.doc).length, 2);
  decide(ana.decides("accept"));
  shows("p one two three!");
});

test("both offline, one accepts and the other takes back and types on", () => {
  for (const order of [[0, 1], [1, 0]]) {
    const { ana, ben, decide, letter, shows } = open(["paragraph", "one two"]);
    ben.at("two", "both").type("three");
    letter.sync();
    letter.offline.add(ana.page).add(ben.page);
    const accept = ana.decides("accept");
    const back = ben.decides("decline");
    ben.at("one").type("!");
    const messages = [accept, back];
    decide(...order.map((index) => messages[index]));
    shows(order[0] ? "p one{2A+!} two" : "p one{2A+!} three");
  }
});

test("nobody accepts their own", () => {
  const { ben, decide, shows } = open(["paragraph", "one"]);
  ben.at("one").type("!");
  decide(ben.decides("accept"));
  shows("p one{2A+!}");
});

test("words written among what is to go do not go with it", () => {
  const { ana, ben, decide, letter, shows } = open(["paragraph", "one two"]);
  ben.at("one two", "both").cut();
  letter.sync();
  ana.on = false;
  ana.at("o").type("X");
  shows("p [2A-o]X[2A-ne two]");
  decide(ana.decides("accept"));
  shows("p X");
});

test("what was taken out around words of mine keeps its ids", () => {
  const { ana, ben, letter, shows } = open(["paragraph", "a"]);
  ana.on = false;
  ana.at("a").type("bcd");
  letter.sync();
  ben.at("b").type("1");
  ben.at("c").type("2");
  letter.sync();
  const before = idsOf(ben.page.binding.ytext, ben.page.binding.decided);
  assert.equal(before.size, 2);
  ben.at("ab1c2d", "both").cut();
  shows("p [2A-abcd]");
  const ids = [...idsOf(ben.page.binding.ytext, ben.page.binding.decided).values()].flat();
  assert.deepEqual([...new Set(ids.map(([client]) => client))].sort(), [1, 11], "nothing typed anew");
});

test("a word that is composed over others is proposed once, and theirs stay theirs", () => {
  const { ana, ben, letter, shows } = open(["paragraph", "abc def"]);
  ben.page.composing = true;
  /** @type {(from: number, to: number, text: string) => void} */
  const compose = (from, to, text) => ben.page.dispatch(ben.page.state.tr.insertText(text, from, to));
  const [from] = find(ben.page.state.doc, "def");
  compose(from + 1, from + 3, "o");
  compose(from + 2, from + 2, "g");
  assert.deepEqual(spell(ben.page.state.doc), ["p abc dog"]);
  ana.on = false;
  ana.at("abc").type("!");
  letter.sync();
  assert.deepEqual(spell(ana.page.state.doc), ["p abc! def"]);
  ben.page.composing = false;
  ben.page.binding.release();
  shows("p abc! d[2A-ef]{2A+og}");
  assert.equal(ben.page.state.selection.from, find(ben.page.state.doc, "og")[1]);
  // One that only brings letters is marked at once.
  ben.page.composing = true;
  compose(1, 1, "に");
  compose(2, 2, "ほ");
  compose(1, 3, "日本");
  assert.deepEqual(spell(ben.page.state.doc), ["p {2A+日本}abc! d[2B-ef]{2B+og}"]);
  ben.page.composing = false;
  shows("p {2A+日本}abc! d[2B-ef]{2B+og}");
});

test("the last letter of a suggestion may go: what follows is no part of it", () => {
  const { ben, letter } = open(["paragraph", "abc"], ["line", "stay"]);
  ben.at("abc").type("hello");
  letter.sync();
  // A page that has just been opened.
  const ana = new Seat(new Page(21, encodeStateAsUpdate(letter.pages[2].doc)), "one");
  ana.on = false;
  ana.at("o", "both").cut();
  assert.deepEqual(spell(ana.page.binding.page), ["p abc{2A+hell}", "line stay"]);
  ana.page.close();
});

test("a declined paragraph leaves nothing on what follows it", () => {
  const { ana, ben, decide, letter, shows, reads } = open(["paragraph", "one"], ["line", "two"]);
  ben.at("one").run(splitBlock).type("hello");
  letter.sync();
  decide(ana.decides("decline"));
  shows("p one", "line two");
  reads("paragraph: one", "line: two");
});

test("room above the first block leaves what is proposed about it where it is", () => {
  const { ana, ben, letter } = open(["line", "one"]);
  ben.at("one").run(setBlockType(schema.nodes.paragraph));
  letter.sync();
  ana.on = false;
  ana.at("one", 0);
  ana.page.press("Enter");
  letter.sync();
  assert.deepEqual(spell(ben.page.state.doc), ["line/kind:A_two_paragraph ", "line one"]);
  /** @type {{ insert: any }[]} */
  const delta = ana.page.doc.getText("letter").toDelta();
  const [, second] = delta.filter(({ insert }) => typeof insert !== "string");
  assert.deepEqual([...second.insert.keys()], ["k"]);
});

test("where the first block goes, what is proposed about the second goes with its marker", () => {
  const { ana, ben, letter, shows } = open(["line", ""], ["paragraph", "two"]);
  ben.at("two").run(setBlockType(schema.nodes.closing));
  letter.sync();
  ana.on = false;
  ana.at("two", 0);
  ana.page.press("Backspace");
  shows("p two");
  const [first] = ana.page.doc.getText("letter").toDelta();
  assert.deepEqual([...first.insert.keys()], ["k"]);
});

test("what is dropped above the first block leaves what is proposed about it where it is", () => {
  const { ana, ben, letter } = open(["line", "one"]);
  ben.at("one").run(setBlockType(schema.nodes.paragraph));
  letter.sync();
  ana.on = false;
  ana.page.dispatch(ana.page.state.tr.insert(0, schema.nodes.closing.create(null, schema.text("new"))));
  letter.sync();
  assert.deepEqual(spell(ben.page.state.doc), ["bye/kind:A_two_paragraph new", "line one"]);
  const [, , second] = ana.page.doc.getText("letter").toDelta();
  assert.deepEqual([...second.insert.keys()], ["k"]);
});
