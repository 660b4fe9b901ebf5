/**
 * The summary of an evaluation: accuracy as it is, proven and attacked, by number of edits and by label.
 *
 * Promise: json holds everything that the other formats show, with the counts behind every share, and names
 * the input, the model, the method and the threat, so that the run can be repeated.
 */
import type { Metrics } from "../evaluate/metrics.js";
import type { Rate } from "../evaluate/wilson.js";
import type { ModelIdentity } from "../model/classifier.js";
import type { Cell } from "./columns.js";
import { csvRow } from "./csv.js";
import type { EvaluationFormat } from "./format-names.js";
import { markdownHead, markdownRow, markdownText } from "./markdown.js";
import { count, duration, interval, percent } from "./numbers.js";
import { undecided } from "./summary.js";
import { drawTable } from "./table.js";

export interface Evaluation {
  /** Version of this program. */
  readonly version: string;
  /** What was evaluated on: a file's name or a data set's, as the user gave it. */
  readonly input: string;
  readonly model: ModelIdentity;
  readonly method: string;
  readonly alphabet: string;
  readonly metrics: Metrics;
  /** Wall-clock time of the run. */
  readonly seconds: number;
}

/** The summary in one of its formats. */
export function evaluationReport(evaluation: Evaluation, format: EvaluationFormat): string {
  switch (format) {
    case "table":
      return evaluationTable(evaluation);
    case "json":
      return evaluationJson(evaluation);
    case "markdown":
      return evaluationMarkdown(evaluation);
    case "csv":
      return evaluationCsv(evaluation);
  }
}

export function evaluationJson({
  version,
  input,
  model,
  method,
  alphabet,
  metrics,
  seconds,
}: Evaluation): string {
  const summary = {
    typoproof: version,
    input,
    model: { name: model.name, sha256: model.sha256 },
    method,
    threat: { distance: "levenshtein", unit: "code point", alphabet },
    texts: metrics.texts,
    errors: metrics.errors,
    labelled: metrics.labelled,
    limit: metrics.limit,
    verdicts: metrics.verdicts,
    clean: metrics.clean,
    edits: metrics.byEdits,
    medianRadius: metrics.medianRadius,
    minRadius: metrics.minRadius,
    labels: metrics.labels,
    seconds: { wall: seconds, certifying: metrics.seconds.total, slowest: metrics.seconds.slowest },
  };
  return `${JSON.stringify(summary, null, 2)}\n`;
}

export function evaluationTable(evaluation: Evaluation): string {
  const parts = [`${title(evaluation)}\n`, drawTable(EDITS_HEAD, editsRows(evaluation.metrics))];
  if (evaluation.metrics.labels.length > 0) {
    parts.push(drawTable(labelsHead(evaluation.metrics), labelsRows(evaluation.metrics)));
  }
  parts.push(`${closing(evaluation)}\n`);
  return parts.join("");
}

export function evaluationMarkdown(evaluation: Evaluation): string {
  const table = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
    markdownHead(head) + rows.map(markdownRow).join("");
  const parts = [`${markdownText(title(evaluation))}\n`, table(EDITS_HEAD, editsRows(evaluation.metrics))];
  if (evaluation.metrics.labels.length > 0) {
    parts.push(table(labelsHead(evaluation.metrics), labelsRows(evaluation.metrics)));
  }
  parts.push(`${markdownText(closing(evaluation))}\n`);
  return parts.join("\n");
}

/** One row per number of edits for all texts (empty `label`), then for each label. */
export function evaluationCsv({ metrics }: Evaluation): string {
  const head = [
    "label",
    "edits",
    "texts",
    "certified_count",
    "certified",
    "certified_low",
    "certified_high",
    "attacked_count",
    "attacked",
    "attacked_low",
    "attacked_high",
    "proven_count",
    "proven",
    "proven_low",
    "proven_high",
  ];
  const rates = (r: Rate | null): Cell[] =>
    r === null ? [null, null, null, null] : [r.count, r.value, r.low, r.high];
  const all = metrics.byEdits.map((at): Cell[] => [
    null,
    at.edits,
    metrics.texts,
    ...rates(at.certified),
    ...rates(at.attacked),
    ...rates(at.proven),
  ]);
  const byLabel = metrics.labels.flatMap((of) =>
    of.certified.map((r, edits): Cell[] => [
      of.label,
      edits,
      of.texts,
      ...rates(r),
      ...rates(null),
      ...rates(null),
    ]),
  );
  return [head, ...all, ...byLabel].map(csvRow).join("");
}

/** At most this many numbers of edits are shown in a table; json and csv hold them all. */
const SHOWN = 12;

function shownEdits(limit: number): number[] {
  const all = Array.from({ length: limit + 1 }, (_, edits) => edits);
  return all.length <= SHOWN ? all : [...all.slice(0, SHOWN - 1), limit];
}

const EDITS_HEAD = ["edits", "certified accuracy", "95 %", "attacked accuracy", "95 %", "prediction proven"];

function editsRows(metrics: Metrics): Cell[][] {
  return shownEdits(metrics.limit).map((edits) => {
    const { certified, attacked, proven } = metrics.byEdits[edits];
    return [
      edits,
      percent(certified),
      interval(certified),
      percent(attacked),
      interval(attacked),
      percent(proven),
    ];
  });
}

function labelsHead(metrics: Metrics): string[] {
  return [
    "label",
    "texts",
    "recall",
    ...shownEdits(metrics.limit)
      .slice(1)
      .map((k) => `certified at ${k}`),
  ];
}

function labelsRows(metrics: Metrics): Cell[][] {
  return metrics.labels.map(({ label, texts, recall, certified }) => [
    label,
    texts,
    percent(recall),
    ...shownEdits(metrics.limit)
      .slice(1)
      .map((k) => percent(certified[k])),
  ]);
}

function title({ input, model, method, alphabet, metrics }: Evaluation): string {
  const name = `${model.name} (sha256 ${model.sha256.slice(0, 12)})`;
  return `${name} on ${input}: ${count(metrics.texts, "text")}, method ${method}, alphabet ${alphabet}`;
}

function closing({ metrics, seconds }: Evaluation): string {
  const { certified } = metrics.verdicts;
  if (metrics.texts === 0) return "No texts.";
  const median = metrics.medianRadius;
  const atLeast = median === metrics.limit ? "at least " : "";
  return [
    `Accuracy ${percent(metrics.clean)} (95 %: ${interval(metrics.clean)}).`,
    `Median radius ${median === null ? "undecided" : `${atLeast}${count(median, "edit")}`}.`,
    `${certified} certified for ${count(metrics.limit, "edit")}, ${metrics.broken} broken, ${undecided(metrics)} undecided, ${metrics.errors} failed.`,
    `${duration(seconds)}; per text ${duration(metrics.seconds.total / Math.max(1, metrics.texts - metrics.errors))}, slowest ${duration(metrics.seconds.slowest)}.`,
  ].join(" ");
}
