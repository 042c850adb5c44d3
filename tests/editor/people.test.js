// Who is here, as far as another browser may say it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Doc } from "yjs";
import { Awareness } from "../../letters/editor/awareness.js";
import { personOf, watchOther } from "../../letters/editor/people.js";

/** @import { Person } from "../../letters/editor/people.js" */

const ANA = { who: "one", name: "Ana" };
const BEN = { who: "two", name: "Ben" };

test("of what somebody says of themselves a seat and a short name are taken", () => {
  assert.deepEqual(personOf({ user: Object.assign({ colour: "red" }, ANA) }), ANA);
  assert.equal(personOf({ user: { ...ANA, name: "A".repeat(99) } })?.name.length, 60);
  for (const user of [undefined, {}, { name: "Ana" }, { ...ANA, who: "three" }, { ...ANA, name: 7 }]) {
    assert.equal(personOf({ user }), null);
  }
});

test("the other one comes once, and goes; my other pages are nobody", () => {
  const awareness = new Awareness(new Doc());
  /** @type {(Person | null)[]} */
  const seen = [];
  const end = watchOther(awareness, "one", (other) => seen.push(other));
  const say = (/** @type {number} */ client, /** @type {Person | null} */ user) => {
    awareness.put(client, 1, user && { user });
    awareness.emit("change", [[client]]);
  };
  say(1, ANA);
  say(2, BEN);
  say(3, BEN);
  say(2, null);
  say(3, null);
  end();
  say(2, BEN);
  awareness.destroy();
  assert.deepEqual(seen, [BEN, null]);
});
