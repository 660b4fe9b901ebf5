/**
 * The text under the text box, one element for each character, coloured.
 *
 * Promise: it always holds the text it was given last. Characters before and after a change keep their elements, and with
 * them their colour until they get another one; only what differs is touched, so that typing stays light.
 */
import { byId, make } from "./dom.js";

/** Longer texts get no colour: as many elements would make typing slow. */
export const MOST_COLOURED = 4000;

export interface Heat {
  readonly warm: number;
  readonly breaks: boolean;
}

export class HeatLayer {
  private readonly layer = byId("heat");
  /** An empty last line has a height too. */
  private readonly end = make("span", {}, "\u200b");
  private points: readonly number[] = [];
  private spans: HTMLElement[] = [];
  private marked: HTMLElement | null = null;

  constructor() {
    this.layer.replaceChildren(this.end);
  }

  set(text: string, points: readonly number[]): void {
    if (points.length > MOST_COLOURED) {
      this.layer.replaceChildren(text, this.end);
      this.points = [];
      this.spans = [];
      return;
    }
    if (this.spans.length === 0) this.layer.replaceChildren(this.end);
    const before = this.points;
    const most = Math.min(before.length, points.length);
    let same = 0;
    while (same < most && before[same] === points[same]) same++;
    let after = 0;
    while (after < most - same && before.at(-1 - after) === points.at(-1 - after)) after++;
    const made = points
      .slice(same, points.length - after)
      .map((point) => make("span", {}, String.fromCodePoint(point)));
    const following = this.spans[before.length - after] ?? this.end;
    const gone = this.spans.splice(same, before.length - after - same, ...made);
    for (const span of gone) span.remove();
    following.before(...made);
    this.points = points;
  }

  /** `heats[i]` of character i, the last of the end; null takes all colour away. */
  paint(heats: readonly Heat[] | null): void {
    for (const [i, span] of [...this.spans, this.end].entries()) {
      const heat = heats?.[i] ?? { warm: 0, breaks: false };
      const warm = heat.warm.toFixed(3);
      if (span.style.getPropertyValue("--warmth") !== warm) span.style.setProperty("--warmth", warm);
      span.classList.toggle("breaks", heat.breaks);
    }
  }

  /** Frames one character, or the end, or nothing. */
  mark(at: number | null): void {
    const span = at === null ? null : at === this.points.length ? this.end : (this.spans[at] ?? null);
    if (span === this.marked) return;
    this.marked?.classList.remove("here");
    span?.classList.add("here");
    this.marked = span;
  }

  /** The character under a point of the window; `above` is what lies on it and is taken out of the way for a moment. */
  at(x: number, y: number, above: HTMLElement): number | null {
    above.style.pointerEvents = "none";
    this.layer.style.pointerEvents = "auto";
    const found = document.elementFromPoint(x, y);
    above.style.pointerEvents = "";
    this.layer.style.pointerEvents = "";
    const place = this.spans.indexOf(found as HTMLElement);
    return place < 0 ? null : place;
  }
}
