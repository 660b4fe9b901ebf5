/** From a choice of alphabet that was sent to the alphabet; the names are those of the command line. */
import type { CertifiableModel } from "../certify/certify.js";
import {
  type Alphabet,
  alphabetDigestInput,
  asciiAlphabet,
  listAlphabet,
  unicodeAlphabet,
} from "../edits/alphabet.js";
import { UserError } from "../failure.js";
import { viewOf } from "../model/views.js";
import { codePoints } from "../text/code-points.js";
import { utf8Encode } from "../text/utf8.js";
import { sha256 } from "./files.js";
import type { AlphabetChoice } from "./protocol.js";

/** @throws UserError if it is none of them, or no character */
export async function chosenAlphabet(choice: AlphabetChoice, model: CertifiableModel): Promise<Alphabet> {
  if (choice === "unicode") return unicodeAlphabet();
  if (choice === "ascii") return asciiAlphabet();
  if (choice === "model") return viewOf(model).tokenizer.modelAlphabet();
  if (typeof choice !== "object")
    throw new UserError(
      `the alphabet is ${JSON.stringify(choice)}; allowed: unicode, ascii, model, or characters`,
    );
  const points = codePoints(choice.characters);
  return listAlphabet(`file:${await sha256(utf8Encode(alphabetDigestInput(points)))}`, points);
}
