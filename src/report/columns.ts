/**
 * The columns of the tabular formats, in one place so that csv, markdown and table agree.
 *
 * Promise: `full` columns lose nothing that a spreadsheet can use; `brief` columns are what fits a screen.
 * Names are stable: columns may be added at the end, never renamed.
 */
import type { ResultRecord } from "../certify/result.js";
import type { PredictionRecord } from "../evaluate/record.js";
import { changes } from "./changes.js";
import { type Mark, plainMark } from "./mark.js";
import { score } from "./numbers.js";
import { shorten, visible } from "./visible.js";

export type Cell = string | number | boolean | null;

export interface Column<R> {
  readonly name: string;
  value(record: R): Cell;
  /** Columns on a screen: a fixed width, or a share of what is left. */
  readonly width?: number;
  readonly share?: number;
}

/** Every field of a certification, for csv. */
export const fullColumns: readonly Column<ResultRecord>[] = [
  { name: "id", value: (r) => r.id },
  { name: "text", value: (r) => r.text },
  { name: "label", value: (r) => r.label },
  { name: "prediction", value: (r) => ("error" in r ? null : r.prediction.label) },
  { name: "correct", value: (r) => r.correct },
  { name: "verdict", value: (r) => ("error" in r ? "error" : r.verdict) },
  { name: "certified", value: (r) => ("error" in r ? null : r.certified) },
  { name: "broken", value: (r) => ("error" in r ? null : r.broken) },
  { name: "limit", value: (r) => ("error" in r ? null : r.limit) },
  { name: "counterexample", value: (r) => ("error" in r ? null : (r.counterexample?.text ?? null)) },
  {
    name: "counterexample_prediction",
    value: (r) => ("error" in r ? null : (r.counterexample?.prediction.label ?? null)),
  },
  { name: "margins", value: (r) => ("error" in r ? null : r.margins.map((m) => m.lower).join(" ")) },
  { name: "scores", value: (r) => ("error" in r ? null : r.prediction.scores.join(" ")) },
  { name: "method", value: (r) => ("error" in r ? null : r.method) },
  { name: "alphabet", value: (r) => ("error" in r ? null : r.threat.alphabet) },
  { name: "model", value: (r) => ("error" in r ? null : r.model.name) },
  { name: "model_sha256", value: (r) => ("error" in r ? null : r.model.sha256) },
  { name: "seconds", value: (r) => ("error" in r ? null : r.seconds) },
  { name: "reason", value: (r) => ("error" in r || r.verdict !== "unknown" ? null : r.reason) },
  { name: "error", value: (r) => ("error" in r ? r.error : null) },
  { name: "strings", value: (r) => ("error" in r ? null : (r.work?.strings ?? null)) },
  { name: "sequences", value: (r) => ("error" in r ? null : (r.work?.sequences ?? null)) },
  { name: "passes", value: (r) => ("error" in r ? null : (r.work?.passes ?? null)) },
  { name: "backend", value: (r) => ("error" in r ? null : (r.work?.backend ?? null)) },
];

/** Every field of a prediction, for csv. */
export const fullPredictionColumns: readonly Column<PredictionRecord>[] = [
  { name: "id", value: (r) => r.id },
  { name: "text", value: (r) => r.text },
  { name: "label", value: (r) => r.label },
  { name: "prediction", value: (r) => ("error" in r ? null : r.prediction.label) },
  { name: "correct", value: (r) => r.correct },
  { name: "scores", value: (r) => ("error" in r ? null : r.prediction.scores.join(" ")) },
  { name: "model", value: (r) => ("error" in r ? null : r.model.name) },
  { name: "model_sha256", value: (r) => ("error" in r ? null : r.model.sha256) },
  { name: "error", value: (r) => ("error" in r ? r.error : null) },
];

/** Longest text that a cell on a screen or in a document shows, in code points. */
const TEXT = 160;
const line = (text: string): string => shorten(visible(text.slice(0, 4 * TEXT)), TEXT);

/** What a reader looks for, for tables on a screen and in documents. */
export function briefColumns(mark: Mark = plainMark): readonly Column<ResultRecord>[] {
  return [
    { name: "id", value: (r) => r.id, width: 8 },
    { name: "text", value: (r) => line(r.text), share: 3 },
    { name: "label", value: (r) => (r.label === null ? null : line(r.label)), width: 12 },
    { name: "prediction", value: (r) => ("error" in r ? "error" : line(r.prediction.label)), width: 12 },
    { name: "proven", value: (r) => ("error" in r ? null : provenWord(r)), width: 10 },
    { name: "broken by", value: (r) => ("error" in r ? null : brokenWord(r)), width: 11 },
    { name: "how", value: (r) => how(r, mark), share: 2 },
  ];
}

/** The same for predictions. */
export function briefPredictionColumns(): readonly Column<PredictionRecord>[] {
  return [
    { name: "id", value: (r) => r.id, width: 8 },
    { name: "text", value: (r) => line(r.text), share: 1 },
    { name: "label", value: (r) => (r.label === null ? null : line(r.label)), width: 12 },
    { name: "prediction", value: (r) => ("error" in r ? "error" : line(r.prediction.label)), width: 12 },
    {
      name: "scores",
      value: (r) => ("error" in r ? line(r.error) : r.prediction.scores.map(score).join(" ")),
      width: 24,
    },
  ];
}

/** "2" where 3 is known to break it, ">= 2" where the limit or a resource ended the search. */
function provenWord(record: Exclude<ResultRecord, { error: string }>): string | null {
  if (record.certified === null) return null;
  return record.verdict === "refuted" ? `${record.certified}` : `>= ${record.certified}`;
}

/** "3" where 2 is proven, "<= 4" where fewer may break it too. */
function brokenWord(record: Exclude<ResultRecord, { error: string }>): string | null {
  if (record.broken === null) return null;
  return record.verdict === "refuted" ? `${record.broken}` : `<= ${record.broken}`;
}

function how(record: ResultRecord, mark: Mark): string | null {
  if ("error" in record) return line(record.error);
  if (record.counterexample !== null) return changes(record.text, record.counterexample.text, mark, 12);
  return record.verdict === "unknown" ? line(record.reason) : null;
}
