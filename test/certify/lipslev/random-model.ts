/** Small random LipsLev models, and their forward written plainly from the definition. */
import { LipslevModel, type LipslevWeights } from "../../../src/model/lipslev.js";
import { lipslevIdentityBytes } from "../../../src/model/lipslev-folder.js";
import type { NormOrder } from "../../../src/model/lipslev-norms.js";
import { sha256 } from "./shared.js";

export interface RandomOptions {
  readonly letters?: string;
  readonly kernelSize?: number;
  readonly maxCharacters?: number;
  readonly labels?: number;
  readonly p?: NormOrder;
  /** Added to the first class's row of the head, so that some texts have a wide margin. */
  readonly lean?: number;
}

export function modelOf(weights: LipslevWeights): LipslevModel {
  return new LipslevModel(weights, { name: "test", sha256: sha256(lipslevIdentityBytes(weights)) });
}

/** `random` gives numbers in [0, 1). */
export function randomLipslev(random: () => number, options: RandomOptions = {}): LipslevModel {
  const { letters = "abc", kernelSize = 3, maxCharacters = 50, labels = 2, p = 2, lean = 0 } = options;
  const embedSize = 1 + Math.floor(random() * 3);
  const hiddenSize = 2 + Math.floor(random() * 5);
  const normal = () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random();
    return sum;
  };
  const numbers = (length: number) => Float64Array.from({ length }, normal);
  const embedding = numbers((letters.length + 1) * embedSize).fill(0, 0, embedSize);
  // Slices of very different size make the place of an edit in its window count.
  const weights = Array.from({ length: kernelSize }, () => random() ** 2);
  const kernel = numbers(hiddenSize * embedSize * kernelSize).map((x, i) => x * weights[i % kernelSize]!);
  const head = numbers(labels * hiddenSize);
  for (let j = 0; j < hiddenSize; j++) head[j] = head[j]! + lean;
  return modelOf({
    labels: Array.from({ length: labels }, (_, y) => `class ${y}`),
    p,
    kernelSize,
    embedSize,
    hiddenSize,
    maxCharacters,
    characters: new Map([...letters].map((c, i) => [c.codePointAt(0)!, i + 1])),
    embedding,
    kernel,
    head,
  });
}

/** The logits of a text, by padding and convolving as the definition says. */
export function plainLogits(model: LipslevModel, text: string): number[] {
  const { kernelSize: q, embedSize: d, hiddenSize, embedding, kernel, head, labels, norms } = model;
  const ids: number[] = [];
  for (const c of text) {
    const lower = [...c.toLowerCase()];
    const id = lower.length === 1 ? model.characters.get(lower[0]!.codePointAt(0)!) : undefined;
    if (id !== undefined && ids.length < model.maxCharacters) ids.push(id);
  }
  while (ids.length < model.maxCharacters) ids.push(0);
  const padded = [...new Array<number>(q - 1).fill(0), ...ids, ...new Array<number>(q - 1).fill(0)];
  const pooled = new Array<number>(hiddenSize).fill(0);
  for (let t = 0; t + q <= padded.length; t++)
    for (let o = 0; o < hiddenSize; o++) {
      let z = 0;
      for (let k = 0; k < q; k++)
        for (let i = 0; i < d; i++)
          z +=
            (kernel[(o * d + i) * q + k]! / norms.kernel) *
            (embedding[padded[t + k]! * d + i]! / norms.distance);
      pooled[o] = pooled[o]! + Math.max(0, z);
    }
  return labels.map((_, y) =>
    pooled.reduce((sum, h, o) => sum + (head[y * hiddenSize + o]! * h) / norms.head, 0),
  );
}

export function marginOf(logits: ArrayLike<number>, winner: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let y = 0; y < logits.length; y++) if (y !== winner && logits[y]! > best) best = logits[y]!;
  return logits[winner]! - best;
}
