/**
 * A LipsLev model (Abad Rocamora et al., Certified robustness under bounded Levenshtein distance, ICLR 2025):
 *
 *     z_t = sum_u K_u e(x_{t+u}),  u = 0..q-1;     h = sum_t relu(z_t);     logits = C h / (M(E) M(K) M(W))
 *
 * x: ids of the characters (model/lipslev-characters.ts), the first `maxCharacters` of them; e(0) = 0, and the text is
 * surrounded by id 0. The window t runs over all that touch a character; the others give relu(0) = 0, so padding to
 * `maxCharacters` adds nothing. K_u is slice u of the kernel, which is a cross-correlation: K_u meets the character u
 * places after the window's first.
 *
 * What is certified is this float64 computation: `table` holds P_u[c] = K_u e(c), rounded once and for all, and z, h and the
 * logits are summed from it in the order in which `logits` does it. The three norms are divided out, as in the paper;
 * they scale margins and change no label.
 */
import { UserError } from "../failure.js";
import { type DenseMatrix, matrix } from "../numeric/matrix.js";
import { sumUp } from "../numeric/sums.js";
import type { Classifier, ModelIdentity, Prediction } from "./classifier.js";
import { type CharacterIds, type ReadText, readCharacters } from "./lipslev-characters.js";
import type { LipslevConfig } from "./lipslev-config.js";
import { distanceAbove, dualOrder, type NormOrder, normAbove, operatorNormAbove } from "./lipslev-norms.js";
import { predictionOf } from "./sequence.js";

export interface LipslevWeights extends LipslevConfig {
  readonly characters: CharacterIds;
  /** [rows, embedSize]; row 0 is zero. */
  readonly embedding: Float64Array;
  /** [hiddenSize, embedSize, kernelSize] */
  readonly kernel: Float64Array;
  /** [labels, hiddenSize] */
  readonly head: Float64Array;
}

/** Norms from above (model/lipslev-norms.ts), in the model's p. */
export interface LipslevNorms {
  /** M(E): the largest distance between two rows of the embedding. */
  readonly distance: number;
  /** The largest norm of a row of the embedding. */
  readonly largest: number;
  /** Operator norm of each slice of the kernel. */
  readonly slices: readonly number[];
  /** M(K): their sum. */
  readonly kernel: number;
  /** M(W): the largest distance between two rows of the head, in the dual norm. */
  readonly head: number;
}

/** Products of norms and sums of weights stay between these, so nothing over- or underflows. */
const LARGEST = 1e60;

export class LipslevModel implements Classifier, LipslevWeights {
  readonly kind = "lipslev";
  readonly labels: readonly string[];
  readonly p: LipslevWeights["p"];
  readonly kernelSize: number;
  readonly embedSize: number;
  readonly hiddenSize: number;
  readonly maxCharacters: number;
  readonly characters: CharacterIds;
  readonly embedding: Float64Array;
  readonly kernel: Float64Array;
  readonly head: Float64Array;
  /** Rows of the embedding: ids are below this. */
  readonly rows: number;
  /** [kernelSize, rows, hiddenSize] P_u[c] */
  readonly table: Float64Array;
  readonly norms: LipslevNorms;
  /** 1 / (M(E) M(K) M(W)) */
  readonly scale: number;

  /** @throws UserError if shapes don't fit, row 0 isn't zero, or numbers are no numbers or too large or small */
  constructor(
    weights: LipslevWeights,
    readonly identity: ModelIdentity,
  ) {
    const { labels, embedSize, hiddenSize, kernelSize, embedding, kernel, head } = weights;
    this.labels = labels;
    this.p = weights.p;
    this.kernelSize = kernelSize;
    this.embedSize = embedSize;
    this.hiddenSize = hiddenSize;
    this.maxCharacters = weights.maxCharacters;
    this.characters = weights.characters;
    this.embedding = embedding;
    this.kernel = kernel;
    this.head = head;
    this.rows = embedding.length / embedSize;
    this.check();
    this.norms = normsOf(this);
    const { distance, kernel: slices, head: rows } = this.norms;
    for (const [name, norm] of Object.entries({ "M(E)": distance, "M(K)": slices, "M(W)": rows }))
      if (!(norm > 1 / LARGEST && norm < LARGEST))
        throw new UserError(`${name} is ${norm}; allowed is from ${1 / LARGEST} to ${LARGEST}`);
    this.scale = 1 / (distance * slices * rows);
    this.table = projections(this);
  }

