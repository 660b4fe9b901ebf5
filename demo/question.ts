/**
 * What the page is asked: a text and settings, and the same as the part of an address behind `#`, so that a question can be
 * sent to somebody. The server of an address never sees that part.
 */
import type { MethodName } from "../src/browser/index.js";
import { METHODS, MOST_EDITS } from "../src/browser/index.js";

export interface Question {
  readonly text: string;
  readonly model: string;
  readonly edits: number;
  /** Empty: what suits the model; `characters`: those of `characters`. */
  readonly alphabet: "" | "unicode" | "ascii" | "model" | "characters";
  readonly characters: string;
  readonly method: MethodName;
}

export const FIRST: Question = {
  text: "Free entry in 2 a wkly comp to win FA Cup final tkts",
  model: "sms-spam",
  edits: 2,
  alphabet: "",
  characters: "abcdefghijklmnopqrstuvwxyz ",
  method: "auto",
};

/** Without the `#`; what is as at first is left out, text, model and number of edits excepted. */
export function toHash(question: Question): string {
  const parts = new URLSearchParams({ model: question.model, k: String(question.edits) });
  if (question.alphabet !== "") parts.set("alphabet", question.alphabet);
  if (question.alphabet === "characters") parts.set("characters", question.characters);
  if (question.method !== "auto") parts.set("method", question.method);
  parts.set("text", question.text);
  return parts.toString();
}

/** What isn't there, or isn't allowed, is as in `otherwise`. */
export function fromHash(hash: string, otherwise: Question): Question {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const edits = Number(parts.get("k") ?? Number.NaN);
  const alphabet = parts.get("alphabet") ?? "";
  const method = parts.get("method") ?? "auto";
  return {
    text: parts.get("text") ?? otherwise.text,
    model: parts.get("model") ?? otherwise.model,
    edits: Number.isInteger(edits) && edits >= 0 && edits <= MOST_EDITS ? edits : otherwise.edits,
    alphabet: ["unicode", "ascii", "model", "characters"].includes(alphabet)
      ? (alphabet as Question["alphabet"])
      : "",
    characters: parts.get("characters") ?? otherwise.characters,
    method: (METHODS as readonly string[]).includes(method) ? (method as MethodName) : "auto",
  };
}
