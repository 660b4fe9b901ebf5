/** The closing lines of a run, in words: how many texts, what became of them, how accurate. */
import type { Metrics } from "../evaluate/metrics.js";
import type { PredictionMetrics } from "../evaluate/prediction-metrics.js";
import { count, duration, percent } from "./numbers.js";

/** What became of the texts of a `certify` run. */
export function summaryText(metrics: Metrics): string {
  if (metrics.texts === 0) return "No texts.";
  const { certified } = metrics.verdicts;
  const parts = [
    `${certified} certified for ${count(metrics.limit, "edit")}`,
    `${metrics.broken} broken`,
    `${undecided(metrics)} undecided`,
    ...(metrics.errors > 0 ? [`${metrics.errors} failed`] : []),
  ];
  const lines = [
    `${count(metrics.texts, "text")}: ${parts.join(", ")} (${duration(metrics.seconds.total)}).`,
  ];
  if (metrics.clean !== null) {
    const last = metrics.byEdits[metrics.limit];
    lines.push(
      `Accuracy ${percent(metrics.clean)}, certified accuracy at ${count(metrics.limit, "edit")} ${percent(last.certified)}.`,
    );
  }
  return lines.join(" ");
}

/** Texts that are neither proven as far as was asked nor broken. */
export function undecided({ verdicts, broken }: Metrics): number {
  return verdicts.refuted + verdicts.unknown - broken;
}

/** What became of the texts of a `predict` run. */
export function predictionSummaryText(metrics: PredictionMetrics): string {
  if (metrics.texts === 0) return "No texts.";
  const failed = metrics.errors > 0 ? `, ${metrics.errors} failed` : "";
  const accuracy = metrics.clean === null ? "" : ` Accuracy ${percent(metrics.clean)}.`;
  return `${count(metrics.texts, "text")}${failed}.${accuracy}`;
}
