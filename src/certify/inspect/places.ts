/**
 * Words of a text, and the gaps between and around them, as places of single edits.
 *
 * Promise: every single edit belongs to exactly one place. An edit inside a word, at its edges too, is the word's, unless it writes
 * white space at an edge; all others are a gap's.
 */
import { codePoints, fromCodePoints } from "../../text/code-points.js";
import type { TextEdit } from "../../tokenizer/reach.js";
import type { InspectedSite } from "./inspection.js";

export interface Place {
  readonly kind: "word" | "gap";
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

const SPACE = /^\s$/u;

export class Places {
  readonly points: Uint32Array;
  /** Words, left to right. */
  private readonly words: Place[] = [];
  private readonly gaps = new Map<number, Place>();

  constructor(text: string) {
    this.points = codePoints(text);
    let begin = -1;
    for (let i = 0; i <= this.points.length; i++) {
      const inside = i < this.points.length && !this.isSpace(i);
      if (inside && begin < 0) begin = i;
      if (inside || begin < 0) continue;
      this.words.push({ kind: "word", text: this.slice(begin, i), begin, end: i });
      begin = -1;
    }
  }

  of(edit: TextEdit): Place {
    const { at, remove, insert } = edit;
    let w = this.words.findIndex(({ end }) => at <= end);
    if (w < 0) w = this.words.length;
    const word = this.words[w];
    if (word !== undefined && remove === 1 && at >= word.begin && at < word.end) return word;
    if (word !== undefined && remove === 0 && at >= word.begin) {
      const edge = at === word.begin || at === word.end;
      if (!(edge && SPACE.test(String.fromCodePoint(insert)))) return word;
      return this.gap(at === word.begin ? w : w + 1);
    }
    // White space right behind a word lies in the gap after it.
    return this.gap(word !== undefined && at === word.end ? w + 1 : w);
  }

  /** The gap before word w, with the words on both sides. */
  private gap(w: number): Place {
    let gap = this.gaps.get(w);
    if (gap === undefined) {
      const begin = this.words[w - 1]?.begin ?? 0;
      const end = this.words[w]?.end ?? this.points.length;
      gap = { kind: "gap", text: this.slice(begin, end), begin, end };
      this.gaps.set(w, gap);
    }
    return gap;
  }

  /** What a place becomes by an edit of it. */
  after({ begin, end }: Place, { at, remove, insert }: TextEdit): string {
    const put = insert < 0 ? "" : String.fromCodePoint(insert);
    return this.slice(begin, at) + put + this.slice(at + remove, end);
  }

  /** The whole text after an edit. */
  edited({ at, remove, insert }: TextEdit): string {
    const put = insert < 0 ? "" : String.fromCodePoint(insert);
    return this.slice(0, at) + put + this.slice(at + remove, this.points.length);
  }

  private slice(from: number, to: number): string {
    return fromCodePoints(this.points.subarray(from, Math.max(from, to)));
  }

  private isSpace(i: number): boolean {
    return SPACE.test(String.fromCodePoint(this.points[i]!));
  }
}

/** Keeps, for each place, the edit with the lowest margin. */
export class SiteTable {
  private readonly found = new Map<Place, { lower: number; loss: number; edit: TextEdit }>();

  constructor(readonly places: Places) {}

  /** @param loss the margin over the rival of `lower`, less `lower` */
  add(edit: TextEdit, lower: number, loss: number): void {
    const place = this.places.of(edit);
    const known = this.found.get(place);
    if (known === undefined) this.found.set(place, { lower, loss, edit });
    else if (!(lower >= known.lower)) Object.assign(known, { lower, loss, edit });
  }

  /** The dearest first. */
  sites(): InspectedSite[] {
    const sites = [...this.found].map(([place, { lower, loss, edit }]) => ({
      ...place,
      lower,
      loss,
      example: this.places.after(place, edit),
    }));
    return dearestFirst(sites);
  }
}

export function dearestFirst(sites: readonly InspectedSite[]): InspectedSite[] {
  return [...sites].sort((a, b) => (a.lower === b.lower ? a.begin - b.begin : a.lower - b.lower));
}
