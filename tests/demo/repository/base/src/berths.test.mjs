import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting } from "./berths.mjs";

const berths = [{ name: "deep", depth: 9 }, { name: "shallow", depth: 5 }];

test("a ship lies where water stays under its keel", () => {
  assert.deepEqual(fitting(berths, 1, 5.5), ["shallow", "deep"]);
  assert.deepEqual(fitting(berths, 1, 5.6), ["deep"]);
});
