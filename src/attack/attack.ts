/**
 * Method `attack`: looks for a text that breaks the label with few edits. It proves nothing.
 *
 * Promise: a counterexample has been run whole, alone, through tokenizer and model, and has surely another label: beyond
 * what float32 may lose, or as the float64 reference says (model/vouched.ts). `broken` edits lead to it, `edits` at most,
 * and what they write is of the alphabet. No counterexample means nothing.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { UserError } from "../failure.js";
import type { Prediction } from "../model/classifier.js";
import { type CertifiableModel, viewOf } from "../model/views.js";
import { Random } from "../numeric/random.js";
import type { Found } from "./champion.js";
import { attackCharacters } from "./characters.js";
import { partsOf } from "./parts.js";
import { Queries } from "./queries.js";
import { Search } from "./search.js";

/** Sequences per text, where nothing is said. */
export const QUERIES = 2000;
/** Strings looked at, per query allowed. */
const STRINGS = 100;

export interface AttackOptions {
  /** The most edits. */
  readonly edits: number;
  /** As many edits are known not to break it, so fewer than one more aren't looked for. */
  readonly proven?: number;
  /** Wall-clock time; none by default. */
  readonly seconds?: number;
  /** Token sequences that the model is run on, 2,000 by default. */
  readonly queries?: number;
  readonly seed?: number;
  readonly signal?: { readonly aborted: boolean };
}

export interface AttackAnswer {
  /** Of the text as it stands. */
  readonly prediction: Prediction;
  /** Edits of the counterexample, or null if none was found. */
  readonly broken: number | null;
  readonly counterexample: Found["counterexample"] | null;
  /** Token sequences that the model was run on, one after the other or again. */
  readonly queries: number;
  readonly work: {
    readonly backend: string;
    /** Changed texts that were looked at. */
    readonly strings: number;
    /** Different token sequences among them that were run, and the unchanged one. */
    readonly sequences: number;
    readonly passes: number;
    readonly guard: number;
  };
}

/** @throws UserError if an option isn't allowed */
export async function attack(
  model: CertifiableModel,
  text: string,
  alphabet: Alphabet,
  options: AttackOptions,
): Promise<AttackAnswer> {
  const { edits, proven = 0, queries: most = QUERIES, seed = 0, seconds, signal } = options;
  if (!Number.isInteger(most) || most < 1)
    throw new UserError(`queries is ${most}; allowed: a whole number from 1 up`, 2);
  const view = viewOf(model);
  const queries = new Queries(view, { queries: most, seconds: seconds ?? Number.POSITIVE_INFINITY, signal });
  await queries.open(text);
  let strings = 0;
  let sequences = 1;
  let found: Found | null = null;
  if (queries.sure && edits > proven) {
    const random = new Random(seed);
    const parts = partsOf(text);
    const ground = {
      parts,
      characters: attackCharacters(view.tokenizer, alphabet, text, random),
      order: parts.map((_, i) => i),
      random,
      mayGoOn: () => ++strings <= STRINGS * most && (strings % 256 !== 0 || !queries.stopped),
    };
    const search = new Search(queries, text, alphabet, ground, edits, proven + 1);
    await search.run();
    found = search.best;
    strings += search.strings;
    sequences = search.sequences;
  }
  return {
    prediction: queries.prediction,
    broken: found?.broken ?? null,
    counterexample: found?.counterexample ?? null,
    queries: queries.used,
    work: {
      backend: view.backend.name,
      strings,
      sequences,
      passes: queries.used,
      guard: queries.guard,
    },
  };
}
