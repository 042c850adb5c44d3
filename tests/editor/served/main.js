// Random schedules, made shorter where one goes wrong. How many: SCHEDULES, or for how long: SECONDS;
// from which seed: SEED. What is left of one that went wrong are its acts as JSON, to be played again
// with PLAY. With FIRST it is not made shorter; MUTANT breaks the model on purpose (mutants.js).
import { realTime } from "./world.js";
import fc from "fast-check";
import { ACTS } from "./acts.js";
import { MUTANTS, SERVERS } from "./mutants.js";
import { PAGES, play } from "./play.js";
import { openStage } from "./stage.js";

/** @import { Letter } from "./play.js" */
/** @import { Turn } from "./types.js" */

const SECONDS = Number(process.env.SECONDS ?? Infinity);
const runs = Number(process.env.SCHEDULES ?? (SECONDS < Infinity ? 1e6 : 200));
const seed = Number(process.env.SEED ?? realTime() % 2 ** 31);
const LONGEST = Number(process.env.ACTS ?? 60);

/** @param {string[]} names */
const act = (names) =>
  fc.record({
    page: fc.nat(PAGES - 1),
    what: fc.oneof(...names.map((what) => ({ weight: ACTS[what].often, arbitrary: fc.constant(what) }))),
    p: fc.nat(120),
    q: fc.nat(120),
    a: fc.nat(11),
    b: fc.nat(11),
    n: fc.nat(7),
  });

const ALL = Object.keys(ACTS);
const SUGGESTING = ["suggest", "accept", "decline", "takeBack"];
const COPYING = Object.keys(ACTS).filter((name) => ACTS[name].copies);
/** @param {string[]} names */
const without = (...names) => ALL.filter((name) => !names.includes(name));
// Some faults show only where others of their kind are not in the way.
const moods = [ALL, without(...SUGGESTING), without(...COPYING), without("compose", "composed"), without(...SUGGESTING, ...COPYING)];

const schedule = fc.oneof(...moods.map((names) => fc.array(act(names), { minLength: 5, maxLength: LONGEST, size: "max" })));

const mutant = process.env.MUTANT;
if (mutant && !SERVERS.includes(mutant)) MUTANTS[mutant]();

const stage = openStage();
/** @type {Map<string, number>} */
const seen = new Map();
let acts = 0;
let played = 0;
const begun = process.hrtime.bigint();

// Making it shorter has an end, too.
const SHRINKING = Number(process.env.SHRINKING ?? 120);
/** @type {number | null} */
let failedAt = null;

/** @param {Turn[]} schedule_ */
async function one(schedule_) {
  const seconds = () => Number(process.hrtime.bigint() - begun) / 1e9;
  if (failedAt === null ? seconds() > SECONDS : seconds() - failedAt > SHRINKING) return;
  played += 1;
  acts += schedule_.length;
  const faults = await play(stage, schedule_, { seen });
  if (!faults.length) return;
  failedAt ??= seconds();
  throw new Error(faults.join("\n"));
}

/**
 * What fast-check left, act by act: for whoever looks for the cause.
 * @param {Turn[]} acts
 */
async function shortest(acts) {
  /** @param {Turn[]} some */
  const sort = async (some) => (await play(stage, some))[0]?.replace(/[^a-z ]/g, "").slice(0, 24);
  const wanted = await sort(acts);
  for (let size = acts.length >> 1; size; size >>= 1) {
    for (let at = 0; at + size <= acts.length; ) {
      const fewer = acts.toSpliced(at, size);
      if ((await sort(fewer)) === wanted) acts = fewer;
      else at += size;
    }
  }
  return acts;
}

if (process.env.SHORTEN) {
  console.log(`PLAY='${JSON.stringify(await shortest(JSON.parse(process.env.SHORTEN)))}'`);
} else if (process.env.PLAY) {
  const faults = await play(stage, JSON.parse(process.env.PLAY), {
    trace: process.env.QUIET ? undefined : (what, letter) => {
      console.log(what);
      for (const desk of letter.desks) {
        console.log("   ", desk.slot, desk.isSuggesting ? "s" : " ", desk.composing ? "c" : " ", desk.link.isOnline ? (desk.link.isSlow ? "slow" : "") : "off", desk.state ? letter.show(desk) : "-");
      }
    },
  });
  console.log(faults.join("\n") || "nothing went wrong");
  process.exitCode = faults.length ? 1 : 0;
} else {
  const found = await fc.check(fc.asyncProperty(schedule, one), { numRuns: runs, seed, endOnFailure: !!process.env.FIRST });
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  console.log(`seed ${seed}: ${played} schedules, ${acts} acts, ${seconds.toFixed(1)} s, ${(played / seconds).toFixed(1)} a second; ${[...seen].map((each) => each.join(": ")).join("; ")}`);
  if (found.failed) {
    const { errorInstance: error } = found;
    console.log(`${error instanceof Error ? error.message : error}\nafter ${found.numRuns} schedules, ${found.numShrinks} times shorter:\nPLAY='${JSON.stringify(found.counterexample?.[0])}'`);
    process.exitCode = 1;
  }
}
stage.close();
