/**
 * Inspections as one HTML page that needs nothing else: no scripts, no fonts, no addresses.
 *
 * Promise: well-formed as XML too; text from the input stays text; light and dark as the reader's system has it.
 */
import { escaped, growthFigure, lossFigure, siteFigure } from "./inspect-figure.js";
import { type InspectRecord, LAYER_HEAD, layerRows, SITE_HEAD, siteRows } from "./inspect-rows.js";
import { inspectSentences } from "./inspect-words.js";
import type { Reporter } from "./reporter.js";

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #59636e; --paper: #fff; --line: #d1d9e0; --real: #6e7781; --bound: #0969da; --open: #bc4c00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --faint: #9198a1; --paper: #0d1117; --line: #3d444d; --real: #8b949e; --bound: #4493f8; --open: #f0883e; }
}
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2.5rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.wide { overflow-x: auto; }
figure { margin: 1.5rem 0; } figcaption { color: var(--faint); font-size: .85rem; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 13px; }
.real { fill: var(--real); } .bound { fill: var(--bound); } .open { fill: var(--open); }
.tick { stroke: var(--ink); stroke-width: 2; } .rule { stroke: var(--faint); stroke-dasharray: 4 3; }
`;

export function inspectHtmlReporter(model: string): Reporter<InspectRecord, null> {
  const title = `What each layer of ${escaped(model)} contributes to the bound of one edit`;
  return {
    begin: () => `<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
`,
    record: article,
    end: () => "</main>\n</body>\n</html>\n",
  };
}

function article({ id, text, inspection }: InspectRecord): string {
  const { model, threat, kind } = inspection;
  const [first, ...others] = inspectSentences(inspection, text);
  return `<article>
<h2>${escaped(text) || "(empty text)"}</h2>
<p><strong>${escaped(first!)}</strong></p>
<ul>
${others.map((sentence) => `<li>${escaped(sentence)}</li>`).join("\n")}
</ul>
${lossFigure(`loss-${id}`, inspection)}${table("Layers", LAYER_HEAD, layerRows(inspection))}${growthFigure(`growth-${id}`, inspection)}${siteFigure(`places-${id}`, inspection)}${table("Places", SITE_HEAD, siteRows(inspection))}<p><small>Model ${escaped(model.name)} (${escaped(kind)}), sha256 ${escaped(model.sha256)}; one edit of a code point, alphabet ${escaped(threat.alphabet)}.</small></p>
</article>
`;
}

function table(name: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table>
<caption>${escaped(name)}</caption>
<thead>${cells("th", head)}</thead>
<tbody>
${rows.map((row) => cells("td", row)).join("\n")}
</tbody>
</table></div>
`;
}
