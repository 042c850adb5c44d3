// One schedule: acts of three pages against the real rooms, and what must hold whatever they do.
import { rest, world } from "./world.js";
import * as Y from "yjs";
import { ACTS, isUnique, signs } from "./acts.js";
import { Desk } from "./desk.js";
import { verdicts } from "./verdicts.js";

const TURN = 30; // milliseconds from one act to the next
const PATIENCE = 60_000; // until everybody has everything, once all are online
const WHO = [0, 1, 0]; // whose page each is
export const PAGES = WHO.length;

function* uint(number) {
  for (; number > 127; number = Math.floor(number / 128)) yield (number % 128) + 128;
  yield number;
}

const charactersOf = (doc) => doc.textBetween(0, doc.content.size, "", "");

function counted(words) {
  const count = new Map();
  for (const each of words) count.set(each, (count.get(each) ?? 0) + 1);
  return count;
}

class Letter {
  constructor(stage) {
    this.stage = stage;
    this.units = new Map(); // id → the unit of text that it is
    this.markers = new Set(); // ids of blocks
    this.seats = new Map(); // character → who first typed it; null for the first page
    this.acted = new Map(); // character → desk → how many of it this desk's last act on it left
    this.back = new Map(); // character → the desks that put it in anew
    this.copied = new Map(); // character → who put it in anew, by an act that may
    this.moved = { seen: 0, unseen: 0 };
    this.decisions = [];
    this.desks = [];
    this.past = []; // pages that were closed
    this.commands = [];
    this.faults = [];
    this.codes = [];
    this.turn = -1;
    this.clients = 0;
    this.sign = signs();
    world.dial = (socket) => {
      const slot = Number(new URL(socket.url).pathname.split("/")[2]);
      const { link } = this.desks[slot] ?? this.opening;
      link.dial(socket);
      return link;
    };
  }

  textOf(desk) {
    return charactersOf(desk.state.doc);
  }

  /** For whoever looks for the cause: each block with its kind, and where the caret is. */
  show(desk) {
    const said = [];
    const { selection, doc } = desk.state;
    doc.descendants((node) => {
      if (node.isTextblock) said.push(`\n          ${node.type.name}${node.attrs.proposals ? JSON.stringify(node.attrs.proposals) : ""}: `);
      else said.push(`${node.text ?? "/"}${node.marks.length ? `{${node.marks.map(({ type, attrs }) => `${type.name}${attrs.id ?? ""}`)}}` : ""}`);
    });
    return `${selection.from}-${selection.to}${said.join("")}`;
  }

  /** With nobody there, the server forgets the words that are erased, and whose they were. */
  left(desk) {
    this.forgot ||= !this.desks.some(({ link }) => link.isOnline && link !== desk.link);
  }

  tell(fault) {
    this.faults.push(fault);
  }

  open(slot) {
    this.clients += 1;
    // As scattered as those of a browser, which are chance.
    const client = Math.imul(this.clients, 0x9e3779b1) >>> 0;
    this.desks[slot] = null;
    this.desks[slot] = new Desk({ slot, who: WHO[slot], client, letter: this });
  }

  async begin() {
    world.begin();
    this.commands = [["crash", false], ["begin"]];
    for (let slot = 0; slot < PAGES; slot += 1) this.open(slot);
    for (let i = 0; i < 20 && this.desks.some((desk) => !desk.state); i += 1) await this.flow(TURN);
    if (this.desks.some((desk) => !desk.state)) throw new Error(`the letter did not open: ${this.faults.join(" ")}`);
    const [{ ytext, state }] = this.desks;
    for (let item = ytext._start; item; item = item.right) {
      if (item.content.type) this.markers.add(`${item.id.client}.${item.id.clock}`);
      if (typeof item.content.str !== "string") continue;
      for (let i = 0; i < item.length; i += 1) this.units.set(`${item.id.client}.${item.id.clock + i}`, item.content.str[i]);
    }
    for (const each of charactersOf(state.doc)) this.seats.set(each, null);
  }

  // -- The network -------------------------------------------------------------------------------

  /** Time passes; what may flow flows. */
  async flow(milliseconds, all = false) {
    await rest();
    const { commands } = this;
    this.commands = [];
    for (const { link } of this.desks) {
      commands.push(...link.take(all || !link.isSlow ? Infinity : (link.goesUp ?? 0)));
      link.goesUp = 0;
    }
    commands.push(["wait", milliseconds / 1000]);
    const answer = await this.stage.say(commands);
    this.hear(answer);
    for (const standing of answer.stood ?? []) this.stillSaved(standing);
    for (const { link } of this.desks) {
      await this.guard("what came in", () => link.deliver(all || !link.isSlow ? Infinity : (link.goesDown ?? 0)));
      link.goesDown = 0;
      await rest();
    }
    await world.pass(milliseconds);
  }

