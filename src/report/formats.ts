/** Which reporter writes which format. */
import type { ResultRecord } from "../certify/result.js";
import type { Metrics } from "../evaluate/metrics.js";
import type { PredictionMetrics } from "../evaluate/prediction-metrics.js";
import type { PredictionRecord } from "../evaluate/record.js";
import { briefColumns, briefPredictionColumns, fullColumns, fullPredictionColumns } from "./columns.js";
import { csvReporter } from "./csv.js";
import type { Format, ResultFormat } from "./format-names.js";
import { jsonReporter } from "./json.js";
import { jsonlReporter, predictionRecordFields, resultFields } from "./jsonl.js";
import { lipslevColumns } from "./lipslev-csv.js";
import { type Mark, plainMark } from "./mark.js";
import { markdownReporter } from "./markdown.js";
import type { Reporter } from "./reporter.js";
import { predictionSummaryText, summaryText } from "./summary.js";
import { tableReporter } from "./table.js";
import { predictionWordsReporter, wordsReporter } from "./words.js";

export interface ReportOptions {
  /** How changed characters are set off in words and tables. */
  readonly mark?: Mark;
  /** Columns of the screen, for words and tables. */
  readonly width?: number;
  /** The model's labels, for lipslev-csv, which numbers them. */
  readonly labels?: readonly string[];
}

/** The reporter for the records of `certify`. */
export function resultReporter(
  format: ResultFormat,
  options: ReportOptions = {},
): Reporter<ResultRecord, Metrics> {
  switch (format) {
    case "words":
      return wordsReporter(options);
    case "table":
      return tableReporter(briefColumns(options.mark ?? plainMark), summaryText, options);
    case "jsonl":
      return jsonlReporter(resultFields);
    case "json":
      return jsonReporter(resultFields);
    case "csv":
      return csvReporter(fullColumns);
    case "markdown":
      return markdownReporter(briefColumns(), summaryText);
    case "lipslev-csv":
      return csvReporter(lipslevColumns(options.labels ?? []));
  }
}

/** The reporter for the records of `predict`. */
export function predictionReporter(
  format: Format,
  options: ReportOptions = {},
): Reporter<PredictionRecord, PredictionMetrics> {
  switch (format) {
    case "words":
      return predictionWordsReporter(options);
    case "table":
      return tableReporter(briefPredictionColumns(), predictionSummaryText, options);
    case "jsonl":
      return jsonlReporter(predictionRecordFields);
    case "json":
      return jsonReporter(predictionRecordFields);
    case "csv":
      return csvReporter(fullPredictionColumns);
    case "markdown":
      return markdownReporter(briefPredictionColumns(), predictionSummaryText);
  }
}
