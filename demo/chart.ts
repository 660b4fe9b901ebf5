/** Lines over numbers of edits, as a small drawing: scales, axes and marks. What is drawn is said in words too. */
import { makeSvg } from "./dom.js";

export interface Series {
  readonly name: string;
  /** By number of edits from 0. */
  readonly values: readonly number[];
  readonly class?: string;
}

export interface ChartOptions {
  /** What a reader who can't see it is told. */
  readonly said: string;
  readonly format: (value: number) => string;
  /** Ends of the vertical axis; by default those of the values, and 0. */
  readonly from?: number;
  readonly to?: number;
  /** What lies below 0, where something does. */
  readonly below?: string;
  /** Of the place where it is put, in pixels, so that its letters are as large as the others. */
  readonly width: number;
}

const HEIGHT = 230;
const LEFT = 46;
const RIGHT = 92;
const TOP = 18;
const BOTTOM = 34;
/** More numbers than this on the axis would run into each other. */
const MOST_TICKS = 8;

export function chart(series: readonly Series[], options: ChartOptions): SVGSVGElement {
  const width = Math.min(560, Math.max(240, options.width));
  const all = series.flatMap(({ values }) => values).filter(Number.isFinite);
  const low = options.from ?? Math.min(0, ...all);
  const high = options.to ?? Math.max(0, ...all);
  const room = (high - low || 1) * 0.08;
  const bottom = options.from ?? (low < 0 ? low - room : 0);
  const top = options.to ?? high + room;
  const last = Math.max(1, ...series.map(({ values }) => values.length - 1));
  const x = (edits: number): number => LEFT + (edits / last) * (width - LEFT - RIGHT);
  const y = (value: number): number => TOP + ((top - value) / (top - bottom)) * (HEIGHT - TOP - BOTTOM);
  const svg = makeSvg("svg", {
    class: "chart",
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
    "aria-label": options.said,
  });
  if (bottom < 0) {
    svg.append(
      makeSvg("rect", {
        class: "below",
        x: LEFT,
        y: y(0),
        width: x(last) - LEFT + 12,
        height: y(bottom) - y(0),
      }),
    );
    if (options.below !== undefined)
      svg.append(makeSvg("text", { class: "note", x: LEFT + 6, y: y(bottom) - 6 }, options.below));
  }
  svg.append(makeSvg("line", { class: "axis", x1: LEFT, x2: x(last) + 12, y1: y(bottom), y2: y(bottom) }));
  svg.append(
    makeSvg("line", { class: low < 0 ? "zero" : "axis", x1: LEFT, x2: x(last) + 12, y1: y(0), y2: y(0) }),
  );
  const every = Math.ceil((last + 1) / MOST_TICKS);
  for (let edits = 0; edits <= last; edits += every)
    svg.append(makeSvg("text", { x: x(edits), y: HEIGHT - 16, "text-anchor": "middle" }, String(edits)));
  svg.append(makeSvg("text", { x: x(last) + 14, y: HEIGHT - 16 }, "edits"));
  for (const value of new Set([options.from ?? 0, top === options.to ? top : high]))
    svg.append(
      makeSvg("text", { x: LEFT - 7, y: y(value) + 4, "text-anchor": "end" }, options.format(value)),
    );
  for (const { name, values, class: kind = "" } of series) {
    const shown = values.map((value, edits) => `${x(edits).toFixed(1)},${y(value).toFixed(1)}`);
    svg.append(makeSvg("polyline", { class: `curve ${kind}`, points: shown.join(" ") }));
    for (const [edits, value] of values.entries()) {
      const mark = makeSvg("circle", {
        class: value < 0 ? "lost" : kind,
        cx: x(edits),
        cy: y(value),
        r: 4.2,
      });
      mark.append(makeSvg("title", {}, `${name}, ${edits} edits: ${options.format(value)}`));
      svg.append(mark);
    }
    const end = values.length - 1;
    const [first, second] = [options.format(values[end]!), name];
    svg.append(makeSvg("text", { class: "value", x: x(end) + 10, y: y(values[end]!) - 7 }, first));
    svg.append(
      makeSvg(
        "text",
        { x: x(end) + 10, y: y(values[end]!) + 8 },
        second.length > 14 ? `${second.slice(0, 13)}…` : second,
      ),
    );
  }
  return svg;
}
