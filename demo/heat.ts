/** How warm a character is, and in words what the worst edit there does. */
import type { PlaceEdit, WorstAtPlace, WorstPlaces } from "../src/browser/index.js";
import { character, margin } from "./numbers.js";

/** Opaque enough to be seen, never so much that the text on it can't be read. */
const WARMEST = 0.62;

/** 0..WARMEST: by the share of the margin that the worst edit takes, bent so that the worst stand out. */
export function warmth({ margin: left }: WorstAtPlace, unedited: number): number {
  if (unedited <= 0) return WARMEST;
  const share = Math.min(1, Math.max(0, (unedited - left) / unedited));
  return share ** 1.4 * WARMEST;
}

/** In parts: what is plain and what is emphasised, in turn. */
export function describePlace(
  points: readonly number[],
  at: number,
  { margin: unedited, places }: WorstPlaces,
): string[] {
  const place = places[at];
  if (place === undefined) return [];
  const where = at < points.length ? `At ${character(points[at]!)}, ` : "At the end, ";
  if (place.edit === null) return [`${where}no edit lowers the margin of `, margin(unedited), "."];
  const effect = place.breaks ? "and the answer changes" : "of";
  return [
    `${where}the worst is to `,
    inWords(place.edit),
    `: it leaves a margin of `,
    margin(place.margin),
    place.breaks ? `, ${effect}.` : ` ${effect} ${margin(unedited)}.`,
  ];
}

function inWords({ kind, point }: PlaceEdit): string {
  if (kind === "delete") return "delete it";
  return kind === "substitute" ? `write ${character(point)} over it` : `put ${character(point)} before it`;
}
