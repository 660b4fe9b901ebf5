/** Inspections as records, and as tables and Markdown for people: layers, places, sentences. */
import type { Inspection } from "../certify/inspect/inspection.js";
import type { Cell } from "./columns.js";
import { inspectHtmlReporter } from "./inspect-html.js";
import {
  type InspectRecord,
  LAYER_HEAD,
  layerRows,
  MOST_SITES,
  SITE_HEAD,
  siteRows,
} from "./inspect-rows.js";
import { inspectSentences } from "./inspect-words.js";
import { jsonReporter } from "./json.js";
import { markdownHead, markdownRow, markdownText } from "./markdown.js";
import type { Reporter } from "./reporter.js";
import { drawTable } from "./table.js";
import { visible } from "./visible.js";

export type InspectFormat = "table" | "json" | "jsonl" | "markdown" | "html";

/** The data with its text and sentences, as JSON has them. */
export function inspectFields({ id, text, inspection }: InspectRecord): Record<string, unknown> {
  return { id, text, ...inspection, sentences: inspectSentences(inspection, text) };
}

/** @param model the model's name, for the heading of a page */
export function inspectReporter(format: InspectFormat, model: string): Reporter<InspectRecord, null> {
  switch (format) {
    case "table":
      return separated((record) => inspectTable(record));
    case "markdown":
      return separated((record) => inspectMarkdown(record));
    case "json":
      return jsonReporter(inspectFields);
    case "jsonl":
      return {
        begin: () => "",
        record: (record) => `${JSON.stringify(inspectFields(record))}\n`,
        end: () => "",
      };
    case "html":
      return inspectHtmlReporter(model);
  }
}

/** An empty line between two records. */
function separated(write: (record: InspectRecord) => string): Reporter<InspectRecord, null> {
  let first = true;
  return {
    begin: () => "",
    record(record) {
      const gap = first ? "" : "\n";
      first = false;
      return gap + write(record);
    },
    end: () => "",
  };
}

export function inspectTable({ text, inspection }: InspectRecord): string {
  const parts = [`"${visible(text)}"\n`];
  const [layers, sites] = [layerRows(inspection), siteRows(inspection)];
  if (layers.length > 0) parts.push(drawTable(LAYER_HEAD, layers));
  if (sites.length > 0) parts.push(drawTable(SITE_HEAD, sites), left(inspection));
  for (const sentence of inspectSentences(inspection, text)) parts.push(`${sentence}\n`);
  return parts.join("");
}

export function inspectMarkdown({ text, inspection }: InspectRecord): string {
  const table = (head: readonly Cell[], rows: readonly (readonly Cell[])[]): string =>
    rows.length === 0 ? "" : `${markdownHead(head.map(String))}${rows.map(markdownRow).join("")}\n`;
  return [
    `## ${markdownText(visible(text))}\n\n`,
    table(LAYER_HEAD, layerRows(inspection)),
    table(SITE_HEAD, siteRows(inspection)),
    ...inspectSentences(inspection, text).map((sentence) => `- ${markdownText(sentence)}\n`),
  ].join("");
}

function left({ sites }: Inspection): string {
  const more = sites.length - MOST_SITES;
  return more > 0 ? `${more} more places take less.\n` : "";
}
