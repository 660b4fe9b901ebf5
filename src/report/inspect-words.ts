/**
 * An inspection in sentences: what one edit makes of the margin, and what would have to change for it to be certified.
 *
 * Promise: every sentence repeats figures of the inspection and adds none; text from the input is made visible and quoted.
 */
import type { Inspection, NeededChange } from "../certify/inspect/inspection.js";
import { changes } from "./changes.js";
import { plainMark } from "./mark.js";
import { count, score } from "./numbers.js";
import { shorten, visible } from "./visible.js";

/** Layers that are named, those that need least first. */
const MOST_LAYERS = 3;
const MOST_SITES = 5;

type LayerChange = Extract<NeededChange, { readonly what: "layer" }>;

/** The answer first, then what would have to change. */
export function inspectSentences(found: Inspection, text: string): string[] {
  return [...answer(found), ...worst(found, text), ...needed(found), ...found.notes];
}

function answer({ prediction, margin, rival, bound, loss, certified, kind, least }: Inspection): string[] {
  const label = `'${visible(prediction.label)}'`;
  const other = `'${visible(rival.label)}'`;
  const head = `This is ${label} by a margin of ${score(margin)}.`;
  if (bound === null || loss === null) {
    const seen = least === null ? "" : ` The least margin seen after one edit is ${score(least)}.`;
    return [`${head} No bound of one edit is known.${seen}`];
  }
  const over =
    rival.margin === margin ? `Over ${other}` : `Over ${other}, which it leads by ${score(rival.margin)},`;
  const lose = kind === "additive" ? "one edit takes at most" : "the bound of one edit takes";
  const left = `${over} ${lose} ${score(loss)}, which leaves ${score(bound)}`;
  let verdict = "so one edit isn't certified";
  if (certified) verdict = bound > 0 ? "so one edit is certified" : "and one edit is certified all the same";
  return [`${head} ${left}, ${verdict}.`];
}

function worst({ worst: edit, kind }: Inspection, text: string): string[] {
  if (edit === null) return [];
  if (edit.text === text) return ["No edit takes anything."];
  const shown = changes(text, edit.text, plainMark);
  const really = kind === "additive" ? "leaves" : "really leaves";
  const breaks = edit.flips ? " It changes the label, so nothing can certify one edit." : "";
  return [`The worst edit ${really} ${score(edit.margin)}: ${shown}.${breaks}`];
}

function needed({ changes: all, certified, bound, worst: edit, layers }: Inspection): string[] {
  const sentences: string[] = [];
  const room = certified && bound !== null && bound > 0;
  const then = certified ? "the bound alone would be enough" : "one edit would be certified";
  for (const change of all)
    if (change.what === "margin" && Number.isFinite(change.needed))
      sentences.push(
        room
          ? `The margin may be as low as ${score(change.needed)} instead of ${score(change.now)}.`
          : `${certified ? "For the bound alone the margin" : "The margin"} would have to be above ${score(change.needed)} instead of ${score(change.now)}.`,
      );
  if (edit?.flips !== true) sentences.push(...layerSentences(all, layers.length, then));
  for (const change of all)
    if (change.what === "sites") {
      const named = change.sites.slice(0, MOST_SITES).map((site) => `"${shorten(visible(site), 24)}"`);
      const more = change.sites.length - named.length;
      sentences.push(
        `${change.sites.length} of ${count(change.of, "place")} would have to be spared: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`,
      );
    }
  return sentences;
}

function layerSentences(all: readonly NeededChange[], layers: number, then: string): string[] {
  const changes = all.filter((change): change is LayerChange => change.what === "layer");
  const able = changes
    .filter(({ scale }) => scale !== null)
    .sort((a, b) => b.scale! - a.scale!)
    .slice(0, MOST_LAYERS);
  const sentences = able.map((change) => layerSentence(change, then));
  if (able.length === 0 && changes.length > 0 && layers > 0)
    sentences.push("No layer by itself could be bounded so well that one edit were certified.");
  return sentences;
}

function layerSentence({ layer, scale, now, needed: most, measured }: LayerChange, then: string): string {
  const name = `${layer[0]!.toUpperCase()}${layer.slice(1)}`;
  if (now === null || most === null)
    return `${name} may lose ${percent(scale!)} of what its bound says at most; then ${then}.`;
  const real = measured === null ? "" : `, ${times(measured)} at the worst edit as measured`;
  const short = measured !== null && most < measured ? " That is less than it really makes of it." : "";
  return `${name} makes ${times(now)} of what enters it by its bound${real}; with ${times(most)} at most ${then}.${short}`;
}

/** A factor: "14.0 times". */
export function times(factor: number): string {
  if (!Number.isFinite(factor)) return "without bound";
  const plain = factor === 0 || (factor >= 1e-3 && factor < 1e6);
  return `${plain ? factor.toPrecision(3) : factor.toExponential(2)} times`;
}

/** A share: "61.5 %", "< 0.1 %". */
export function percent(share: number): string {
  // What is rounding's alone is 0.
  const value = Math.abs(share) < 1e-9 ? 0 : 100 * share;
  if (value !== 0 && Math.abs(value) < 0.05) return value < 0 ? "> -0.1 %" : "< 0.1 %";
  return `${value.toFixed(1)} %`;
}
