/** Places: every single edit of a text belongs to one word or gap, as the header of places.ts says. */
import { Places } from "../../../src/certify/inspect/places.js";
import { asciiAlphabet } from "../../../src/edits/alphabet.js";

test.each([
  [{ at: 0, remove: 1, insert: -1 }, "word", "ab"],
  [{ at: 1, remove: 0, insert: 32 }, "word", "ab"],
  [{ at: 2, remove: 0, insert: 120 }, "word", "ab"],
  [{ at: 2, remove: 0, insert: 32 }, "gap", "ab  cd"],
  [{ at: 2, remove: 1, insert: -1 }, "gap", "ab  cd"],
  [{ at: 3, remove: 0, insert: 120 }, "gap", "ab  cd"],
  [{ at: 4, remove: 0, insert: 120 }, "word", "cd"],
  [{ at: 4, remove: 0, insert: 32 }, "gap", "ab  cd"],
  [{ at: 6, remove: 0, insert: 120 }, "word", "cd"],
  [{ at: 6, remove: 0, insert: 32 }, "gap", "cd "],
  [{ at: 6, remove: 1, insert: 120 }, "gap", "cd "],
  [{ at: 7, remove: 0, insert: 120 }, "gap", "cd "],
] as const)("%j of 'ab  cd '", (edit, kind, text) => {
  const places = new Places("ab  cd ");
  expect(places.of(edit)).toMatchObject({ kind, text });
  expect(places.of(edit)).toBe(places.of(edit));
});

test("of an empty text there is one gap", () => {
  const places = new Places("");
  const edit = { at: 0, remove: 0, insert: asciiAlphabet().codePoints()[Symbol.iterator]().next().value! };
  expect(places.of(edit)).toEqual({ kind: "gap", text: "", begin: 0, end: 0 });
  expect(places.after(places.of(edit), edit)).toBe(" ");
  expect(places.edited(edit)).toBe(" ");
});
