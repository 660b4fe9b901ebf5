import { METHODS } from "../../src/certify/certify.js";
import { MOST_EDITS } from "../../src/certify/certify-exactly.js";
import * as options from "../../src/cli/options.js";
import { INPUT_FORMATS } from "../../src/node/input/format.js";

test("the names that help shows are those that the library knows", () => {
  expect(options.METHOD_NAMES).toEqual(METHODS);
  expect(options.MOST_EDITS).toBe(MOST_EDITS);
  expect(options.INPUT_FORMAT_NAMES).toEqual(INPUT_FORMATS);
});

test.each(["0", "2", "1000", "+7"])("edits %j is allowed", (value) => {
  expect(options.integer(0, 1000)(value)).toBe(Number(value));
});

test.each(["", " ", "-1", "1001", "2.5", "1e2", "0x10", "two", "Infinity", "NaN", "٣"])(
  "edits %j is refused",
  (value) => expect(() => options.integer(0, 1000)(value)).toThrow("Allowed is an integer from 0 to 1000."),
);

test.each(["0", "1", "0.85", ".5", "1.", "1e-3"])("share %j is allowed", (value) => {
  expect(options.share(value)).toBe(Number(value));
});

test.each(["", "-0.1", "1.01", "85%", "x", "0x1"])("share %j is refused", (value) => {
  expect(() => options.share(value)).toThrow("Allowed is a number from 0 to 1.");
});

test.each(["0", "-1", "", "1e7", "1s"])("time limit %j is refused", (value) => {
  expect(() => options.seconds(value)).toThrow("Allowed is a number of seconds above 0");
});

test("jobs", () => {
  expect([options.jobs("auto"), options.jobs("4")]).toEqual(["auto", 4]);
  expect(() => options.jobs("0")).toThrow("from 1 to 256");
});
