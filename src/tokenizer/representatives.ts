/**
 * Which characters a tokenizer can't tell apart, so that one of them stands for all.
 *
 * Theorem. For every text, place and character x of the alphabet, writing x gives the ids that writing one of
 * `standIns(parts, settings)(alphabet)` in the same place gives; and both are white space, or neither is.
 * Proof. Let x and y have equal keys, and neither be in the content of an added token. No added token is made or unmade by
 * either, so the texts with x and with y are split alike around them; `lstrip` and `rstrip` take off both or neither.
 * In what is left, L x R and L y R:
 * - Either the normaliser's steps (normal-steps.ts) end early at the same step with equal texts, having seen them alike:
 *   then the normalised texts are equal.
 * - Or both go all the way and become t and u with the same X and Y around. If t = u the normalised texts are equal. If
 *   not, the pieces are cut by kinds of characters (splitters.ts), and one of these holds:
 *   both consist of characters that are dropped, and the pieces are the same;
 *   they differ, character by character, only in those that occur in no token, which are of the same kind: then so do
 *   the pieces. WordPiece can't spell such a piece, however long it is: it is the unknown token. Unigram gives
 *   both the same scores, and the tokens that hold these characters are unknown;
 *   or, for WordPiece, both consist of word characters, and each holds one that occurs in no token: then both are in one
 *   piece, which is unknown.
 *   And neither text is, as a whole, an added token, since their contents count as tokens here.
 * A character of an added token's content, or any where something isn't known, has a key of its own.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { type Fields, sequence, type TokenizerParts } from "./huggingface-parts.js";
import { type Step, stepsOf } from "./normal-steps.js";
import { DROPPED, KIND_OF, WORD } from "./splitters.js";

export function standIns(parts: TokenizerParts, settings: Fields): (alphabet: Alphabet) => Iterable<number> {
  let keys: ((point: number) => Key) | undefined;
  const known = new WeakMap<Alphabet, Iterable<number>>();
  return (alphabet) => {
    if (!followed(parts, settings)) return alphabet.codePoints();
    keys ??= keysOf(parts);
    let found = known.get(alphabet);
    if (found === undefined) {
      found = onePerKey(alphabet, keys);
      known.set(alphabet, found);
    }
    return found;
  };
}

function followed({ addedTokens, normalizer, model }: TokenizerParts, settings: Fields): boolean {
  // BPE tells all characters apart that a normaliser doesn't make equal.
  if (normalizer === null && model.type === "BPE") return false;
  if (settings.remove_space === true || settings.do_lowercase_and_remove_accent === true) return false;
  // A content with half a character in it could be completed by half of one that is written.
  return addedTokens.every(
    ({ content, normalized }) => !/\p{Cs}/u.test(content) && !(normalized && normalizer !== null),
  );
}

interface Key {
  readonly key: string;
  /** Whether the normaliser leaves the character as it is: the better one to show. */
  readonly plain: boolean;
}

function onePerKey(alphabet: Alphabet, keyOf: (point: number) => Key): readonly number[] {
  const found = new Map<string, { readonly point: number; readonly plain: boolean }>();
  let last: Key | undefined;
  for (const point of alphabet.codePoints()) {
    const own = keyOf(point);
    if (own === last) continue;
    last = own;
    const { key, plain } = own;
    const before = found.get(key);
    if (before === undefined || (plain && !before.plain)) found.set(key, { point, plain });
  }
  return [...found.values()].map(({ point }) => point).sort((a, b) => a - b);
}

function keysOf(parts: TokenizerParts): (point: number) => Key {
  const steps = stepsOf(parts.normalizer);
  const inAdded = new Set(parts.addedTokens.flatMap(({ content }) => [...content]));
  const { end, spelled } = endOf(parts);
  const compute = (character: string): Key => {
    const { text, stage, seen } = follow(character, steps);
    const key = stage < steps.length || text === "" ? text : end(text);
    const plain = text === character && !/\p{C}/u.test(character);
    return { key: `${Number(/\s/.test(character))} ${stage} ${seen} ${key}`, plain };
  };
  // Most code points are in one of two categories, all alike: no letter, mark, sign or space, composing with nothing.
  const ofCategory = new Map<string, Key>();
  return (point) => {
    const character = String.fromCodePoint(point);
    if (inAdded.has(character)) return { key: `= ${character}`, plain: true };
    if (!/[\p{Cn}\p{Co}]/u.test(character) || spelled.has(character)) return compute(character);
    const category = /\p{Cn}/u.test(character) ? "Cn" : "Co";
    let found = ofCategory.get(category);
    if (found === undefined) {
      found = compute(character);
      // Where a character can be told from its like, each is on its own.
      if (found.key.includes(character)) return found;
      ofCategory.set(category, found);
    }
    return found;
  };
}

function follow(character: string, steps: readonly Step[]): { text: string; stage: number; seen: string } {
  let text = character;
  let seen = "";
  for (const [stage, step] of steps.entries()) {
    const after = step(text);
    text = after.text;
    if (!after.more) return { text, stage, seen };
    seen += `${after.seen ?? ""};`;
    if (text === "") return { text, stage: stage + 1, seen };
  }
  return { text, stage: steps.length, seen };
}

interface End {
  /** What the model can see of a normalised text, whatever stands around it. */
  readonly end: (text: string) => string;
  /** Characters of tokens. */
  readonly spelled: ReadonlySet<string>;
}

function endOf({ preTokenizer, model, vocabulary, addedTokens }: TokenizerParts): End {
  const [first, second, ...more] = sequence(preTokenizer, "pretokenizers");
  const kindOf = KIND_OF[first?.type ?? ""];
  const spelled = new Set<string>();
  for (const token of vocabulary.keys()) for (const character of token) spelled.add(character);
  for (const { content } of addedTokens) for (const character of content) spelled.add(character);
  const marked = second === undefined || second.type === "Metaspace";
  if (kindOf === undefined || !marked || more.length > 0 || model.type === "BPE")
    return { end: (text) => text, spelled };
  if (second !== undefined)
    for (const mark of [second.replacement ?? "\u2581", second.str_rep ?? ""])
      for (const character of String(mark)) spelled.add(character);
  if (typeof model.continuing_subword_prefix === "string")
    for (const character of model.continuing_subword_prefix) spelled.add(character);
  const spaceInAdded = addedTokens.some(({ content }) => /\s/.test(content));
  const end = (text: string): string => {
    const characters = [...text];
    if (!spaceInAdded && characters.every((character) => kindOf(character) === DROPPED)) return "white";
    const known = (character: string) => spelled.has(character) || kindOf(character) === DROPPED;
    if (characters.every(known)) return `text ${text}`;
    if (model.type === "WordPiece" && characters.every((character) => kindOf(character) === WORD))
      return "unknown word";
    return `unknown ${characters.map((c) => (known(c) ? c : `<${kindOf(c)}>`)).join("|")}`;
  };
  return { end, spelled };
}
