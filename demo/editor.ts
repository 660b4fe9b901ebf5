/**
 * The text box with its heat: the same text twice, one on the other, the lower one coloured character by character.
 *
 * Promise: what is typed is never changed. A character's worst edit is told where the caret is and where the pointer is.
 */
import type { WorstPlaces } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import { describePlace, warmth } from "./heat.js";
import { HeatLayer, MOST_COLOURED } from "./heat-layer.js";

export interface Editor {
  readonly text: string;
  set(text: string): void;
  /** `null`: there is none, and why. */
  showPlaces(text: string, worst: WorstPlaces | null, missing: string | null): void;
  focus(): void;
}

export function editor(changed: (text: string) => void): Editor {
  const area = byId<HTMLTextAreaElement>("text");
  const legend = byId("legend");
  const here = byId("here");
  const layer = new HeatLayer();
  let points: number[] = [];
  let worst: WorstPlaces | null = null;
  let why = "";
  let pointed: number | null = null;
  let told = "";

  const tell = () => {
    const at = worst === null ? null : (pointed ?? (document.activeElement === area ? caret(area) : null));
    layer.mark(at);
    const parts =
      worst === null || at === null ? [worst === null ? why : ""] : describePlace(points, at, worst);
    if (parts.join() === told) return;
    told = parts.join();
    here.replaceChildren(...parts.map((part, i) => (i % 2 === 1 ? make("b", {}, part) : part)));
  };
  const take = () => {
    points = Array.from(area.value, (c) => c.codePointAt(0)!);
    worst = null;
    why = "";
    layer.set(area.value, points);
    layer.mark(null);
  };
  area.addEventListener("input", () => {
    take();
    changed(area.value);
  });
  for (const event of ["focus", "blur"]) area.addEventListener(event, tell);
  document.addEventListener("selectionchange", tell);
  area.addEventListener("selectionchange", tell);
  area.addEventListener("pointermove", ({ clientX, clientY }) => {
    pointed = layer.at(clientX, clientY, area);
    tell();
  });
  area.addEventListener("pointerleave", () => {
    pointed = null;
    tell();
  });
  return {
    get text() {
      return area.value;
    },
    set(text) {
      area.value = text;
      take();
      tell();
    },
    showPlaces(text, found, missing) {
      if (text !== area.value) return;
      why = missing ?? "";
      worst = found;
      const { places, margin } = found ?? { places: null, margin: 0 };
      layer.paint(places?.map((place) => ({ warm: warmth(place, margin), breaks: place.breaks })) ?? null);
      legend.hidden = found === null || points.length > MOST_COLOURED;
      tell();
    },
    focus: () => area.focus(),
  };
}

/** The caret's place in code points. */
function caret(area: HTMLTextAreaElement): number {
  return [...area.value.slice(0, area.selectionStart)].length;
}
