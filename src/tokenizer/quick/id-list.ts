/**
 * A growing list of token ids, made once and used again for every text.
 */
export class IdList {
  ids = new Int32Array(256);
  length = 0;

  push(id: number): void {
    if (this.length === this.ids.length) {
      const grown = new Int32Array(2 * this.length);
      grown.set(this.ids);
      this.ids = grown;
    }
    this.ids[this.length++] = id;
  }
}

/** A model that makes tokens of one piece of text at a time. */
export interface PieceModel {
  /** Appends the tokens of codes[from, to), which isn't empty; false where it can't tell, whatever it has appended. */
  piece(codes: Uint8Array, from: number, to: number, into: IdList): boolean;
}
