/** The report of reach: its numbers are those of reach itself, and JSON keeps all of it. */
import { asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { neighbourCount } from "../../src/edits/neighbours.js";
import { nativeTokenizer } from "../../src/tokenizer/native.js";
import { reachReport } from "../../src/tokenizer/reach/report.js";
import { reach } from "../../src/tokenizer/reach.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";
import { nastyAlphabet } from "./hostile-texts.js";
import { tinyTokenizers } from "./tiny-tokenizers.js";

const tokenizer = nativeTokenizer(vocabulary("words", ["[UNK]", "film", "firm", "a", "i"]));

test("words, gaps, counts and examples", () => {
  const report = reachReport(tokenizer, "a film", asciiAlphabet(), 1);
  expect(report).toMatchObject({ alphabet: "ascii", edits: 1, tokenizer: "words", whole: null });
  expect(report.sites.map(({ kind, text, tokens }) => [kind, text, tokens.join("+")])).toEqual([
    ["word", "a", "a"],
    ["gap", "a film", "a+film"],
    ["word", " film", "film"],
  ]);
  const [none, one] = report.sites[2]!.levels;
  expect(none).toEqual({ edits: 0, exact: true, strings: 1, sequences: 1, examples: [] });
  if (!one!.exact) throw new Error("one edit is enumerated");
  expect(one.examples.length).toBe(3);
  const { levels } = reach(tokenizer, "a film", asciiAlphabet(), 1).sites[2]!;
  expect(levels[1]).toMatchObject({ exact: true, strings: one.strings });
  expect(levels[1]!.exact && levels[1]!.sequences.length).toBe(one.sequences);
});

test("neighbours add up to those of the text", () => {
  for (const alphabet of [asciiAlphabet(), unicodeAlphabet(), nastyAlphabet])
    for (const text of ["", "a film", " a  film ", "film\t a"]) {
      const { sites } = reachReport(tokenizer, text, alphabet, 1);
      expect(sites.reduce((sum, site) => sum + site.neighbours!, 0)).toBe(neighbourCount(text, alphabet));
    }
});

test("JSON keeps it, unknown counts included", () => {
  const small = listAlphabet("small", [0x61, 0x20]);
  for (const other of [tokenizer, ...tinyTokenizers()]) {
    const report = reachReport({ ...other, size: 9, token: String }, "a b", small, 2, { strings: 5 });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  }
});
