/** The figures of an inspection as cells, the same for every format that people read. */
import type { InspectedLayer, InspectedSite, Inspection, Size } from "../certify/inspect/inspection.js";
import { percent, times } from "./inspect-words.js";
import { score } from "./numbers.js";
import { shorten, visible } from "./visible.js";

/** One inspected text. */
export interface InspectRecord {
  readonly id: number;
  readonly text: string;
  readonly inspection: Inspection;
}

/** Places that tables show. */
export const MOST_SITES = 10;

export const LAYER_HEAD = ["layer", "enters", "leaves", "constant", "measured", "loss", "share"] as const;
export const SITE_HEAD = ["place", "takes", "leaves", "for example"] as const;

/** Nothing where there is nothing to tell apart. */
export function layerRows({ layers }: Inspection): string[][] {
  if (layers.length < 2) return [];
  return layers.map((layer: InspectedLayer) => [
    layer.name + (layer.computed ? " (computed)" : ""),
    size(layer.entering),
    size(layer.leaving),
    figure(layer.factor),
    figure(layer.measured),
    score(tidy(layer.loss)),
    percent(layer.share),
  ]);
}

export function siteRows({ sites }: Inspection): string[][] {
  return sites
    .slice(0, MOST_SITES)
    .map(({ kind, text, loss, lower, example }: InspectedSite) => [
      `${kind === "gap" ? "gap " : ""}"${shorten(visible(text), 24)}"`,
      score(tidy(loss)),
      score(tidy(lower)),
      example === null ? "" : `"${shorten(visible(example), 24)}"`,
    ]);
}

const size = (of: Size | null): string => (of === null ? "" : score(tidy(of.total)));
const figure = (factor: number | null): string =>
  factor === null ? "" : times(factor).replace(" times", "");
/** What is rounding's alone is 0. */
const tidy = (value: number): number => (Math.abs(value) < 1e-9 ? 0 : value);
