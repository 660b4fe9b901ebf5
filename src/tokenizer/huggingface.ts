/**
 * Tokenizers as the transformers libraries save them, run by @huggingface/tokenizers: WordPiece, BPE, Unigram.
 *
 * Promise: `ids` gives exactly what that library gives for the text without special tokens (quick/ is a shortcut for
 * ASCII, held to it by tests), and `encode` what it gives with them, cut as the transformers libraries cut: the first
 * tokens of the text are kept, and the special tokens around them.
 */
import { Tokenizer as LibraryTokenizer } from "@huggingface/tokenizers";
import { UserError } from "../failure.js";
import { writtenAlphabet } from "./huggingface-alphabet.js";
import { frameOf } from "./huggingface-frame.js";
import { localityOf } from "./huggingface-locality.js";
import { type Fields, shown, type TokenizerParts, tokenizerParts } from "./huggingface-parts.js";
import { spellingOf } from "./huggingface-spelling.js";
import type { AsciiTokens } from "./quick/ascii.js";
import { asciiTokens } from "./quick/of-parts.js";
import { standIns } from "./representatives.js";
import type { Tokenizer } from "./tokenizer.js";

export interface HuggingfaceOptions {
  /** Longest sequence that the model reads, special tokens included. */
  readonly most?: number | undefined;
  /** Most tokens of the text itself, where the model has such a limit of its own. */
  readonly maxWords?: number | undefined;
  /** What messages call the folder. */
  readonly where: string;
}

/** `model_max_length` of this and more means that there is none. */
const NO_LENGTH = 1e6;
/** Longest stretch that is remembered, and how many of them. */
const LONGEST_KEPT = 64;
const MOST_KEPT = 20_000;

/**
 * @param json tokenizer.json, parsed
 * @param config tokenizer_config.json, parsed; {} or null where there is none
 * @throws UserError naming the part that is wrong or that this program can't follow
 */
export function huggingfaceTokenizer(
  json: unknown,
  config: unknown,
  {
    most: mostFramed = Number.POSITIVE_INFINITY,
    maxWords = Number.POSITIVE_INFINITY,
    where,
  }: HuggingfaceOptions,
): Tokenizer {
  const file = `${where}/tokenizer.json`;
  const parts = tokenizerParts(json, file);
  const settings = (config ?? {}) as Fields;
  const library = open(json as object, parts, settings, file);
  const added = new Map(parts.addedTokens.map(({ content, id }) => [content, id]));
  const idOf = (token: string): number => added.get(token) ?? parts.vocabulary.get(token) ?? -1;
  const unknown = unknownId(parts.model, idOf, file);

  const frame = frameOf(parts, file);
  const specials = frame.before.length + frame.after.length;
  const limit = Math.min(mostFramed, statedLength(settings));
  const most = Math.min(maxWords, limit - specials);
  if (!(most >= 1))
    throw new UserError(`${where}: ${limit} tokens, ${specials} of them special, leave none for the text`);
  if (most < Number.POSITIVE_INFINITY && settings.truncation_side === "left")
    throw new UserError(`${where}: truncation_side is "left"; allowed is "right"`);

  const names = new Map<number, string>();
  let size = 0;
  for (const [token, id] of [...parts.vocabulary, ...added]) {
    names.set(id, token);
    size = Math.max(size, id + 1);
  }

  const slow = (text: string): Int32Array => {
    const { ids } = library.encode(text, { add_special_tokens: false });
    const found = new Int32Array(ids.length);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] ?? unknown;
      if (id === null)
        throw new UserError(`${file}: a part of ${shown(text)} is no token, and there is no unknown token`);
      found[i] = id;
    }
    return found;
  };
  const normalize = (text: string): string => library.normalizer?.normalize(text) ?? text;
  let quick: AsciiTokens | null | undefined;
  const known = new Map<string, Int32Array>();
  const ids = (text: string): Int32Array => {
    // Its tables take a moment for large vocabularies.
    if (quick === undefined) quick = asciiTokens({ parts, settings, normalize, idOf });
    if (quick?.reads(text)) return quick.list.ids.slice(0, quick.list.length);
    if (text.length > LONGEST_KEPT) return slow(text);
    let found = known.get(text);
    if (found === undefined) {
      found = slow(text);
      if (known.size >= MOST_KEPT) known.clear();
      known.set(text, found);
    }
    return found.slice();
  };
  const framed = (own: Int32Array): Int32Array => {
    const kept = own.length > most ? own.subarray(0, most) : own;
    const whole = new Int32Array(kept.length + specials);
    whole.set(frame.before);
    whole.set(kept, frame.before.length);
    whole.set(frame.after, frame.before.length + kept.length);
    return whole;
  };
  const name = (id: number): string => names.get(id) ?? "";
  return {
    name: parts.model.type,
    size,
    locality: localityOf(parts, settings),
    ids,
    frame: framed,
    encode: (text) => framed(ids(text)),
    most,
    token: name,
    modelAlphabet: () => writtenAlphabet(parts),
    representatives: standIns(parts, settings),
    spelling: spellingOf(parts, name),
  };
}

function open(json: object, { model }: TokenizerParts, config: Fields, file: string): LibraryTokenizer {
  // The library asks for every part by name; files leave out those that are null. Nothing is decoded here.
  const parts = {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    ...json,
    model,
    decoder: null,
  };
  const { added_tokens } = parts as { added_tokens?: unknown };
  try {
    return new LibraryTokenizer({ ...parts, added_tokens: added_tokens ?? [] }, config);
  } catch (error) {
    throw new UserError(`${file} can't be used: ${(error as Error).message.split("\n")[0]}`);
  }
}

/** Id of the unknown token, or null where BPE has none. */
function unknownId(
  { type, unk_token, unk_id }: Fields,
  idOf: (token: string) => number,
  file: string,
): number | null {
  if (type === "Unigram") return unk_id as number;
  const id = typeof unk_token === "string" ? idOf(unk_token) : -1;
  if (id < 0 && type === "WordPiece")
    throw new UserError(`${file}: model.unk_token is ${shown(unk_token)}; it must be a token`);
  return id < 0 ? null : id;
}

/** `model_max_length`, where it is one. */
function statedLength({ model_max_length: length }: Fields): number {
  return typeof length === "number" && length < NO_LENGTH ? Math.floor(length) : Number.POSITIVE_INFINITY;
}
