/** Where one edit's bound is spent, for models of any kind: the dearest places of the text, and the layers. */
import type { Inspection } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import { margin } from "./numbers.js";

const MOST = 8;

export function showInspection({ sites, layers, rival, notes }: Inspection): void {
  const shown = (value: number): string => (Number.isFinite(value) ? margin(value) : "no bound");
  const places = sites
    .slice(0, MOST)
    .map(({ kind, text, lower, loss }) => [
      kind === "gap" ? `between: ${text}` : text,
      shown(loss),
      shown(lower),
    ]);
  const rows = layers.map(({ name, loss, share }) => [
    name,
    shown(loss),
    `${Math.abs(Math.round(100 * share))} %`,
  ]);
  byId("words").replaceChildren(
    make(
      "p",
      { class: "note" },
      `Of the margin over ${rival.label}, ${margin(rival.margin)}, after the worst single edit.`,
    ),
    ...(places.length === 0 ? [] : [table(["place", "one edit takes", "and leaves"], places)]),
    ...(rows.length === 0 ? [] : [table(["layer", "loses", "share"], rows)]),
    ...notes.map((note) => make("p", { class: "note" }, note)),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): HTMLTableElement {
  return make(
    "table",
    { class: "words" },
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make(
      "tbody",
      {},
      ...rows.map(([first, ...rest]) =>
        make(
          "tr",
          {},
          make("th", { scope: "row", title: first! }, first!),
          ...rest.map((cell) => make("td", {}, cell)),
        ),
      ),
    ),
  );
}