  hear({ told, log }) {
    for (const [kind, connection, ...said] of told) {
      for (const { link } of this.desks) link.told([kind, connection, ...said]);
      if (connection < 0) continue; // of one that means harm
      if (kind === "closed") this.codes.push(said[0]);
      if (kind === "closed" && said[0] >= 4400) this.tell(`a page was closed with ${said.join(" ")}: ${log.join(" ")}`);
    }
    for (const line of log) if (!/synchronise anew|is closed for|Letters/.test(line)) this.tell(`the server says: ${line}`);
    this.log = [...(this.log ?? []), ...log];
  }

  async guard(what, act) {
    try {
      await act();
    } catch (error) {
      this.tell(`${what}: ${error.stack}`);
    }
  }

  reload(desk, arrives) {
    this.left(desk);
    desk.finish();
    this.past.push(desk);
    desk.link.isOnline = true;
    if (arrives) this.commands.push(...desk.link.take());
    desk.link.drop(arrives);
    this.commands.push(...desk.link.take());
    desk.close();
    this.open(desk.slot);
  }

  crash(landed) {
    for (const { link } of this.desks) if (!link.isSlow) this.commands.push(...link.take());
    this.commands.push(["crash", landed], ["stands"]);
  }

  // What a page was told is saved is there after a crash.
  stillSaved({ clocks, erased }) {
    const reached = new Map(clocks);
    const gone = (id) => {
      const [client, clock] = id.split(".").map(Number);
      return erased.some(([owner, from, to]) => owner === client && clock >= from && clock < to);
    };
    for (const desk of [...this.desks, ...this.past]) {
      for (const { clock: [client, to], erased: out, saved } of desk.changes) {
        if (!saved) continue;
        if ((reached.get(client) ?? 0) < to) this.tell(`page ${desk.slot} was told that it is saved, and it is not`);
        if (out.some((id) => !gone(id))) this.tell(`page ${desk.slot} was told that what it took out is saved, and it is not`);
      }
    }
  }

  // Somebody of the two sends by hand what no page of theirs would send.
  hostile(n) {
    // Where it is the only one there, it is the last one out.
    this.forgot ||= !this.desks.some(({ link }) => link.isOpen);
    const connection = -1 - this.clients - (this.hostiles = (this.hostiles ?? 0) + 1);
    const bytes = (numbers) => numbers.flatMap((number) => [...uint(number)]);
    const client = this.desks[0].doc.clientID;
    const clock = Y.getState(this.desks[0].doc.store, client) + (n % 3);
    const update = bytes(n % 2 ? [0, 1, client, 1, clock, 2 ** 20] : [1, 1, client, clock, 0, 1, 0]);
    const frame = Buffer.from([0, n % 4 < 2 ? 2 : 1, ...uint(update.length), ...update]).toString("base64");
    this.commands.push(["connect", connection, 1, 77 + this.hostiles], ["wait", 0.01], ["frame", connection, frame], ["wait", 0.01], ["leave", connection]);
  }

  // -- Acts --------------------------------------------------------------------------------------

  async act({ page, what, ...numbers }) {
    const { act, all, composes, copies, still } = ACTS[what];
    const desk = this.desks[page];
    if (!all && (!desk.state || !desk.editable)) return TURN;
    if (all) {
      const pause = act(desk, numbers, this);
      return typeof pause === "number" ? pause : TURN;
    }
    if (!composes) await this.finish(desk);
    const before = counted(charactersOf(desk.state.doc));
    const from = desk.changes.length;
    await this.guard(what, () => act(desk, numbers, this));
    desk.look(what);
    const changes = desk.changes.slice(from);
    this.compare(desk, what, before, changes, copies);
    if (still && changes.some(({ inserted, erased, markers }) => inserted.length || erased.length || markers.made || markers.gone)) {
      this.tell(`${what} took something out, or put something in`);
    }
    return TURN;
  }

