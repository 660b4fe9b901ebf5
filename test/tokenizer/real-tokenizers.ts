/**
 * Published tokenizers as the tokenizers library reads them, from the shared folder; none where it isn't there.
 * Nothing but the library and what is stated here: locality follows from the pre-tokenizers and added tokens.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { byteSpelling } from "../../src/tokenizer/byte-spelling.js";
import { characterSpelling } from "../../src/tokenizer/character-spelling.js";
import type { Spelling } from "../../src/tokenizer/spelling.js";
import type { Locality, Tokenizer } from "../../src/tokenizer/tokenizer.js";

export const shared = join(import.meta.dirname, "..", "..", "..", "shared");

interface Json {
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  readonly model: { readonly vocab: Readonly<Record<string, number>> };
}

type Spelled = (tokens: readonly string[], added: ReadonlySet<number>) => Spelling | undefined;

const words: Locality = { kind: "before-space", afterWord: false };

const characters: Spelled = (tokens, added) =>
  characterSpelling((id) => {
    const token = tokens[id];
    return token === undefined || added.has(id) ? null : token.replace(/^##/, "");
  });

/** Bytes as GPT-2 writes them: printable Latin-1 characters stand for themselves, the others for 256, 257, ... */
const bytes: Spelled = (tokens, added) => {
  const byteOf = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte !== 173);
    byteOf.set(String.fromCharCode(printable ? byte : next++), byte);
  }
  return byteSpelling((id) => {
    const token = tokens[id];
    if (token === undefined || added.has(id)) return null;
    return Uint8Array.from([...token], (character) => byteOf.get(character)!);
  });
};

const PUBLISHED: readonly (readonly [folder: string, locality: Locality, spelled: Spelled])[] = [
  ["tokenizers/bert-base-uncased", words, characters],
  ["models/deept-sst2-1layer", words, characters],
  // Its pre-tokenizer gives the last space of a run to the word behind it, so white space in front matters.
  ["tokenizers/roberta-base", { kind: "before-space", afterWord: true }, bytes],
  ["tokenizers/t5-small", { kind: "none", why: "Metaspace over the whole text" }, () => undefined],
];

function load(folder: string, locality: Locality, spelled: Spelled): Tokenizer {
  const read = (name: string) => JSON.parse(readFileSync(join(shared, folder, name), "utf8"));
  const json: Json = read("tokenizer.json");
  const library = new Library(read("tokenizer.json"), read("tokenizer_config.json"));
  const tokens: string[] = [];
  const entries = Array.isArray(json.model.vocab)
    ? json.model.vocab.map(([token]: [string], id: number) => [token, id] as const)
    : Object.entries(json.model.vocab);
  for (const [token, id] of entries) tokens[id] = token;
  const added = new Set(json.added_tokens.map(({ id }) => id));
  for (const { id, content } of json.added_tokens) tokens[id] = content;
  const unknown = tokens.indexOf("[UNK]");
  if (unknown >= 0) added.add(unknown);
  const ids = (text: string) =>
    text === ""
      ? new Int32Array(0)
      : Int32Array.from(library.encode(text, { add_special_tokens: false }).ids);
  return {
    name: folder,
    size: tokens.length,
    locality,
    ids,
    frame: (own) => own,
    encode: ids,
    most: Number.POSITIVE_INFINITY,
    token: (id) => tokens[id] ?? "",
    modelAlphabet: () => {
      throw new Error("has none");
    },
    representatives: (alphabet) => alphabet.codePoints(),
    spelling: spelled(tokens, added),
  };
}

/** [name, tokenizer] */
export const realTokenizers = (): (readonly [string, Tokenizer])[] =>
  PUBLISHED.filter(([folder]) => existsSync(join(shared, folder, "tokenizer.json"))).map(
    ([folder, locality, spelled]) => [folder, load(folder, locality, spelled)],
  );
