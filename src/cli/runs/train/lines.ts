/** What `train` prints of an epoch, and how the card writes an argument. */
import type { EpochReport } from "../../../train/loop.js";

export function epochLine(report: EpochReport, epochs: number): string {
  const { validation } = report;
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const held =
    validation === null
      ? ""
      : `; held-out texts: ${percent(validation.clean)} right${validation.certified.map((v, i) => `, ${percent(v)} certified at ${i + 1}`).join("")}${report.best ? " (best so far)" : ""}`;
  return `epoch ${report.epoch} of ${epochs}: loss ${report.loss.toFixed(4)}${held}`;
}

/** For a shell. */
export function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}
