// What is passed around here, by name.

/** @import { Transaction as YTransaction } from "yjs" */
/** @import { About, Verdict } from "../../../letters/editor/decisions.js" */
/** @import { Desk } from "./desk.js" */
/** @import { Letter } from "./play.js" */

/**
 * What is said to the server's half, and what it says of the connections (theatre.py).
 * @typedef {["connect", connection: number, who: number, client: number]} Connect
 * @typedef {["frame", connection: number, base64: string]} Frame
 * @typedef {["leave", connection: number]} Leave
 * @typedef {Connect | Frame | Leave} OnLine
 * @typedef {["begin"] | ["stands"] | ["read"]} Asking
 * @typedef {["wait" | "disk", seconds: number] | ["crash", landed: boolean]} Weather
 * @typedef {OnLine | Asking | Weather} Command
 * @typedef {["closed", connection: number, code: number, reason: string]} Closed
 * @typedef {["open", connection: number] | Frame | Closed} Told
 */

/**
 * What is written down there: clocks of clients, and from where to where each was erased. Blocks as
 * readers see them are a kind and runs of words, marks, and (from the server) whose they are.
 * @typedef {[client: number, clock: number]} Clock
 * @typedef {[client: number, from: number, to: number]} Erased
 * @typedef {[text: string, marks: string[], who?: string | null]} Run
 * @typedef {[kind: string, runs: Run[]]} Block
 * @typedef {{ clocks: Clock[], erased: Erased[] }} Standing
 * @typedef {Standing & { blocks: Block[] }} Read
 * @typedef {{ told: Told[], log: string[], stood?: Standing[], read?: Read }} Answer
 * @typedef {{ say: (commands: Command[]) => Promise<Answer>, close: () => void }} Stage
 */

/**
 * What a page did to the text itself; ids are `client.clock`.
 * @typedef {{ made: number, gone: number }} Markers
 * @typedef {{ clock: Clock, inserted: string[], erased: string[], markers: Markers, saved: boolean }} Change
 * @typedef {Pick<YTransaction, "beforeState" | "afterState" | "deleteSet" | "doc">} Written
 */

/**
 * A button that was pressed, with the words it was about: name → [id, whether it would come or go].
 * @typedef {{ of: About[], verdict: Verdict, by: string }} Message
 * @typedef {[id: string, role: string]} Role
 * @typedef {Message & { roles: Map<string, Role[]> }} Decision
 */

/**
 * What happens: to which page, and numbers that mean what the act makes of them.
 * @typedef {{ p: number, q: number, a: number, b: number, n: number }} Numbers
 * @typedef {Numbers & { page: number, what: string }} Turn
 */

/**
 * Acts on `all` pages, also those that show no letter, may return how many milliseconds pass.
 * @typedef {(desk: Desk, numbers: Numbers, letter: Letter) => unknown} Doing
 * @typedef {{
 *   often: number,
 *   act: Doing,
 *   all?: boolean,
 *   still?: boolean,
 *   copies?: boolean,
 *   composes?: boolean,
 * }} Act
 */

export {};
