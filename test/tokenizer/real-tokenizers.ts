/**
 * Published tokenizers from the shared folder, as this program reads them and as the tokenizers library does; none
 * where the folder isn't there.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { huggingfaceTokenizer } from "../../src/tokenizer/huggingface.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";

export const shared = join(import.meta.dirname, "..", "..", "..", "shared");

const PUBLISHED = [
  "tokenizers/bert-base-uncased",
  "models/deept-sst2-1layer",
  "tokenizers/roberta-base",
  "tokenizers/t5-small",
];

const read = (folder: string, name: string) => JSON.parse(readFileSync(join(shared, folder, name), "utf8"));

export const publishedFolders = PUBLISHED.filter((folder) =>
  existsSync(join(shared, folder, "tokenizer.json")),
);

export const libraryTokenizer = (folder: string) =>
  new Library(read(folder, "tokenizer.json"), read(folder, "tokenizer_config.json"));

export const realTokenizer = (folder: string): Tokenizer =>
  huggingfaceTokenizer(read(folder, "tokenizer.json"), read(folder, "tokenizer_config.json"), {
    where: folder,
  });

/** [name, tokenizer]; its `ids` are the library's, without a shortcut. */
export const realTokenizers = (): (readonly [string, Tokenizer])[] =>
  publishedFolders.map((folder) => {
    const library = libraryTokenizer(folder);
    const ids = (text: string) =>
      text === ""
        ? new Int32Array(0)
        : Int32Array.from(library.encode(text, { add_special_tokens: false }).ids);
    return [folder, { ...realTokenizer(folder), ids }];
  });