  private check(): void {
    const { labels, embedSize, hiddenSize, kernelSize, embedding, kernel, head, rows, characters } = this;
    if (labels.length < 2) throw new UserError(`a classifier needs at least 2 labels, not ${labels.length}`);
    const sizes: [string, Float64Array, number][] = [
      ["the embedding", embedding, Math.max(2, Math.ceil(rows)) * embedSize],
      ["the kernel", kernel, hiddenSize * embedSize * kernelSize],
      ["the head", head, labels.length * hiddenSize],
    ];
    for (const [name, { length }, needed] of sizes)
      if (length !== needed) throw new UserError(`${name} has ${length} numbers; its shape needs ${needed}`);
    for (const [name, numbers] of sizes)
      for (const x of numbers)
        if (!(Math.abs(x) < LARGEST))
          throw new UserError(`${name} holds ${x}; allowed are numbers below ${LARGEST} in size`);
    const first = embedding.subarray(0, embedSize).find((x) => x !== 0);
    if (first !== undefined)
      throw new UserError(`row 0 of the embedding holds ${first}; it stands for no character and must be 0`);
    for (const id of characters.values())
      if (!(Number.isInteger(id) && id >= 1 && id < rows))
        throw new UserError(
          `a character has the id ${id}; the embedding's ${rows} rows allow 1 to ${rows - 1}`,
        );
  }

  /** The ids of a text, not cut. */
  read(text: string): ReadText {
    return readCharacters(this.characters, text);
  }

  /** Logits of ids, of which the first `maxCharacters` are read. */
  logits(ids: ArrayLike<number>): Float64Array {
    const { kernelSize, hiddenSize, rows, table, head, labels, scale } = this;
    const length = Math.min(ids.length, this.maxCharacters);
    const sum = new Float64Array(hiddenSize);
    const z = new Float64Array(hiddenSize);
    for (let t = 1 - kernelSize; t < length; t++) {
      z.fill(0);
      for (let u = Math.max(0, -t); u < kernelSize && t + u < length; u++) {
        const row = (u * rows + ids[t + u]!) * hiddenSize;
        for (let j = 0; j < hiddenSize; j++) z[j] = z[j]! + table[row + j]!;
      }
      for (let j = 0; j < hiddenSize; j++) if (z[j]! > 0) sum[j] = sum[j]! + z[j]!;
    }
    return Float64Array.from(labels, (_, y) => {
      let logit = 0;
      for (let j = 0; j < hiddenSize; j++) logit += head[y * hiddenSize + j]! * sum[j]!;
      return logit * scale;
    });
  }

  predict(text: string): Prediction {
    return this.prediction(this.logits(this.read(text).ids));
  }

  /** Equal logits go to the lowest index. */
  prediction(logits: Float64Array): Prediction {
    return predictionOf(this.labels, logits);
  }
}

/** Slice u of the kernel. */
function slice({ kernel, hiddenSize, embedSize, kernelSize }: LipslevWeights, u: number): DenseMatrix {
  return matrix(
    hiddenSize,
    embedSize,
    Float64Array.from({ length: hiddenSize * embedSize }, (_, i) => kernel[i * kernelSize + u]!),
  );
}

function projections(model: LipslevModel): Float64Array {
  const { kernelSize, rows, hiddenSize, embedSize, embedding } = model;
  const table = new Float64Array(kernelSize * rows * hiddenSize);
  for (let u = 0; u < kernelSize; u++) {
    const { data } = slice(model, u);
    for (let c = 1; c < rows; c++)
      for (let j = 0; j < hiddenSize; j++) {
        let sum = 0;
        for (let d = 0; d < embedSize; d++) sum += data[j * embedSize + d]! * embedding[c * embedSize + d]!;
        table[(u * rows + c) * hiddenSize + j] = sum;
      }
  }
  return table;
}

function normsOf(model: LipslevModel): LipslevNorms {
  const { p, embedding, embedSize, head, hiddenSize, kernelSize } = model;
  const slices = Array.from({ length: kernelSize }, (_, u) => operatorNormAbove(slice(model, u), p));
  const rows = rowsOf(embedding, embedSize);
  return {
    distance: farthest(rows, p),
    largest: Math.max(...rows.map((row) => normAbove(row, p))),
    slices,
    kernel: sumUp(slices),
    head: farthest(rowsOf(head, hiddenSize), dualOrder(p)),
  };
}

function rowsOf(numbers: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: numbers.length / width }, (_, i) =>
    numbers.subarray(i * width, (i + 1) * width),
  );
}

function farthest(rows: readonly Float64Array[], p: NormOrder): number {
  let most = 0;
  for (const [i, a] of rows.entries())
    for (const b of rows.slice(0, i)) most = Math.max(most, distanceAbove(a, b, p));
  return most;
}
