// The server's half: a process with the real rooms on a database of its own (tests/letters/live/theatre.py).
import { spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** @import { Answer, Stage } from "./types.js" */

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** @returns {Stage} */
export function openStage() {
  const python = process.env.PYTHON ?? `${ROOT}/.venv/bin/python`;
  const process_ = spawn(python, ["-m", "tests.letters.live.theatre"], {
    cwd: ROOT,
    env: { ...process.env, PYTHONPATH: `${ROOT}:${ROOT}/bin` },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let heard = "";
  /** @type {{ resolve: (answer: Answer) => void, reject: (error: Error) => void } | null} */
  let waiting = null;
  process_.stdout.setEncoding("utf8");
  process_.stdout.on("data", (/** @type {string} */ said) => {
    heard += said;
    const end = said.indexOf("\n") < 0 ? -1 : heard.indexOf("\n");
    if (end < 0) return;
    const line = heard.slice(0, end);
    heard = heard.slice(end + 1);
    waiting?.resolve(JSON.parse(line));
  });
  process_.on("exit", (code) => waiting?.reject(new Error(`the server's half ended with ${code}`)));
  return {
    /** Commands, all at once; what came of them. */
    say(commands) {
      return new Promise((resolve_, reject) => {
        waiting = { resolve: resolve_, reject };
        process_.stdin.write(`${JSON.stringify(commands)}\n`);
      });
    },
    close() {
      process_.removeAllListeners("exit");
      process_.stdin.end();
    },
  };
}
