// One schedule: acts of three pages against the real rooms, and what must hold whatever they do.
import { rest, world } from "./world.js";
import * as Y from "yjs";
import { ACTS, isUnique, signs } from "./acts.js";
import { Desk } from "./desk.js";
import { verdicts } from "./verdicts.js";

/** @import { Node } from "prosemirror-model" */
/** @import { Answer, Change, Command, Decision, Stage, Standing, Turn } from "./types.js" */

const TURN = 30; // milliseconds from one act to the next
const PATIENCE = 60_000; // until everybody has everything, once all are online
const WHO = [0, 1, 0]; // whose page each is
export const PAGES = WHO.length;

/** @param {number} number */
function* uint(number) {
  for (; number > 127; number = Math.floor(number / 128)) yield (number % 128) + 128;
  yield number;
}

/** @param {Node} doc */
const charactersOf = (doc) => doc.textBetween(0, doc.content.size, "", "");

/** @param {string} words */
function counted(words) {
  /** @type {Map<string, number>} */
  const count = new Map();
  for (const each of words) count.set(each, (count.get(each) ?? 0) + 1);
  return count;
}

export class Letter {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {Map<string, string>} */
    this.units = new Map(); // id → the unit of text that it is
    /** @type {Set<string>} */
    this.markers = new Set(); // ids of blocks
    /** @type {Map<string, string | null>} */
    this.seats = new Map(); // character → who first typed it; null for the first page
    /** @type {Map<string, Map<Desk, number>>} */
    this.acted = new Map(); // character → desk → how many of it this desk's last act on it left
    /** @type {Map<string, Set<Desk>>} */
    this.back = new Map(); // character → the desks that put it in anew
    /** @type {Map<string, [what: string, seat: string][]>} */
    this.copied = new Map(); // character → who put it in anew, by an act that may
    this.moved = { seen: 0, unseen: 0 };
    this.forgot = false; // the server no longer knows whose words were that are erased
    /** @type {Decision[]} */
    this.decisions = [];
    /** @type {Desk[]} */
    this.desks = [];
    /** @type {Desk[]} */
    this.past = []; // pages that were closed
    /** @type {Command[]} */
    this.commands = [];
    /** @type {string[]} */
    this.faults = [];
    /** @type {number[]} */
    this.codes = [];
    /** @type {string[]} */
    this.log = [];
    this.clients = 0;
    this.hostiles = 0;
    this.sign = signs();
    world.dial = (socket) => {
      const slot = Number(new URL(socket.url).pathname.split("/")[2]);
      const { link } = this.desks[slot];
      link.dial(socket);
      return link;
    };
  }

  /** @param {Desk} desk */
  textOf(desk) {
    return charactersOf(desk.state.doc);
  }

  /**
   * For whoever looks for the cause: each block with its kind, and where the caret is.
   * @param {Desk} desk
   */
  show(desk) {
    /** @type {string[]} */
    const said = [];
    const { selection, doc } = desk.state;
    doc.descendants((node) => {
      if (node.isTextblock) said.push(`\n          ${node.type.name}${node.attrs.proposals ? JSON.stringify(node.attrs.proposals) : ""}: `);
      else said.push(`${node.text ?? "/"}${node.marks.length ? `{${node.marks.map(({ type, attrs }) => `${type.name}${attrs.id ?? ""}`)}}` : ""}`);
    });
    return `${selection.from}-${selection.to}${said.join("")}`;
  }

  /**
   * With nobody there, the server forgets the words that are erased, and whose they were.
   * @param {Desk} desk
   */
  left(desk) {
    this.forgot ||= !this.desks.some(({ link }) => link.isOnline && link !== desk.link);
  }

  /** @param {string} fault */
  tell(fault) {
    this.faults.push(fault);
  }

  /** @param {number} slot */
  open(slot) {
    this.clients += 1;
    // As scattered as those of a browser, which are chance.
    const client = Math.imul(this.clients, 0x9e3779b1) >>> 0;
    this.desks[slot] = new Desk({ slot, who: WHO[slot], client, letter: this });
  }

  async begin() {
    world.begin();
    this.commands = [["crash", false], ["begin"]];
    for (let slot = 0; slot < PAGES; slot += 1) this.open(slot);
    for (let i = 0; i < 20 && this.desks.some((desk) => !desk.isOpen); i += 1) await this.flow(TURN);
    if (this.desks.some((desk) => !desk.isOpen)) throw new Error(`the letter did not open: ${this.faults.join(" ")}`);
    const [{ ytext, state }] = this.desks;
    for (let item = ytext._start; item; item = item.right) {
      if (item.content instanceof Y.ContentType) this.markers.add(`${item.id.client}.${item.id.clock}`);
      if (!(item.content instanceof Y.ContentString)) continue;
      for (let i = 0; i < item.length; i += 1) this.units.set(`${item.id.client}.${item.id.clock + i}`, item.content.str[i]);
    }
    for (const each of charactersOf(state.doc)) this.seats.set(each, null);
  }

  // -- The network -------------------------------------------------------------------------------

  /**
   * Time passes; what may flow flows.
   * @param {number} milliseconds
   */
  async flow(milliseconds, all = false) {
    await rest();
    const { commands } = this;
    this.commands = [];
    for (const { link } of this.desks) {
      commands.push(...link.take(all || !link.isSlow ? Infinity : link.goesUp));
      link.goesUp = 0;
    }
    commands.push(["wait", milliseconds / 1000]);
    const answer = await this.stage.say(commands);
    this.hear(answer);
    for (const standing of answer.stood ?? []) this.stillSaved(standing);
    for (const { link } of this.desks) {
      await this.guard("what came in", () => link.deliver(all || !link.isSlow ? Infinity : link.goesDown));
      link.goesDown = 0;
      await rest();
    }
    await world.pass(milliseconds);
  }

  /** @param {Answer} answer */
  hear({ told, log }) {
    for (const said of told) {
      for (const { link } of this.desks) link.told(said);
      if (said[0] !== "closed" || said[1] < 0) continue; // of one that means harm
      const [, , code, reason] = said;
      this.codes.push(code);
      if (code >= 4400) this.tell(`a page was closed with ${code} ${reason}: ${log.join(" ")}`);
    }
    for (const line of log) if (!/synchronise anew|is closed for|Letters/.test(line)) this.tell(`the server says: ${line}`);
    this.log.push(...log);
  }

  /** @type {(what: string, act: () => unknown) => Promise<void>} */
  async guard(what, act) {
    try {
      await act();
    } catch (error) {
      this.tell(`${what}: ${error instanceof Error ? error.stack : error}`);
    }
  }

  /** @type {(desk: Desk, arrives: boolean) => void} */
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

  /** @param {boolean} landed */
  crash(landed) {
    for (const { link } of this.desks) if (!link.isSlow) this.commands.push(...link.take());
    this.commands.push(["crash", landed], ["stands"]);
  }

  /**
   * What a page was told is saved is there after a crash.
   * @param {Standing} standing
   */
  stillSaved({ clocks, erased }) {
    const reached = new Map(clocks);
    /** @param {string} id */
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

  /**
   * Somebody of the two sends by hand what no page of theirs would send.
   * @param {number} n
   */
  hostile(n) {
    // Where it is the only one there, it is the last one out.
    this.forgot ||= !this.desks.some(({ link }) => link.isOpen);
    this.hostiles += 1;
    const connection = -1 - this.clients - this.hostiles;
    /** @param {number[]} numbers */
    const bytes = (numbers) => numbers.flatMap((number) => [...uint(number)]);
    const client = this.desks[0].doc.clientID;
    const clock = Y.getState(this.desks[0].doc.store, client) + (n % 3);
    const update = bytes(n % 2 ? [0, 1, client, 1, clock, 2 ** 20] : [1, 1, client, clock, 0, 1, 0]);
    const frame = Buffer.from([0, n % 4 < 2 ? 2 : 1, ...uint(update.length), ...update]).toString("base64");
    this.commands.push(["connect", connection, 1, 77 + this.hostiles], ["wait", 0.01], ["frame", connection, frame], ["wait", 0.01], ["leave", connection]);
  }

  // -- Acts --------------------------------------------------------------------------------------

  /** @param {Turn} turn */
  async act({ page, what, ...numbers }) {
    const { act, all, composes, copies, still } = ACTS[what];
    const desk = this.desks[page];
    if (!all && (!desk.isOpen || !desk.editable)) return TURN;
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

  /**
   * What was composed while suggesting comes into the letter now.
   * @param {Desk} desk
   */
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

  /** @param {string[]} ids */
  said(ids) {
    return [...ids.map((id) => this.units.get(id)).join("")].filter(isUnique);
  }

  /**
   * What an act did to the page is what it did to the text: nothing else goes, nothing is typed anew.
   * @type {(desk: Desk, what: string, before: Map<string, number>, changes: Change[], copies?: boolean) => void}
   */
  compare(desk, what, before, changes, copies) {
    const after = counted(charactersOf(desk.state.doc));
    /** @param {"inserted" | "erased"} which */
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

  /** @type {(each: string, desk: Desk, times: number) => void} */
  touch(each, desk, times) {
    const acted = this.acted.get(each) ?? new Map();
    this.acted.set(each, acted.set(desk, times));
  }

  // -- The end -----------------------------------------------------------------------------------

  get isQuiet() {
    return this.desks.every(
      ({ link, said, unsaved, isOpen }) =>
        isOpen && !link.up.length && !link.down.length && said.link === "settled" && !said.waiting.length && !unsaved,
    );
  }

  async settle() {
    for (const desk of this.desks) {
      if (desk.isOpen) await this.finish(desk);
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

/**
 * What went wrong, as sentences: nothing, if all is well. `seen` counts what happened.
 * @param {Stage} stage
 * @param {Turn[]} acts
 * @param {{ trace?: (what: string, letter: Letter) => void, seen?: Map<string, number> | null }} how
 */
export async function play(stage, acts, { trace = () => {}, seen = null } = {}) {
  const letter = new Letter(stage);
  try {
    await letter.begin();
    for (const [turn, act] of acts.entries()) {
      const pause = await letter.act(act);
      trace(`${turn} ${JSON.stringify(act)}`, letter);
      await letter.flow(pause);
      letter.collect();
      if (letter.faults.length) return letter.faults.map((fault) => `${fault} (in turn ${turn})`);
    }
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
    /** @type {(what: string, times?: number) => void} */
    const count = (what, times = 1) => seen?.set(what, (seen.get(what) ?? 0) + times);
    letter.codes.forEach((code) => count(`closed with ${code}`));
    for (const [how, times] of Object.entries(letter.moved)) count(`moved words of the other, author ${how}`, times);
    count("decisions", letter.decisions.length);
    return letter.faults;
  } finally {
    letter.close();
  }
}

