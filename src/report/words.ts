/**
 * A certification in plain language.
 *
 * Promise: the sentences say no more than the record does: what is proven, what is known to break it, and
 * what is left open, with the reason.
 */
import type { Certification, ResultRecord, Work } from "../certify/result.js";
import type { Metrics } from "../evaluate/metrics.js";
import type { PredictionMetrics } from "../evaluate/prediction-metrics.js";
import type { PredictionRecord } from "../evaluate/record.js";
import type { Prediction } from "../model/classifier.js";
import { changes } from "./changes.js";
import { type Mark, plainMark } from "./mark.js";
import { count, duration, score, whole } from "./numbers.js";
import type { Reporter } from "./reporter.js";
import { shorten, visible } from "./visible.js";

/** What the sentences are made of; `broken` ends with a colon because the counterexample follows it. */
export interface Sentences {
  readonly proven: string;
  readonly broken: string | null;
  readonly open: string | null;
}

/** The sentences for one certification. `text` only tells whether it is the empty text. */
export function sentences(result: Certification, text: string, mark: Mark = plainMark): Sentences {
  const label = mark.strong(`'${visible(result.prediction.label)}'`);
  const isEmpty = text === "";
  const subject = isEmpty ? `the empty text ${label}` : `this ${label}`;
  const is = `${isEmpty ? "The empty text" : "This"} is ${label}`;
  const { certified, broken } = result;

  let proven: string;
  if (certified === null) proven = `${is}, but nothing is proven.`;
  else if (certified === 0)
    proven = result.limit === 0 ? `${is}. No edits were tried.` : `${is} as it stands.`;
  else {
    const verb = certified === 1 ? "leaves" : "leave";
    proven = `Any ${count(certified, "character edit")} ${verb} ${subject}.`;
  }
  const breaking =
    broken === null ? null : `${certified ? broken : count(broken, "character edit")} can break it:`;

  let open: string | null = null;
  if (result.verdict === "certified" && result.limit > 0) open = `Nothing was tried beyond ${result.limit}.`;
  if (result.verdict === "unknown") {
    const reason = visible(result.reason).replace(/\.$/, "");
    const first = (certified ?? -1) + 1;
    if (broken === null)
      open = `${certified === null ? "The reason" : "Beyond that nothing is known"}: ${reason}.`;
    else if (first < broken) {
      const gap =
        first === broken - 1 ? `${first}` : `${first} ${first === broken - 2 ? "or" : "to"} ${broken - 1}`;
      open = `Whether ${gap} can is unknown: ${reason}.`;
    }
  }
  return { proven, broken: breaking, open };
}

/** The sentences on one line, without the counterexample. */
export function sentence(result: Certification, text: string): string {
  const { proven, broken, open } = sentences(result, text);
  return [proven, broken?.replace(/:$/, ".") ?? null, open].filter((part) => part !== null).join(" ");
}

export interface WordsOptions {
  readonly mark?: Mark;
  /** Columns of the output; only the text's first line is fitted to it. */
  readonly width?: number;
}

/** The block that answers for one text, several lines. */
export function explain(record: ResultRecord, options: WordsOptions = {}): string {
  const mark = options.mark ?? plainMark;
  const lines = [heading(record.text, options)];
  if ("error" in record) {
    lines.push(`  failed: ${visible(record.error)}`);
    return `${lines.join("\n")}\n`;
  }
  const { proven, broken, open } = sentences(record, record.text, mark);
  if (record.correct === false) lines.push(`  The label in the input is '${visible(record.label ?? "")}'.`);
  if (broken === null || record.counterexample === null) {
    lines.push(`  ${[proven, open].filter((part) => part !== null).join(" ")}`);
  } else {
    const found = record.counterexample;
    lines.push(`  ${proven} ${broken}`);
    lines.push(`    ${changes(record.text, found.text, mark)}`);
    lines.push(`    is ${mark.strong(`'${visible(found.prediction.label)}'`)} ${runnerUp(found.prediction)}`);
    if (open !== null) lines.push(`  ${open}`);
  }
  const curve = marginCurve(record);
  if (curve !== "") lines.push(`  ${mark.faint(curve)}`);
  if (record.work !== undefined) lines.push(`  ${mark.faint(workWords(record.work))}`);
  lines.push(
    `  ${mark.faint(
      `${duration(record.seconds)}, method ${record.method}, alphabet ${record.threat.alphabet}, model ${visible(record.model.name)}`,
    )}`,
  );
  return `${lines.join("\n")}\n`;
}

/** "Margin at least 6.20 unedited, 4.40 after 1 edit, 2.90 after 2"; long curves keep their ends. */
export function marginCurve(result: Certification): string {
  if (result.margins.length === 0) return "";
  const points = result.margins.map(({ edits, lower }, i) => {
    if (edits === 0) return `${score(lower)} unedited`;
    return `${score(lower)} after ${i === 1 ? count(edits, "edit") : edits}`;
  });
  const shown = points.length <= 8 ? points : [...points.slice(0, 5), "…", ...points.slice(-2)];
  return `Margin at least ${shown.join(", ")}`;
}

/** "21,185 strings, 249 token sequences, 250 forward passes by onnxruntime-node 1.30.0" */
export function workWords({ strings, sequences, passes, backend }: Work): string {
  const many = (n: number, noun: string): string => `${whole(n)} ${noun}${n === 1 ? "" : "s"}`;
  const run = `${whole(passes)} forward ${passes === 1 ? "pass" : "passes"} by ${visible(backend)}`;
  return `${many(strings, "string")}, ${many(sequences, "token sequence")}, ${run}`;
}

/** The prediction alone. */
export function explainPrediction(record: PredictionRecord, options: WordsOptions = {}): string {
  const mark = options.mark ?? plainMark;
  if ("error" in record) return `${heading(record.text, options)}\n  failed: ${visible(record.error)}\n`;
  const { prediction } = record;
  const wrong =
    record.correct === false ? ` The label in the input is '${visible(record.label ?? "")}'.` : "";
  return `${heading(record.text, options)}\n  ${mark.strong(`'${visible(prediction.label)}'`)} ${runnerUp(prediction)}${wrong}\n`;
}

/** Blocks, a blank line between two of them. */
export function wordsReporter(options: WordsOptions = {}): Reporter<ResultRecord, Metrics> {
  return blocks((record) => explain(record, options));
}

/** The same for predictions. */
export function predictionWordsReporter(
  options: WordsOptions = {},
): Reporter<PredictionRecord, PredictionMetrics> {
  return blocks((record) => explainPrediction(record, options));
}

function blocks<R>(block: (record: R) => string): Reporter<R, unknown> {
  let first = true;
  return {
    begin: () => "",
    record(record) {
      const gap = first ? "" : "\n";
      first = false;
      return gap + block(record);
    },
    end: () => "",
  };
}

function heading(text: string, options: WordsOptions): string {
  if (text === "") return "(the empty text)";
  const width = Math.max(20, (options.width ?? 100) - 2);
  // A prefix is enough to fill the line, and keeps a long text from being walked through.
  return `"${shorten(visible(text.slice(0, 4 * width)), width)}"`;
}

/** The scores behind a prediction: its own and the best other one. */
function runnerUp(prediction: Prediction): string {
  return `(score ${score(prediction.scores[prediction.index])}${
    prediction.scores.length > 1 ? `, best other ${score(bestOther(prediction))}` : ""
  })`;
}

function bestOther(prediction: Prediction): number {
  return Math.max(...prediction.scores.filter((_, i) => i !== prediction.index));
}
