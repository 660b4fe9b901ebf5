/**
 * From the value of `--alphabet` to the alphabet: `unicode`, `ascii`, `model`, or a file with one character
 * per line.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { CertifiableModel } from "../../certify/certify.js";
import {
  type Alphabet,
  alphabetDigestInput,
  asciiAlphabet,
  listAlphabet,
  parseAlphabetFile,
  unicodeAlphabet,
} from "../../edits/alphabet.js";
import { UserError } from "../../failure.js";
import { viewOf } from "../../model/views.js";

/** @throws UserError if the value is no known name and no readable file. */
export async function loadAlphabet(value: string, model: CertifiableModel): Promise<Alphabet> {
  if (value === "unicode") return unicodeAlphabet();
  if (value === "ascii") return asciiAlphabet();
  if (value === "model") return viewOf(model).tokenizer.modelAlphabet();
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
