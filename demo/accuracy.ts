/** Certified accuracy by number of edits, drawn and as numbers; without labels, how many texts are proven so far. */
import type { Metrics } from "../src/browser/index.js";
import { chart, type Series } from "./chart.js";
import { byId, make, widthOf } from "./dom.js";
import { whole } from "./numbers.js";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export function showAccuracy({ byEdits, texts }: Metrics): void {
  const labelled = byEdits[0]?.certified !== null;
  const proven: Series = {
    name: "proven",
    values: byEdits.map((at) => at.proven?.value ?? 0),
    class: labelled ? "other" : "",
  };
  const certified: Series = { name: "certified", values: byEdits.map((at) => at.certified?.value ?? 0) };
  const series = labelled ? [certified] : [proven];
  const what = labelled ? "Certified accuracy" : "Share of texts proven";
  const drawn = chart(series, {
    said: `${what} by number of edits: ${series[0]!.values.map((value, edits) => `${percent(value)} at ${edits}`).join(", ")}`,
    format: (value) => `${Math.round(100 * value)} %`,
    width: widthOf("accuracy") * (innerWidth < 740 ? 1 : 0.53),
    from: 0,
    to: 1,
  });
  const head = ["edits", ...(labelled ? ["certified accuracy"] : []), "proven"];
  const rows = byEdits.map((at) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, String(at.edits)),
      ...(labelled ? [make("td", {}, percent(at.certified?.value ?? 0))] : []),
      make("td", {}, percent(at.proven?.value ?? 0)),
    ),
  );
  const note = labelled
    ? `Certified: labelled right and proven to stay so. Of all ${whole(texts)} texts, those that failed included.`
    : `Of ${whole(texts)} texts. With a column of labels this is certified accuracy.`;
  const table = make(
    "table",
    {},
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows),
  );
  byId("accuracy").replaceChildren(
    make("div", { class: "results" }, drawn, make("div", {}, table, make("p", { class: "note" }, note))),
  );
}
