/**
 * The text box with its heat: the same text twice, one on the other, the lower one coloured character by character.
 *
 * Promise: what is typed is never changed. A character's worst edit is told where the caret is and where the pointer is.
 * While the heat of what was typed is still computed, characters before and after the change keep theirs.
 */
import type { WorstPlaces } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import { describePlace, warmth } from "./heat.js";

/** Longer texts get no heat: as many elements would make typing slow. */
const MOST = 4000;

interface Heat {
  readonly warm: number;
  readonly breaks: boolean;
}
const COLD: Heat = { warm: 0, breaks: false };

export interface Editor {
  readonly text: string;
  set(text: string): void;
  /** `null`: there is none, and why. */
  showPlaces(text: string, worst: WorstPlaces | null, missing: string | null): void;
  focus(): void;
}

export function editor(changed: (text: string) => void): Editor {
  const area = byId<HTMLTextAreaElement>("text");
  const layer = byId("heat");
  const legend = byId("legend");
  const here = byId("here");
  let points: number[] = [];
  let heats: Heat[] = [];
  let worst: WorstPlaces | null = null;
  let why = "";
  let pointed: number | null = null;

  const draw = () => {
    if (points.length > MOST) layer.replaceChildren(area.value);
    else layer.replaceChildren(...points.map((point) => make("span", {}, String.fromCodePoint(point))));
    // An empty last line has a height too.
    layer.append("\u200b");
    paint();
  };
  const paint = () => {
    for (const [i, span] of Array.from(layer.children).entries()) {
      const { warm, breaks } = heats[i] ?? COLD;
      (span as HTMLElement).style.setProperty("--warmth", warm.toFixed(3));
      span.className = breaks ? "breaks" : "";
    }
  };
  const tell = () => {
    for (const old of layer.querySelectorAll(".here")) old.classList.remove("here");
    here.replaceChildren(worst === null ? why : "");
    const at = pointed ?? (document.activeElement === area ? caret(area) : null);
    if (worst === null || at === null || at > points.length) return;
    for (const [i, part] of describePlace(points, at, worst).entries())
      here.append(i % 2 === 1 ? make("b", {}, part) : part);
    layer.children[at]?.classList.add("here");
  };
  const take = () => {
    const before = points;
    points = Array.from(area.value, (c) => c.codePointAt(0)!);
    heats = moved(heats, before, points);
    worst = null;
    why = "";
    draw();
    tell();
  };
  area.addEventListener("input", () => {
    take();
    changed(area.value);
  });
  for (const event of ["keyup", "focus", "blur", "select", "click"]) area.addEventListener(event, tell);
  document.addEventListener("selectionchange", tell);
  area.addEventListener("pointermove", (event) => {
    pointed = spanAt(layer, area, event);
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
    },
    showPlaces(text, found, missing) {
      if (text !== area.value) return;
      why = missing ?? "";
      worst = found;
      heats =
        found === null
          ? []
          : found.places.map((place) => ({ warm: warmth(place, found.margin), breaks: place.breaks }));
      legend.hidden = found === null || points.length > MOST;
      paint();
      tell();
    },
    focus: () => area.focus(),
  };
}

/** Heat of the characters that stand before and after what changed. */
function moved(heats: readonly Heat[], before: readonly number[], after: readonly number[]): Heat[] {
  const most = Math.min(before.length, after.length);
  let same = 0;
  while (same < most && before[same] === after[same]) same++;
  let end = 0;
  while (end < most - same && before.at(-1 - end) === after.at(-1 - end)) end++;
  return after.map((_, i) => {
    if (i < same) return heats[i] ?? COLD;
    return i >= after.length - end ? (heats[i + before.length - after.length] ?? COLD) : COLD;
  });
}

/** The caret's place in code points. */
function caret(area: HTMLTextAreaElement): number {
  return [...area.value.slice(0, area.selectionStart)].length;
}

/** The character under the pointer: the text box is taken out of the way for a moment. */
function spanAt(layer: HTMLElement, area: HTMLElement, { clientX, clientY }: PointerEvent): number | null {
  area.style.pointerEvents = "none";
  layer.style.pointerEvents = "auto";
  const found = document.elementFromPoint(clientX, clientY);
  area.style.pointerEvents = "";
  layer.style.pointerEvents = "";
  if (found === null || found.parentElement !== layer) return null;
  return Array.prototype.indexOf.call(layer.children, found);
}
