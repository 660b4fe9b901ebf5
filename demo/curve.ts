/** The lowest margin by number of edits, one line for each rival; for models without such lines, the least of them all. */
import type { Analysis, Certification } from "../src/browser/index.js";
import { chart, type Series } from "./chart.js";
import { byId, make, widthOf } from "./dom.js";
import { margin } from "./numbers.js";

/** More lines than this can't be told apart. */
const MOST = 3;

export function showCurve(result: Certification, { curves }: Analysis): void {
  const { label } = result.prediction;
  const series: Series[] =
    curves === null || curves.length === 0
      ? [{ name: "best other", values: result.margins.map(({ lower }) => lower) }]
      : curves.slice(0, MOST).map(({ label: rival, lower }, r) => ({
          name: `over ${rival}`,
          values: lower,
          class: r === 0 ? "" : `other r${r}`,
        }));
  const said = series.map(
    ({ name, values }) =>
      `${name}: ${values.map((value, edits) => `${margin(value)} after ${edits}`).join(", ")}`,
  );
  const drawn = chart(series, {
    said: `Lowest margin of ${label} by number of edits, ${said.join("; ")}`,
    format: margin,
    width: widthOf("curve"),
    below: "below 0 another label wins",
  });
  const left = (curves?.length ?? 0) - MOST;
  const more =
    left > 0
      ? [make("p", { class: "note" }, `The nearest ${MOST} of ${left + MOST} other labels are shown.`)]
      : [];
  byId("curve").replaceChildren(drawn, ...more);
}
