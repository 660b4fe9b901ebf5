/**
 * One JSON object per line and record: the format that other programs read, `--resume` continues and
 * `verify` checks.
 *
 * Promise: the keys and their order are stable; keys may be added, never renamed. A line holds everything
 * that is needed to check its claim again, and is sealed (seal.ts). Text that is not well-formed (lone surrogates) comes back unchanged.
 */
import type { ResultRecord, Work } from "../certify/result.js";
import type { PredictionRecord } from "../evaluate/record.js";
import { evidenceFrom } from "./evidence.js";
import type { Reporter } from "./reporter.js";
import { sealed, VERSIONS, type Versions } from "./seal.js";

/** The fields of a certification in the order in which they are written. */
export function resultFields(record: ResultRecord, versions: Versions = VERSIONS): Record<string, unknown> {
  const { certificate, typoproof } = versions;
  return sealed({ ...claimFields(record), versions: { certificate, typoproof } });
}

function claimFields(record: ResultRecord): Record<string, unknown> {
  if ("error" in record) return errorFields(record);
  const { threat, model } = record;
  return {
    id: record.id,
    text: record.text,
    label: record.label,
    prediction: predictionFields(record.prediction),
    correct: record.correct,
    verdict: record.verdict,
    certified: record.certified,
    broken: record.broken,
    limit: record.limit,
    margins: record.margins.map(({ edits, lower }) => ({ edits, lower })),
    counterexample:
      record.counterexample === null
        ? null
        : {
            text: record.counterexample.text,
            edits: record.counterexample.edits,
            prediction: predictionFields(record.counterexample.prediction),
          },
    method: record.method,
    threat: {
      distance: threat.distance,
      unit: threat.unit,
      alphabet: threat.alphabet,
      characters: threat.characters,
      sha256: threat.sha256,
    },
    model: {
      name: model.name,
      sha256: model.sha256,
      ...(model.tokenizer === undefined ? {} : { tokenizer: model.tokenizer }),
      ...(model.fold === undefined ? {} : { fold: model.fold }),
    },
    arithmetic: record.arithmetic,
    seconds: record.seconds,
    ...(record.verdict === "unknown" ? { reason: record.reason } : {}),
    ...(record.work === undefined ? {} : { work: workFields(record.work) }),
    ...(record.evidence === undefined ? {} : { evidence: evidenceFrom(record.evidence) }),
  };
}

/** The fields of a prediction; `label` and `correct` only where the input has labels. */
export function predictionRecordFields(record: PredictionRecord): Record<string, unknown> {
  if ("error" in record) return errorFields(record);
  return {
    id: record.id,
    text: record.text,
    prediction: predictionFields(record.prediction),
    ...(record.label === null ? {} : { label: record.label, correct: record.correct }),
    model: { name: record.model.name, sha256: record.model.sha256 },
  };
}

function errorFields(record: { id: number; text: string; label: string | null; error: string }) {
  return { id: record.id, text: record.text, label: record.label, error: record.error };
}

function workFields({ backend, strings, sequences, passes, guard }: Work) {
  return { backend, strings, sequences, passes, guard };
}

function predictionFields(prediction: { label: string; index: number; scores: readonly number[] }) {
  return { label: prediction.label, index: prediction.index, scores: prediction.scores };
}

/** JSON lines from any kind of record. */
export function jsonlReporter<R>(fields: (record: R) => Record<string, unknown>): Reporter<R, unknown> {
  return {
    begin: () => "",
    record: (record) => `${JSON.stringify(fields(record))}\n`,
    end: () => "",
  };
}
