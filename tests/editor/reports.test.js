// A fault within the page is said, and the page goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logged } from "../../letters/editor/reports.js";
import { Page, seed } from "./pages.js";

const START = seed([["salutation", "Dear us,"], ["paragraph", "alpha"]]);

test("what could not be written is said, and the page is mended", (t) => {
  const said = t.mock.method(console, "error", () => {});
  const page = new Page(7, START, { report: (event) => assert.ok(logged(event)) });
  const failing = t.mock.method(page.doc, "transact", () => {
    throw new Error("no");
  });
  page.at([1, "end"]).type("!");
  failing.mock.restore();
  assert.equal(page.blocks[1], "paragraph: alpha!");
  assert.deepEqual(said.mock.calls[0].arguments, [new Error("no")]);
  assert.equal(page.binding.matches(), false);
  page.binding.mendIfNeeded();
  assert.ok(page.binding.matches());
  assert.equal(page.blocks[1], "paragraph: alpha");
  page.at([1, "end"]).type("?");
  assert.ok(page.binding.matches());
  assert.equal(page.blocks[1], "paragraph: alpha?");
});

test("a state of saving is no fault", () => {
  assert.equal(logged({ type: "up" }), false);
});
