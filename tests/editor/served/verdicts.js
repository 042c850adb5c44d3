// What must hold when everybody has everything.
import * as Y from "yjs";
import { tokensOf } from "../../../letters/editor/text/tokens.js";
import { isUnique } from "./acts.js";

/** @import { Node } from "prosemirror-model" */
/** @import { Map as YMap, Text as YText } from "yjs" */
/** @import { Range } from "../../../letters/editor/text/tokens.js" */
/** @import { Decided } from "../../../letters/editor/suggest/decided.js" */
/** @import { Desk } from "./desk.js" */
/** @import { Letter } from "./play.js" */
/** @import { Block, Read, Role, Run } from "./types.js" */

/** @param {Range[]} ranges */
const idsIn = (ranges) =>
  ranges.flatMap(([client, clock, length]) =>
    Array.from({ length }, (_each, i) => `${client}.${clock + i}`),
  );

/**
 * The blocks that readers see, as the server tells them.
 * @type {(ytext: YText, decided: Decided) => Block[]}
 */
export function readers(ytext, decided) {
  /** @type {Block[]} */
  const found = [];
  /** @type {Run[]} */
  let runs = [];
  let kind = "paragraph";
  let begun = false;
  const end = () => begun && found.push([kind, runs]);
  for (const token of tokensOf(ytext, decided)) {
    if (token.marker) {
      if (begun && token.proposals?.some((each) => each.startsWith("ins:"))) continue;
      end();
      kind = token.k;
      runs = [];
      begun = true;
    } else if (!token.marks.some(({ type }) => type.name === "insertion")) {
      begun = true;
      const marks = token.marks.map(({ type }) => type.name).filter((each) => each === "strong" || each === "em").sort();
      runs.push([token.text.replaceAll("\u2028", "\n"), marks]);
    }
  }
  end();
  while (found.at(-1)?.[1].some(([text]) => text.trim()) === false) found.pop();
  return found;
}

/** @param {Block[]} blocks */
const signsOf = (blocks) =>
  blocks.map(([kind, runs]) => `${kind}: ${runs.map(([text, marks]) => [...text].map((each) => each + marks.join("")).join("")).join("")}`);

/**
 * Marks that lie over one another are a set.
 * @param {Node} doc
 */
const spell = (doc) =>
  JSON.stringify(doc.toJSON(), (key, value) =>
    key === "marks" ? value.map((/** @type {object} */ mark) => JSON.stringify(mark)).sort() : value,
  );

/** @param {YText} ytext */
function standing(ytext) {
  /** @type {Set<string>} */
  const alive = new Set();
  for (let item = ytext._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    for (let i = 0; i < item.length; i += 1) alive.add(`${item.id.client}.${item.id.clock + i}`);
  }
  return alive;
}

/** @type {(letter: Letter, read: Read) => void} */
export function verdicts(letter, read) {
  const { desks, past, units } = letter;
  /** @param {string} fault */
  const tell = (fault) => letter.tell(fault);
  const [first] = desks;
  const alive = standing(first.ytext);
  const clocks = Y.decodeStateVector(Y.encodeStateVector(first.doc));

  // Everybody has the same, and the server, too.
  for (const desk of desks) {
    if (!desk.binding.matches()) tell(`at the end, page ${desk.slot} differs from its text`);
    if (desk.doc.store.pendingStructs || desk.doc.store.pendingDs) tell(`page ${desk.slot} waits for something that never comes`);
    const said = spell(desk.state.doc);
    if (said !== spell(first.state.doc)) tell(`pages differ:\n  ${spell(first.state.doc)}\n  ${said}`);
    const stands = standing(desk.ytext);
    if (stands.size !== alive.size || [...stands].some((id) => !alive.has(id))) tell(`page ${desk.slot} has other ids`);
  }
  const mine = JSON.stringify([...clocks].sort((a, b) => a[0] - b[0]));
  const theirs = JSON.stringify(read.clocks.filter(([, clock]) => clock).sort((a, b) => a[0] - b[0]));
  if (mine !== theirs) tell(`the server is elsewhere: ${theirs}, not ${mine}`);
  const pageSays = signsOf(readers(first.ytext, first.binding.decided));
  const serverSays = signsOf(read.blocks.map(([kind, runs]) => [kind, runs.map(([text, marks]) => [text, marks])]));
  if (JSON.stringify(pageSays) !== JSON.stringify(serverSays)) tell(`readers see something else:\n  ${pageSays.join(" / ")}\n  ${serverSays.join(" / ")}`);

  // Each unit that was typed is there, unless somebody took it out or it was decided about.
  /** @type {Set<string>} */
  const erased = new Set();
  /** @type {Set<string>} */
  const perhaps = new Set();
  const decided = new Set(letter.decisions.flatMap(({ of }) => of.flatMap(({ ranges }) => idsIn(ranges))));
  const changes = [...desks, ...past].flatMap((desk) => desk.changes.map((change) => ({ ...change, sure: change.saved || !desk.isGone })));
  for (const change of changes) {
    for (const id of change.erased) (change.sure ? erased : perhaps).add(id);
  }
  /** @param {string} id */
  const known = (id) => {
    const [client, clock] = id.split(".").map(Number);
    return (clocks.get(client) ?? 0) > clock;
  };
  /** @type {Set<string>} */
  const maybe = new Set(); // characters that a page took with it when it was closed
  /** @type {(id: string, sure: boolean) => void} */
  const check = (id, sure) => {
    if (!known(id)) {
      if (sure) tell(`${units.get(id)} (${id}) never arrived`);
      else maybe.add(id);
      return;
    }
    const stands = alive.has(id);
    if (stands && erased.has(id)) tell(`${units.get(id)} (${id}) was taken out and is there`);
    if (!stands && !erased.has(id) && !perhaps.has(id) && !decided.has(id)) tell(`${units.get(id)} (${id}) is gone, and nobody took it out`);
  };
  /** @type {Set<string>} */
  const inserted = new Set();
  for (const change of changes) {
    for (const id of change.inserted) {
      inserted.add(id);
      check(id, change.sure);
    }
  }
  for (const id of units.keys()) if (!inserted.has(id)) check(id, true);

  // Each character is there once.
  const count = new Map();
  for (const each of letter.textOf(first)) count.set(each, (count.get(each) ?? 0) + 1);
  /** @param {string[]} ids */
  const charactersOf = (ids) => {
    /** @type {Set<string>} */
    const found = new Set();
    for (const id of ids) {
      const [client, clock] = id.split(".");
      const unit = units.get(id) ?? "";
      if (/[\ud800-\udbff]/.test(unit)) found.add(unit + (units.get(`${client}.${Number(clock) + 1}`) ?? ""));
      else found.add(unit);
    }
    return found;
  };
  const unsure = charactersOf([...maybe, ...perhaps, ...decided]);
  for (const [each] of letter.seats) {
    if (!isUnique(each)) continue;
    const times = count.get(each) ?? 0;
    const acted = [...(letter.acted.get(each)?.values() ?? [])];
    const back = letter.back.get(each)?.size ?? 0;
    const [left = 1, ...others] = acted;
    if (!others.length && !unsure.has(each) && times !== left) tell(`${each} is there ${times} times, not ${left}`);
    if (times > 1 && back < 2 && times > Math.max(1, ...acted)) tell(`${each} is there ${times} times`);
  }

  authors(letter, read, tell);
  decisions(letter, first, alive, (id) => erased.has(id) || perhaps.has(id) || maybe.has(id), tell);
}