  // What was composed while suggesting comes into the letter now.
  async finish(desk) {
    const from = desk.changes.length;
    await this.guard("the end of a composition", () => desk.finish());
    const count = counted(charactersOf(desk.state.doc));
    for (const { inserted, erased } of desk.changes.slice(from)) {
      for (const each of this.said([...inserted, ...erased])) {
        if (!this.seats.has(each)) this.seats.set(each, desk.seat);
        this.touch(each, desk, count.get(each) ?? 0);
      }
    }
  }

  said(ids) {
    return [...ids.map((id) => this.units.get(id)).join("")].filter(isUnique);
  }

  // What an act did to the page is what it did to the text: nothing else goes, nothing is typed anew.
  compare(desk, what, before, changes, copies) {
    const after = counted(charactersOf(desk.state.doc));
    const said = (which) => this.said(changes.flatMap((change) => change[which]));
    const typed = new Set(said("inserted"));
    for (const each of new Set([...before.keys(), ...after.keys(), ...typed])) {
      if (!isUnique(each)) continue;
      // The letter is not what the page shows, and may never hear of this one.
      if (desk.composed.holds) continue;
      const times = after.get(each) ?? 0;
      const had = before.get(each) ?? 0;
      const isNew = !this.seats.has(each);
      if (isNew) this.seats.set(each, desk.seat);
      if (!isNew && (times > had || typed.has(each))) {
        this.back.set(each, (this.back.get(each) ?? new Set()).add(desk));
        this.copied.set(each, [...(this.copied.get(each) ?? []), [what, desk.seat]]);
      }
      if (isNew || times !== had || typed.has(each)) this.touch(each, desk, times);
    }
    if (copies || desk.composed.holds) return;
    const anew = said("erased").filter((each) => typed.has(each) && after.has(each));
    if (anew.length) this.tell(`${anew.join("")} was typed anew`);
  }

  touch(each, desk, times) {
    if (!this.acted.has(each)) this.acted.set(each, new Map());
    this.acted.get(each).set(desk, times);
  }

  // -- The end -----------------------------------------------------------------------------------

  get isQuiet() {
    return this.desks.every(
      ({ link, said, unsaved, state }) =>
        state && !link.up.length && !link.down.length && said.link === "settled" && !said.waiting.length && !unsaved,
    );
  }

  async settle() {
    for (const desk of this.desks) {
      if (desk.state) await this.finish(desk);
      Object.assign(desk.link, { isOnline: true, isSlow: false });
      desk.window.dispatchEvent(new Event("online"));
    }
    let calm = 0;
    for (let waited = 0; calm < 3 && !this.faults.length; waited += 100) {
      await this.flow(100, true);
      this.collect();
      calm = this.isQuiet ? calm + 1 : 0;
      if (waited > PATIENCE) return this.tell(`it does not come to rest: ${this.desks.map((desk) => JSON.stringify(desk.said)).join(" ")}`);
    }
    // Timers that look whether all is well.
    await this.flow(1100, true);
    await this.flow(100, true);
  }

  collect() {
    for (const desk of [...this.desks, ...this.past]) {
      desk.faults.splice(0).forEach((fault) => this.tell(`page ${desk.slot}: ${fault}`));
    }
    world.errors.splice(0).forEach((error) => this.tell(`an error: ${error}`));
  }

  close() {
    for (const desk of this.desks) if (!desk.isGone) desk.close();
  }
}

/** What went wrong, as sentences: nothing, if all is well. `seen` counts what happened. */
export async function play(stage, acts, { trace = () => {}, seen = null } = {}) {
  const letter = new Letter(stage);
  try {
    await letter.begin();
    for (const [turn, act] of acts.entries()) {
      letter.turn = turn;
      const pause = await letter.act(act);
      trace(`${turn} ${JSON.stringify(act)}`, letter);
      await letter.flow(pause);
      letter.collect();
      if (letter.faults.length) return letter.faults.map((fault) => `${fault} (in turn ${turn})`);
    }
    letter.turn = "end";
    await letter.settle();
    letter.collect();
    trace("settled", letter);
    if (!letter.faults.length) {
      const answer = await stage.say([["read"]]);
      letter.hear(answer);
      const { read } = answer;
      if (read) verdicts(letter, read);
      trace(JSON.stringify(read), letter);
    }
    const count = (what, times = 1) => seen?.set(what, (seen.get(what) ?? 0) + times);
    letter.codes.forEach((code) => count(`closed with ${code}`));
    for (const [how, times] of Object.entries(letter.moved)) count(`moved words of the other, author ${how}`, times);
    count("decisions", letter.decisions.length);
    return letter.faults;
  } finally {
    letter.close();
  }
}

