import fc from "fast-check";
import { changes } from "../../src/report/changes.js";
import { plainMark } from "../../src/report/mark.js";

test.each([
  ["spam", "spam", "spam"],
  ["", "x", "{+x+}"],
  ["x", "", "[-x-]"],
  ["a b", "ab", "a[- -]b"],
  ["ab", "a\u200bb", "a{+<U+200B>+}b"],
  ["paypal", "pаypal", "p[-a-]{+а<U+0430>+}ypal"],
])("%j to %j", (from, to, shown) => {
  expect(changes(from, to, plainMark)).toBe(shown);
});

test("long unchanged stretches are left out, the context of each change stays", () => {
  const from = `${"a".repeat(50)}b${"c".repeat(50)}d${"e".repeat(50)}`;
  const to = from.replace("b", "B").replace("d", "");
  expect(changes(from, to, plainMark, 4)).toBe("…aaaa[-b-]{+B+}cccc…cccc[-d-]eeee…");
});

test("the marks undo to the two texts", () => {
  const mark = { ...plainMark, removed: (t: string) => `(-${t})`, added: (t: string) => `(+${t})` };
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 12 });
  fc.assert(
    fc.property(word, word, (from, to) => {
      const line = changes(from, to, mark);
      expect(line.replace(/\(\+[^)]*\)/g, "").replace(/\(-([^)]*)\)/g, "$1")).toBe(from);
      expect(line.replace(/\(-[^)]*\)/g, "").replace(/\(\+([^)]*)\)/g, "$1")).toBe(to);
    }),
  );
});
