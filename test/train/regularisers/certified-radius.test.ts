/** CRM: its definition, and that with radii in edits it trains a model that certifies more than cross-entropy does. */
import { exact } from "../../../src/certify/exact/exact.js";
import { unicodeAlphabet } from "../../../src/edits/alphabet.js";
import { NativeModel } from "../../../src/model/native.js";
import { toGrid } from "../../../src/numeric/grid.js";
import { Random } from "../../../src/numeric/random.js";
import { vocabulary } from "../../../src/tokenizer/vocabulary.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import {
  abs,
  add,
  matmul,
  max,
  mean,
  reshape,
  scale,
  tanh,
  transpose,
} from "../../../src/train/autodiff/operations.js";
import { Tape, type Tensor } from "../../../src/train/autodiff/tape.js";
import { Adam } from "../../../src/train/optimisers/adam.js";
import {
  type CertifiedRadiusOptions,
  certifiedRadius,
  editRadii,
} from "../../../src/train/regularisers/certified-radius.js";
import { crossEntropy, marginRows, margins } from "../../../src/train/regularisers/margins.js";

const OPTIONS: CertifiedRadiusOptions = { below: 3, temperature: 5 };

function penaltyOf(values: number[][], perEdit: number[], options = OPTIONS, radius?: number[]): number {
  const tape = new Tape();
  const m = tape.constant([values.length, values[0]!.length], values.flat());
  const l = tape.constant([perEdit.length], perEdit);
  const r = radius === undefined ? undefined : tape.constant([radius.length], radius);
  return evaluate({ out: certifiedRadius(m, l, options, r) }, {}).out![0]!;
}

test("the penalty by its definition, for right texts with a radius below the threshold alone", () => {
  const term = (m: number[], l: number[]) =>
    Math.log(m.reduce((sum, value, j) => sum + Math.exp((-5 * value) / (l[j]! + 1e-6)), 0)) / 5;
  const l = [1, 2];
  const [near, far, wrong, tied] = [
    [2, 3],
    [4, 7],
    [-1, 9],
    [0, 9],
  ] as const;
  expect(penaltyOf([[...near]], l)).toBeCloseTo(term([...near], l), 10);
  expect(penaltyOf([[...far]], l)).toBeCloseTo(0, 12);
  expect(penaltyOf([[...wrong]], l)).toBeCloseTo(0, 12);
  expect(penaltyOf([[...tied]], l)).toBeCloseTo(0, 12);
  expect(penaltyOf([[...near], [...far], [...wrong], [...tied]], l)).toBeCloseTo(term([...near], l) / 4, 10);
  // A radius found otherwise chooses the texts, the margins whether they are right.
  expect(penaltyOf([[...near], [...far]], l, OPTIONS, [3, 2])).toBeCloseTo(term([...far], l) / 2, 10);
});

test("it is a smooth minus radius: between -R and -R + log(rivals) / t", () => {
  for (const values of [
    [1, 1],
    [0.5, 4],
    [2, 2.1],
  ]) {
    const penalty = penaltyOf([values], [1, 1]);
    const radius = Math.min(...values);
    expect(penalty).toBeGreaterThanOrEqual(-radius - 1e-5);
    expect(penalty).toBeLessThanOrEqual(-radius + Math.log(2) / 5 + 1e-5);
  }
});

test("gradients raise the margin and lower what an edit can take", () => {
  const tape = new Tape();
  const m = tape.input("m", [1, 2]);
  const l = tape.input("l", [1, 2]);
  const [dm, dl] = gradients(certifiedRadius(m, l, OPTIONS), [m, l]);
  const at = evaluate({ dm: dm!, dl: dl! }, { m: [1, 1.5], l: [1, 1] });
  for (const slope of at.dm!) expect(slope).toBeLessThan(0);
  for (const slope of at.dl!) expect(slope).toBeGreaterThan(0);
  expect(evaluate({ r: editRadii(m, l) }, { m: [3, -1], l: [2, 0] }).r![0]).toBeCloseTo(1.5, 5);
});

test("margins: of the label over each other class; their cross-entropy is softmax's", () => {
  const tape = new Tape();
  const logits = [1, 2, 4, 0.5, -1, 3];
  const rows = tape.constant([2, 2, 3], marginRows([2, 0], 3));
  const label = margins(tape.constant([2, 3], logits), rows);
  const found = evaluate({ label, loss: crossEntropy(label) }, {});
  expect([...found.label!]).toEqual([3, 2, 1.5, -2.5]);
  const softmax = (own: number, all: number[]) =>
    -Math.log(Math.exp(own) / all.reduce((sum, z) => sum + Math.exp(z), 0));
  expect(found.loss![0]).toBeCloseTo(softmax(4, [1, 2, 4]), 10);
  expect(found.loss![1]).toBeCloseTo(softmax(0.5, [0.5, -1, 3]), 10);
});

