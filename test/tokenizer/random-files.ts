/**
 * What must hold for every tokenizer.json: ids are the library's, cuts and representatives are as claimed. Counts tell how often there was
 * something to hold.
 */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import fc from "fast-check";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { UserError } from "../../src/failure.js";
import { huggingfaceTokenizer } from "../../src/tokenizer/huggingface.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";
import {
  asciiScrapText,
  plainTokenizerFile,
  randomTokenizerFile,
  scrap,
  scrapPoints,
  scrapText,
} from "../oracle/random-tokenizer-file.js";

export const idsOf = (library: Library, text: string): number[] =>
  library.encode(text, { add_special_tokens: false }).ids;

export function expectLibraryIds(tokenizer: Tokenizer, library: Library, texts: readonly string[]): void {
  for (const text of texts) expect([text, ...tokenizer.ids(text)]).toEqual([text, ...idsOf(library, text)]);
}

/** @param cuts places (A, rest) */
export function expectCuts(
  tokenizer: Tokenizer,
  library: Library,
  cuts: readonly (readonly [string, string])[],
): number {
  const { locality } = tokenizer;
  if (locality.kind === "none") return 0;
  let held = 0;
  for (const [a, rest] of cuts) {
    if (locality.afterWord && /\s$/.test(a)) continue;
    const b = ` ${rest}`;
    expect([a, b, ...idsOf(library, a + b)]).toEqual([a, b, ...idsOf(library, a), ...idsOf(library, b)]);
    held++;
  }
  return held;
}

/** Every character of `points`, written between two texts, does what a representative does there. */
export function expectStandIns(
  tokenizer: Tokenizer,
  library: Library,
  points: readonly number[],
  places: readonly (readonly [string, string])[],
): number {
  const shown = [...tokenizer.representatives(listAlphabet("test", points))];
  const left = points.filter((point) => !shown.includes(point));
  if (left.length === 0) return 0;
  const of = (before: string, point: number, after: string) =>
    `${/\s/.test(String.fromCodePoint(point))} ${idsOf(library, before + String.fromCodePoint(point) + after)}`;
  for (const [before, after] of places) {
    const known = new Set(shown.map((point) => of(before, point, after)));
    for (const point of left)
      expect([before, point.toString(16), after, known.has(of(before, point, after))]).toEqual([
        before,
        point.toString(16),
        after,
        true,
      ]);
  }
  return left.length;
}

interface File {
  readonly added_tokens: readonly { readonly content: string }[];
}

/** Texts, and places in texts, in which the file's own added tokens are typed, too. */
function texts({ added_tokens }: File) {
  const own = fc.constantFrom(
    "ab",
    ...added_tokens.flatMap(({ content }) => [content, content.toUpperCase()]),
  );
  const some = fc.oneof(
    scrap,
    scrapText(6),
    asciiScrapText(8),
    own,
    fc.array(fc.oneof(own, fc.constantFrom(" ", "a", "\t")), { maxLength: 5 }).map((parts) => parts.join("")),
  );
  return fc.record({
    texts: fc.array(some, { minLength: 12, maxLength: 12 }),
    cuts: fc.array(fc.tuple(some, some), { minLength: 16, maxLength: 16 }),
    places: fc.array(fc.tuple(scrapText(3), scrapText(3)), { minLength: 5, maxLength: 5 }),
    points: fc.uniqueArray(fc.constantFrom(...scrapPoints), { minLength: 24, maxLength: 24 }),
  });
}

/** @returns how many files were read, claimed cuts, and had characters left out */
export function holdOnRandomFiles(runs: number): { read: number; cut: number; merged: number } {
  const counts = { read: 0, cut: 0, merged: 0 };
  const file = fc.oneof(randomTokenizerFile, plainTokenizerFile);
  fc.assert(
    fc.property(
      file.chain((json) => fc.tuple(fc.constant(json), texts(json as File))),
      ([json, tried]) => {
        let tokenizer: Tokenizer;
        try {
          tokenizer = huggingfaceTokenizer(json, {}, { where: "random" });
        } catch (error) {
          if (error instanceof UserError) return;
          throw error;
        }
        const library = new Library(structuredClone(json), {});
        counts.read++;
        expectLibraryIds(tokenizer, library, tried.texts);
        if (expectCuts(tokenizer, library, tried.cuts) > 0) counts.cut++;
        if (expectStandIns(tokenizer, library, tried.points, tried.places) > 0) counts.merged++;
      },
    ),
    { numRuns: runs },
  );
  return counts;
}
