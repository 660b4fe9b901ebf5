/**
 * What words have in common by their vectors: a linear map from a word's vector to evidence, learned together with the
 * evidence that each word has of its own.
 *
 *     evidence_w,y = bound_w tanh(theta_w,y + a_y . vector_w)
 *
 * So a word that hardly any training text has gets the evidence of words like it. One step of the map moves all words, which
 * would be dear after every batch: gradients are gathered over `GATHERED` batches, and then it takes one step of Adam.
 */
import type { TokenVectors } from "./word-vectors.js";

/** Batches between two steps of the map. */
export const GATHERED = 20;

export class SharedMap {
  /** [rows * classes] a_y . vector of each row. */
  readonly offsets: Float64Array;
  /** [tokens] row of a token, or -1. */
  readonly rowOf: Int32Array;
  /** [classes * size] */
  private readonly map: Float64Array;
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  /** [rows * classes] gradients since the last step. */
  private readonly gathered: Float64Array;
  /** Batches gathered, steps taken. */
  private readonly counts = new Int32Array(2);

  constructor(
    tokens: number,
    private readonly classes: number,
    readonly vectors: TokenVectors,
  ) {
    const rows = vectors.tokens.length;
    this.rowOf = new Int32Array(tokens).fill(-1);
    vectors.tokens.forEach((token, row) => {
      this.rowOf[token] = row;
    });
    this.offsets = new Float64Array(rows * classes);
    this.gathered = new Float64Array(rows * classes);
    this.map = new Float64Array(classes * vectors.size);
    this.first = new Float64Array(classes * vectors.size);
    this.second = new Float64Array(classes * vectors.size);
  }

  /** All that is carried from one step to the next. */
  state(): Map<string, Float64Array | Int32Array> {
    return new Map<string, Float64Array | Int32Array>([
      ["map", this.map],
      ["map.first", this.first],
      ["map.second", this.second],
      ["map.gathered", this.gathered],
      ["map.counts", this.counts],
    ]);
  }

  /** Adds to the gradient of (row, y), as a mean over its batch. */
  gather(row: number, y: number, amount: number): void {
    const at = row * this.classes + y;
    this.gathered[at] = this.gathered[at]! + amount;
  }

  /** To be called after each batch; true if the map, and so every offset, has moved. */
  batch(rate: number): boolean {
    this.counts[0] = this.counts[0]! + 1;
    if (this.counts[0]! < GATHERED) return false;
    this.counts[0] = 0;
    this.counts[1] = this.counts[1]! + 1;
    this.step(rate);
    this.gathered.fill(0);
    this.refresh();
    return true;
  }

  /** Offsets by the map as it is. */
  refresh(): void {
    const { classes, map, offsets } = this;
    const { size, data } = this.vectors;
    for (let row = 0; row * classes < offsets.length; row++)
      for (let y = 0; y < classes; y++) {
        let sum = 0;
        for (let c = 0; c < size; c++) sum += map[y * size + c]! * data[row * size + c]!;
        offsets[row * classes + y] = sum;
      }
  }

  private step(rate: number): void {
    const { classes, map, first, second, gathered } = this;
    const { size, data } = this.vectors;
    const gradient = new Float64Array(map.length);
    for (let at = 0; at < gathered.length; at++) {
      const amount = gathered[at]! / GATHERED;
      if (amount === 0) continue;
      const row = Math.floor(at / classes) * size;
      const y = (at % classes) * size;
      for (let c = 0; c < size; c++) gradient[y + c] = gradient[y + c]! + amount * data[row + c]!;
    }
    const steps = this.counts[1]!;
    const unbiasedFirst = 1 - DECAY_FIRST ** steps;
    const unbiasedSecond = 1 - DECAY_SECOND ** steps;
    for (let k = 0; k < map.length; k++) {
      const g = gradient[k]!;
      first[k] = DECAY_FIRST * first[k]! + (1 - DECAY_FIRST) * g;
      second[k] = DECAY_SECOND * second[k]! + (1 - DECAY_SECOND) * g * g;
      map[k] =
        map[k]! - (rate * (first[k]! / unbiasedFirst)) / (Math.sqrt(second[k]! / unbiasedSecond) + EPSILON);
    }
  }
}

const DECAY_FIRST = 0.9;
const DECAY_SECOND = 0.99;
const EPSILON = 1e-8;