/** Words of two labels and of none; the first words of a label are far more frequent than its last. */
const [LABEL_WORDS, NEUTRAL_WORDS, LENGTH] = [14, 14, 12];
const LETTERS = "bcdfghklmnprstvz";
const words = Array.from({ length: 2 * LABEL_WORDS + NEUTRAL_WORDS }, (_, n) => {
  // Any two differ in at least three letters, so that one edit makes a word unknown and no other.
  const [a, b] = [LETTERS[n % 16]!, LETTERS[(5 * n + Math.floor(n / 16)) % 16]!];
  return `${a}a${b}e${a}i${b}`;
});

const STEPS = 80;

interface Example {
  readonly words: number[];
  readonly label: number;
}

function examples(count: number, seed: number): Example[] {
  const random = new Random(seed);
  const own = (label: number) => label * LABEL_WORDS + Math.floor(LABEL_WORDS * random.next() ** 2);
  return Array.from({ length: count }, () => {
    const label = random.next() < 0.5 ? 0 : 1;
    const list = Array.from({ length: LENGTH }, (_, i) => {
      if (i < 6) return own(label);
      if (i < 8) return own(1 - label);
      return 2 * LABEL_WORDS + Math.floor(NEUTRAL_WORDS * random.next());
    });
    return { words: list.map((_, i) => list[(i * 5) % LENGTH]!), label };
  });
}

/** An additive model over words, evidence tanh(theta), trained on all texts at once. */
function trained(data: readonly Example[], penalty: (margins: Tensor, perEdit: Tensor) => Tensor | null) {
  const [count, size] = [data.length, words.length];
  const tape = new Tape();
  const theta = tape.input("theta", [size, 2]);
  const evidence = tanh(theta);
  const bags = new Float64Array(count * size);
  data.forEach((example, b) => {
    for (const word of example.words) bags[b * size + word] = bags[b * size + word]! + 1;
  });
  const logits = matmul(tape.constant([count, size], bags), evidence);
  const rows = tape.constant(
    [count, 1, 2],
    marginRows(
      data.map(({ label }) => label),
      2,
    ),
  );
  const label = margins(logits, rows);
  // One edit makes a word unknown, which weighs nothing, or joins two of them.
  const perWord = matmul(reshape(rows, [count, 2]), transpose(evidence, [1, 0]));
  const perEdit = reshape(scale(max(abs(perWord), 1), 2), [count, 1]);
  const extra = penalty(label, perEdit);
  const plain = mean(crossEntropy(label));
  // Radii mean something once the margins do, so the penalty begins later, as in the paper.
  const [first, later] = [plain, extra === null ? plain : add(plain, extra)].map(
    (loss) => gradients(loss, [theta])[0]!,
  );
  const values = new Float32Array(size * 2);
  const adam = new Adam();
  for (let step = 0; step < STEPS; step++) {
    const slope = step < STEPS / 4 ? first! : later!;
    adam.step("theta", values, Float32Array.from(evaluate({ slope }, { theta: values }).slope!), 0.02);
  }
  return new NativeModel(
    {
      labels: ["one", "two"],
      vocabulary: vocabulary("words", ["[UNK]", ...words]),
      evidence: Float64Array.from([0, 0, ...values], (value) => toGrid(Math.tanh(value))),
      bias: new Float64Array(2),
    },
    { name: "tiny", sha256: "0".repeat(64) },
  );
}

/** Part of the texts that are right, and right and certified at 1, 2, .. edits. */
function certifiedParts(model: NativeModel, data: readonly Example[], limit: number): number[] {
  const counts = new Array<number>(limit + 1).fill(0);
  for (const { words: list, label } of data) {
    const text = list.map((word) => words[word]).join(" ");
    const { prediction, verdict } = exact(model, text, unicodeAlphabet(), limit);
    if (prediction.index !== label) continue;
    for (let k = 0; k <= (verdict.certified ?? -1); k++) counts[k] = counts[k]! + 1;
  }
  return counts.map((count) => count / data.length);
}

test("with edit radii it certifies more than cross-entropy at equal clean accuracy", () => {
  const data = examples(80, 1);
  const held = examples(150, 2);
  const plain = certifiedParts(
    trained(data, () => null),
    held,
    2,
  );
  const crm = certifiedParts(
    trained(data, (m, l) => scale(certifiedRadius(m, l, { below: 2, temperature: 5 }), 3)),
    held,
    2,
  );
  expect(crm[0]).toBeGreaterThanOrEqual(plain[0]!);
  expect(crm[2]).toBeGreaterThan(plain[2]! + 0.05);
});
