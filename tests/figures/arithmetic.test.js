// The arithmetic of the interactive figures against the library's numbers.
// Run by test_arithmetic.py:  node --test arithmetic.test.js, with VECTORS and SCRIPTS set.
"use strict";
const assert = require("node:assert/strict");
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const test = require("node:test");

const folder = process.env.SCRIPTS;
for (const file of readdirSync(folder)) require(join(folder, file));
const vectors = JSON.parse(readFileSync(process.env.VECTORS, "utf8"));
const TOLERANCE = 1e-9; // both sides compute in float64; rounding differs, and grows over steps

const agree = (found, expected, where) => {
  if (typeof expected === "number") {
    const error = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
    assert.ok(error <= TOLERANCE, `${where}: ${found}, the library has ${expected}`);
  } else if (expected !== null && typeof expected === "object") {
    const keys = (value) => Object.keys(value).sort();
    assert.deepEqual(keys(found), keys(expected), where);
    for (const key of keys(expected)) agree(found[key], expected[key], `${where}.${key}`);
  } else {
    assert.equal(found, expected, where);
  }
};

const functions = Object.entries(arithmetic).flatMap(([figure, members]) =>
  Object.entries(members).filter(([, member]) => typeof member === "function")
    .map(([name]) => `${figure}.${name}`));

for (const name of functions) {
  test(name, () => {
    const mine = vectors.filter((each) => each.function === name);
    assert.ok(mine.length > 0, `there are no vectors for ${name}: add them to vectors.py`);
    const [figure, member] = name.split(".");
    for (const { arguments: given, expected } of mine) {
      agree(arithmetic[figure][member](...given), expected,
        `${name}(${JSON.stringify(given).slice(0, 200)})`);
    }
  });
}

test("every vector names a function", () => {
  for (const { function: name } of vectors) assert.ok(functions.includes(name), name);
});