/**
 * Whose words they are. What was moved is traced as far as it can be (authorship.py): where somebody
 * moved words of the other, `moved` counts how often that was seen, and how often not.
 * @type {(letter: Letter, read: Read, tell: (fault: string) => void) => void}
 */
function authors(letter, read, tell) {
  for (const [, runs] of read.blocks) {
    for (const [text, , who] of runs) {
      for (const each of text) {
        if (!isUnique(each)) continue;
        const seat = letter.seats.get(each);
        const copied = letter.copied.get(each) ?? [];
        const isMoved = copied.some(([what, by]) => (letter.forgot || /drag|pasteCut/.test(what)) && by !== seat);
        if (isMoved) letter.moved[seat === who ? "seen" : "unseen"] += 1;
        else if (seat !== who) tell(`${each} is said to be ${who}'s, and is ${seat}'s`);
      }
    }
  }
}

/**
 * Each whole. That nothing goes but what somebody had seen of it when they decided is looked at above;
 * the server also says of words that a mark was stretched over that it is not about them.
 * `gone`: taken out by somebody, or lost with a page that was closed.
 * @type {(letter: Letter, desk: Desk, alive: Set<string>, gone: (id: string) => boolean, tell: (fault: string) => void) => void}
 */
function decisions(letter, { doc, ytext, binding }, alive, gone, tell) {
  /** @type {YMap<string>} */
  const map = doc.getMap("decided");
  for (const [name, raw] of map.entries()) {
    const { ranges, verdict: settled } = JSON.parse(raw);
    // Who decided otherwise, and too late, has decided nothing: what the other had not seen of it
    // stays open.
    const same = letter.decisions.filter(({ verdict }) => (verdict === "accept") === (settled === "accept"));
    const messages = same.flatMap(({ of, verdict, by }) => of.filter(({ id }) => id === name).map(({ ranges }) => ({ verdict, by, ids: new Set(idsIn(ranges)) })));
    const told = new Set(idsIn(ranges));
    for (const { ids } of messages) {
      const inside = [...ids].filter((id) => letter.units.has(id) && alive.has(id) && told.has(id));
      const open = [...ids].filter((id) => letter.units.has(id) && alive.has(id) && !told.has(id));
      if (inside.length && open.length) tell(`half of ${name} was decided`);
    }
  }
  // One of the two wordings, whole; where somebody decided more than twice, of parts at different times.
  /** @type {Set<string>} */
  const open = new Set();
  for (const token of tokensOf(ytext, binding.decided)) {
    for (const { type, attrs } of token.marks ?? []) {
      for (let i = 0; i < token.length; i += 1) {
        open.add(`${token.id.client}.${token.id.clock + i} ${type.name.slice(0, 3)} ${attrs.id}`);
      }
    }
  }
  /** @type {(id: string, role: string, name: string) => "in" | "out" | null} */
  const outcome = (id, role, name) => {
    if (gone(id) || open.has(`${id} ${role} ${name}`)) return null;
    if (role === "ins") return alive.has(id) ? "in" : "out";
    return alive.has(id) ? "out" : "in";
  };
  /** @type {Map<string, Role[][]>} */
  const names = new Map();
  for (const { of, roles } of letter.decisions) {
    for (const { id: name } of of) names.set(name, [...(names.get(name) ?? []), roles.get(name) ?? []]);
  }
  // Nor is it told of one what came of another that is about the same words.
  /** @type {Map<string, Set<string>>} */
  const about = new Map();
  for (const [name, pressed] of names) {
    for (const [id] of pressed.flat()) about.set(id, (about.get(id) ?? new Set()).add(name));
  }
  for (const [name, pressed] of names) {
    if (pressed.length > 2) continue;
    for (const ids of pressed) {
      const alone = ids.filter(([id]) => about.get(id)?.size === 1);
      const ends = new Set(alone.map(([id, role]) => outcome(id, role, name)).filter(Boolean));
      if (ends.size > 1) tell(`${name} ended in neither of its wordings`);
    }
  }
}
