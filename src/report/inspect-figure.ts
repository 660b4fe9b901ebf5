/**
 * Figures of an inspection as SVG in a page: bars of what is lost, and of growth on a logarithmic scale.
 *
 * Promise: well-formed XML without scripts or references; a title and a description say in words what is drawn; colours are the page's.
 */
import type { Inspection } from "../certify/inspect/inspection.js";
import { percent, times } from "./inspect-words.js";
import { score } from "./numbers.js";
import { shorten, visible } from "./visible.js";

const WIDTH = 720;
const LABELS = 210;
const VALUES = 90;
const ROW = 24;
const TOP = 8;
const PLOT = WIDTH - LABELS - VALUES;
const MOST_SITES = 12;

/** Text in which nothing is markup. */
export function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

interface Bar {
  readonly label: string;
  /** From and to, in [0, 1] of the plot. */
  readonly from: number;
  readonly to: number;
  readonly value: string;
  readonly kind: "real" | "bound" | "open";
  /** A tick in [0, 1]. */
  readonly tick: number | null;
}

function figure(
  id: string,
  title: string,
  description: string,
  bars: readonly Bar[],
  line: number | null,
): string {
  const height = TOP * 2 + bars.length * ROW;
  const x = (at: number): string => (LABELS + Math.min(1, Math.max(0, at)) * PLOT).toFixed(1);
  const rows = bars.map(({ label, from, to, value, kind, tick }, i) => {
    const y = TOP + i * ROW;
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const width = Math.max(1, (Math.min(1, high) - Math.max(0, low)) * PLOT).toFixed(1);
    const mark =
      tick === null
        ? ""
        : `<line class="tick" x1="${x(tick)}" x2="${x(tick)}" y1="${y + 2}" y2="${y + ROW - 2}"/>`;
    return (
      `<text class="label" x="${LABELS - 8}" y="${y + 16}" text-anchor="end">${escaped(shorten(label, 28))}</text>` +
      `<rect class="${kind}" x="${x(low)}" y="${y + 4}" width="${width}" height="${ROW - 8}"/>${mark}` +
      `<text x="${WIDTH - VALUES + 8}" y="${y + 16}">${escaped(value)}</text>`
    );
  });
  const rule =
    line === null
      ? ""
      : `<line class="rule" x1="${x(line)}" x2="${x(line)}" y1="${TOP}" y2="${height - TOP}"/>`;
  return `<figure>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-text" xmlns="http://www.w3.org/2000/svg">
<title id="${id}-title">${escaped(title)}</title>
<desc id="${id}-text">${escaped(description)}</desc>
${rows.join("\n")}
${rule}
</svg>
<figcaption>${escaped(title)}</figcaption>
</figure>
`;
}

/** Which layer has which share of the loss; "" where there is one layer at most. */
export function lossFigure(id: string, { layers, loss }: Inspection): string {
  if (layers.length < 2 || loss === null) return "";
  const shares = layers.map(({ share }) => share);
  const low = Math.min(0, ...shares);
  const span = Math.max(1e-9, Math.max(0, ...shares) - low);
  const bars = layers.map(
    ({ name, share, computed }): Bar => ({
      label: name,
      from: -low / span,
      to: (share - low) / span,
      value: percent(share),
      kind: computed ? "real" : "bound",
      tick: null,
    }),
  );
  const named = layers
    .filter(({ share }) => share !== 0)
    .map(({ name, share }) => `${name} ${percent(share)}`);
  return figure(
    id,
    "Share of the loss by layer: what the edit really takes, and what each bound adds",
    `Of a loss of ${score(loss)}: ${named.join(", ")}.`,
    bars,
    low < 0 ? -low / span : null,
  );
}

/** What each layer makes of what enters it; "" where no layer has a constant. */
export function growthFigure(id: string, { layers }: Inspection): string {
  const grown = layers.filter(({ factor }) => factor !== null && factor > 0 && Number.isFinite(factor));
  if (grown.length === 0) return "";
  const logs = grown.flatMap(({ factor, measured }) =>
    [factor, measured].filter((f) => f !== null && f > 0).map((f) => Math.log10(f!)),
  );
  const low = Math.min(0, ...logs);
  const span = Math.max(1e-9, Math.max(0, ...logs) - low);
  const at = (factor: number): number => (Math.log10(factor) - low) / span;
  const bars = grown.map(
    ({ name, factor, measured, computed }): Bar => ({
      label: name,
      from: at(1),
      to: at(factor!),
      value: times(factor!),
      kind: computed ? "real" : "bound",
      tick: measured !== null && measured > 0 ? at(measured) : null,
    }),
  );
  const named = grown.map(
    ({ name, factor, measured }) =>
      `${name} ${times(factor!)}${measured === null ? "" : ` (measured ${times(measured)})`}`,
  );
  return figure(
    id,
    "What each layer makes of what enters it, on a logarithmic scale; ticks: as measured at the worst edit",
    `${named.join(", ")}.`,
    bars,
    at(1),
  );
}

/** Which place takes how much of the margin, with a line at the margin; "" where there are no places. */
export function siteFigure(id: string, { sites, margin }: Inspection): string {
  const shown = sites.slice(0, MOST_SITES).filter(({ loss }) => Number.isFinite(loss));
  const most = Math.max(margin, ...shown.map(({ loss }) => loss));
  if (shown.length === 0 || !(most > 0)) return "";
  const bars = shown.map(
    ({ kind, text, loss, lower }): Bar => ({
      label: `${kind === "gap" ? "gap " : ""}${visible(text)}`,
      from: 0,
      to: Math.max(0, loss) / most,
      value: score(loss),
      kind: lower > 0 ? "bound" : "open",
      tick: null,
    }),
  );
  const named = shown.map(({ text, loss }) => `"${shorten(visible(text), 28)}" ${score(loss)}`);
  return figure(
    id,
    "What one edit of each place takes from the margin; the line is the margin",
    `Of a margin of ${score(margin)}: ${named.join(", ")}.`,
    bars,
    margin / most,
  );
}
