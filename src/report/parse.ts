/**
 * Reads back what jsonl.ts writes.
 *
 * Promise: what comes out has every field with the type that it says; nothing is believed about the claim
 * itself. Fields that aren't known are left out.
 */
import type { Certification, ResultRecord, Verdict, Work } from "../certify/result.js";
import type { Prediction } from "../model/classifier.js";
import { evidenceFrom } from "./evidence.js";
import {
  count,
  exactly,
  type Fields,
  list,
  Malformed,
  number,
  object,
  oneOf,
  string,
  wrong,
} from "./fields.js";

/** The record, or what is wrong with the line in words. */
export function parseResult(line: string): ResultRecord | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: "it is not JSON" };
  }
  return resultFrom(value);
}

/** The same for a line that is JSON already. */
export function resultFrom(value: unknown): ResultRecord | { readonly problem: string } {
  try {
    return recordFrom(object(value, "the line"));
  } catch (error) {
    if (error instanceof Malformed) return { problem: error.message };
    throw error;
  }
}

function recordFrom(line: Fields): ResultRecord {
  const row = {
    id: count(line.id, "id"),
    text: string(line.text, "text"),
    label: line.label === null ? null : string(line.label, "label"),
    correct: null,
  };
  if (line.error !== undefined) return { ...row, error: string(line.error, "error") };
  if (line.correct !== null && typeof line.correct !== "boolean")
    wrong("correct", line.correct, "true, false or null");
  const threat = object(line.threat, "threat");
  const model = object(line.model, "model");
  const certification: Certification = {
    ...verdict(line),
    prediction: prediction(line.prediction, "prediction"),
    limit: count(line.limit, "limit"),
    margins: list(line.margins, "margins").map((margin, i) => {
      const fields = object(margin, `margins[${i}]`);
      return {
        edits: count(fields.edits, `margins[${i}].edits`),
        lower: number(fields.lower, `margins[${i}].lower`),
      };
    }),
    method: string(line.method, "method"),
    threat: {
      distance: exactly(threat.distance, "levenshtein", "threat.distance"),
      unit: exactly(threat.unit, "code point", "threat.unit"),
      alphabet: string(threat.alphabet, "threat.alphabet"),
      characters: count(threat.characters, "threat.characters"),
      sha256: string(threat.sha256, "threat.sha256"),
    },
    model: {
      name: string(model.name, "model.name"),
      sha256: string(model.sha256, "model.sha256"),
      ...(model.tokenizer === undefined ? {} : { tokenizer: string(model.tokenizer, "model.tokenizer") }),
      ...(model.fold === undefined ? {} : { fold: string(model.fold, "model.fold") }),
    },
    arithmetic: oneOf(line.arithmetic, ["float64", "float32"], "arithmetic"),
    seconds: number(line.seconds, "seconds"),
    ...(line.work === undefined ? {} : { work: work(object(line.work, "work")) }),
    ...(line.evidence === undefined ? {} : { evidence: evidenceFrom(object(line.evidence, "evidence")) }),
  };
  return { ...row, correct: line.correct as boolean | null, ...certification };
}

function work(fields: Fields): Work {
  return {
    backend: string(fields.backend, "work.backend"),
    strings: count(fields.strings, "work.strings"),
    sequences: count(fields.sequences, "work.sequences"),
    passes: count(fields.passes, "work.passes"),
    guard: number(fields.guard, "work.guard"),
  };
}

function verdict(line: Fields): Verdict {
  const certified = line.certified === null ? null : count(line.certified, "certified");
  const broken = line.broken === null ? null : count(line.broken, "broken");
  const found = line.counterexample === null ? null : object(line.counterexample, "counterexample");
  const counterexample =
    found === null
      ? null
      : {
          text: string(found.text, "counterexample.text"),
          edits: count(found.edits, "counterexample.edits"),
          prediction: prediction(found.prediction, "counterexample.prediction"),
        };
  switch (line.verdict) {
    case "certified":
      if (certified === null || broken !== null || counterexample !== null) {
        throw new Malformed("the verdict certified needs certified, and neither broken nor a counterexample");
      }
      return { verdict: "certified", certified, broken, counterexample };
    case "refuted":
      if (certified === null || broken === null || counterexample === null) {
        throw new Malformed("the verdict refuted needs certified, broken and a counterexample");
      }
      return { verdict: "refuted", certified, broken, counterexample };
    case "unknown":
      return { verdict: "unknown", certified, broken, counterexample, reason: string(line.reason, "reason") };
    default:
      return wrong("verdict", line.verdict, "certified, refuted or unknown");
  }
}

function prediction(value: unknown, name: string): Prediction {
  const fields = object(value, name);
  return {
    label: string(fields.label, `${name}.label`),
    index: count(fields.index, `${name}.index`),
    scores: list(fields.scores, `${name}.scores`).map((score, i) => number(score, `${name}.scores[${i}]`)),
  };
}
