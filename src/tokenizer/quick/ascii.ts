/**
 * Tokens of ASCII texts without the general machinery: what makes tens of thousands of edited words affordable.
 *
 * Promise: `read` leaves in `list` the ids that the whole tokenizer gives for the text, or says false: for texts that
 * hold anything but ASCII, or a string that is an added token in the raw or in the normalised text, or where the model
 * can't tell. Proof. No added token splits the text, so it is normalised as one stretch, isn't an added token itself, and is
 * cut into pieces that the model takes one by one. On ASCII each normaliser that is allowed here works on single
 * characters (`normal`, quick/of-parts.ts), and pre-tokenisers by kinds of characters, or by GPT-2's pattern.
 */
import { ALONE, DROPPED } from "../splitters.js";
import { pieceEnd } from "./byte-level.js";
import { IdList, type PieceModel } from "./id-list.js";

export interface AsciiParts {
  /** [128] What the normaliser makes of each code, -1 for nothing. */
  readonly normal: Int16Array;
  readonly pieces:
    | {
        readonly kind: "classes";
        /** [128] Kinds (splitters.ts). */
        readonly classes: Uint8Array;
        /** A code that stands before each piece, or -1. */
        readonly before: number;
      }
    | { readonly kind: "byte-level"; readonly spaceBefore: boolean };
  /** Strings that aren't for here. */
  readonly added: readonly string[];
  readonly model: PieceModel;
}

export class AsciiTokens {
  readonly list = new IdList();
  private units = new Uint8Array(256);
  private codes = new Uint8Array(256);
  private readonly piece = new Uint8Array(1024);
  /** [128] added tokens by their first code. */
  private readonly added: (readonly Uint8Array[] | undefined)[] = [];

  constructor(private readonly parts: AsciiParts) {
    for (const content of new Set(parts.added)) {
      const codes = Uint8Array.from(content, (character) => character.charCodeAt(0));
      this.added[codes[0]!] = [...(this.added[codes[0]!] ?? []), codes];
    }
  }

  reads(text: string): boolean {
    const { length } = text;
    if (this.units.length < length) this.units = new Uint8Array(2 * length);
    const { units } = this;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 128) return false;
      units[i] = unit;
    }
    return this.read(units, length);
  }

  /** @param units UTF-16 */
  read(units: ArrayLike<number>, length: number): boolean {
    const { parts, added } = this;
    const { normal } = parts;
    if (this.codes.length < length + 1) this.codes = new Uint8Array(2 * length + 1);
    const { codes, list } = this;
    list.length = 0;
    // A place for a space in front.
    let count = 1;
    let changed = false;
    for (let i = 0; i < length; i++) {
      const unit = units[i]!;
      if (unit >= 128) return false;
      if (added[unit] !== undefined && stands(added[unit], units, i, length)) return false;
      const code = normal[unit]!;
      if (code !== unit) changed = true;
      if (code >= 0) codes[count++] = code;
    }
    if (changed)
      for (let i = 1; i < count; i++) {
        const tokens = added[codes[i]!];
        if (tokens !== undefined && stands(tokens, codes, i, count)) return false;
      }
    return parts.pieces.kind === "classes"
      ? this.byClasses(parts.pieces.classes, parts.pieces.before, count)
      : this.byPattern(parts.pieces.spaceBefore, count);
  }

  private byClasses(classes: Uint8Array, before: number, count: number): boolean {
    const { codes, list, piece } = this;
    const { model } = this.parts;
    for (let from = 1; from < count; ) {
      const kind = classes[codes[from]!]!;
      let to = from + 1;
      if (kind !== DROPPED) {
        if (kind !== ALONE) while (to < count && classes[codes[to]!] === kind) to++;
        if (before < 0) {
          if (!model.piece(codes, from, to, list)) return false;
        } else {
          if (to - from >= piece.length) return false;
          piece[0] = before;
          for (let i = from; i < to; i++) piece[i - from + 1] = codes[i]!;
          if (!model.piece(piece, 0, to - from + 1, list)) return false;
        }
      }
      from = to;
    }
    return true;
  }

  private byPattern(spaceBefore: boolean, count: number): boolean {
    const { codes, list } = this;
    let at = 1;
    if (spaceBefore && count > 1 && codes[1] !== 0x20) codes[--at] = 0x20;
    while (at < count) {
      const end = pieceEnd(codes, at, count);
      if (!this.parts.model.piece(codes, at, end, list)) return false;
      at = end;
    }
    return true;
  }
}

function stands(tokens: readonly Uint8Array[], text: ArrayLike<number>, at: number, length: number): boolean {
  for (const token of tokens) {
    let i = 0;
    while (i < token.length && at + i < length && text[at + i] === token[i]) i++;
    if (i === token.length) return true;
  }
  return false;
}
