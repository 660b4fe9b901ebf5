/**
 * From the value of `--alphabet` to the alphabet: `unicode`, `ascii`, `model`, or a file with one character
 * per line.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  type Alphabet,
  alphabetDigestInput,
  asciiAlphabet,
  listAlphabet,
  parseAlphabetFile,
  symbolAlphabet,
  unicodeAlphabet,
} from "../../edits/alphabet.js";
import { UserError } from "../../failure.js";
import type { NativeModel } from "../../model/native.js";
import { SEPARATOR, SYMBOL_COUNT } from "../../text/symbols.js";
import { tokenShape } from "../../tokenizer/vocabulary.js";

/** @throws UserError if the value is no known name and no readable file. */
export async function loadAlphabet(value: string, model: NativeModel): Promise<Alphabet> {
  if (value === "unicode") return unicodeAlphabet();
  if (value === "ascii") return asciiAlphabet();
  if (value === "model") return modelAlphabet(model);
  const bytes = await readFile(value).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === "ENOENT" ? "no such file" : error.code === "EISDIR" ? "it is a folder" : error.message;
    throw new UserError(
      `can't read the alphabet ${JSON.stringify(value)}: ${why}; allowed are unicode, ascii, model, or a file with one character per line`,
    );
  });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`the alphabet file ${value} is not valid UTF-8`);
  }
  const points = parseAlphabetFile(text);
  const hash = createHash("sha256").update(alphabetDigestInput(points)).digest("hex");
  return listAlphabet(`file:${hash}`, points);
}

/** What the model's tokens are spelled with, and the space between words. */
function modelAlphabet(model: NativeModel): Alphabet {
  const mask = new Uint8Array(SYMBOL_COUNT);
  mask[SEPARATOR] = 1;
  const { kind, tokens } = model.vocabulary;
  for (const token of tokens) for (const symbol of tokenShape(kind, token)?.symbols ?? []) mask[symbol] = 1;
  return symbolAlphabet(mask);
}
