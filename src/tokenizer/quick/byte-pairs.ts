/**
 * Byte-level BPE over pieces of bytes: the neighbouring pair of the lowest rank is joined, the leftmost first, until no
 * pair has a rank.
 *
 * Promise: the tokens that BPE gives for a piece. Joined strings that are no tokens are the unknown one, or nothing where there
 * is none.
 */
import type { IdList, PieceModel } from "./id-list.js";
import { PairTable } from "./pair-table.js";

export interface BytePairs {
  /** [256] how each byte is written. */
  readonly written: readonly string[];
  readonly merges: readonly (readonly [first: string, second: string])[];
  /** Id of a token, or -1 */
  idOf(token: string): number;
  /** Id of the unknown token, -1 where unknown strings give nothing. */
  readonly unknown: number;
}

const LONGEST = 256;

export function bytePairs({ written, merges, idOf, unknown }: BytePairs): PieceModel {
  const numbers = new Map<string, number>();
  const ids: number[] = [];
  const numberOf = (symbol: string): number => {
    let number = numbers.get(symbol);
    if (number === undefined) {
      number = ids.length;
      numbers.set(symbol, number);
      const id = idOf(symbol);
      ids.push(id < 0 ? unknown : id);
    }
    return number;
  };
  const ofByte = Int32Array.from(written, numberOf);
  const table = new PairTable(merges.length);
  // Of two equal merges the later counts.
  merges.forEach(([first, second], rank) => {
    table.set(numberOf(first), numberOf(second), rank, numberOf(first + second));
  });
  const idOfSymbol = Int32Array.from(ids);
  const symbols = new Int32Array(LONGEST);
  /** Slot of the pair of each symbol and the one behind it. */
  const slots = new Int32Array(LONGEST);
  return {
    piece(codes: Uint8Array, from: number, to: number, into: IdList): boolean {
      let length = to - from;
      if (length > LONGEST) return false;
      for (let i = 0; i < length; i++) symbols[i] = ofByte[codes[from + i]!]!;
      for (let i = 0; i + 1 < length; i++) slots[i] = table.find(symbols[i]!, symbols[i + 1]!);
      for (;;) {
        let best = -1;
        let lowest = 0x7fffffff;
        for (let i = 0; i + 1 < length; i++) {
          const slot = slots[i]!;
          if (slot >= 0 && table.rank[slot]! < lowest) {
            lowest = table.rank[slot]!;
            best = i;
          }
        }
        if (best < 0) break;
        symbols[best] = table.joined[slots[best]!]!;
        length--;
        for (let i = best + 1; i < length; i++) {
          symbols[i] = symbols[i + 1]!;
          slots[i] = slots[i + 1]!;
        }
        if (best > 0) slots[best - 1] = table.find(symbols[best - 1]!, symbols[best]!);
        if (best + 1 < length) slots[best] = table.find(symbols[best]!, symbols[best + 1]!);
      }
      for (let i = 0; i < length; i++) {
        const id = idOfSymbol[symbols[i]!]!;
        if (id >= 0) into.push(id);
      }
      return true;
    },
  };
}
