/** The loss of one text against its definition, and its gradient against differences of the loss. */
import { SYMBOL_CHARACTERS } from "../../src/text/symbols.js";
import { VOCABULARY_KINDS, type VocabularyKind } from "../../src/tokenizer/vocabulary.js";
import { allWithin } from "../oracle/all-within.js";
import { plainTokens } from "../oracle/plain-tokens.js";
import { printed, trainer } from "./examples.js";

type Trainer = ReturnType<typeof trainer>;

/** Margins of a text by its definition: a sum over plain tokens. */
function margin({ vocabulary, parameters }: Trainer, text: string, label: number, rival: number): number {
  const { evidence, bias, classes } = parameters;
  let sum = bias[label]! - bias[rival]!;
  for (const token of plainTokens(vocabulary, text)) {
    const at = vocabulary.tokens.indexOf(token) * classes;
    sum += evidence[at + label]! - evidence[at + rival]!;
  }
  return sum;
}

/** The margin that a loss with one rival was taken at. */
const marginOf = (loss: number, { options, weight }: Trainer, label: number): number =>
  -Math.log(Math.expm1(loss / weight[label]!)) / options.temperature;

/** Adds text `index` until the adversary has looked at all its words, so that its choice no longer moves. */
function settled(t: Trainer, index: number) {
  const objective = t.objective();
  for (let n = 0; n < 12; n++) objective.add(index);
  t.parameters.gradient.fill(0);
  t.parameters.biasGradient.fill(0);
  return objective;
}

const cases: [VocabularyKind, number, number][] = VOCABULARY_KINDS.flatMap((kind) =>
  [0, 1, 2].flatMap((edits) =>
    [2, 3].map((labels) => [kind, edits, labels] as [VocabularyKind, number, number]),
  ),
);

test.each(cases)("%s, %i edits, %i labels: the gradient is that of the loss", (kind, worstEdits, labels) => {
  const h = 1e-5;
  let steep = 0;
  for (const index of [0, 3, 7]) {
    const t = trainer(kind, labels, 11 + index, { worstEdits, temperature: 0.8 });
    const { evidence, bias, gradient, biasGradient } = t.parameters;
    const objective = settled(t, index);
    objective.add(index);
    const slopes = gradient.slice();
    const biasSlopes = biasGradient.slice();
    const difference = (values: Float64Array, k: number): number => {
      const held = values[k]!;
      values[k] = held + h;
      const up = objective.add(index);
      values[k] = held - h;
      const down = objective.add(index);
      values[k] = held;
      return (up - down) / (2 * h);
    };
    for (let k = 0; k < evidence.length; k++) {
      const expected = difference(evidence, k);
      if (Math.abs(slopes[k]! - expected) > 1e-7)
        throw new Error(
          `token ${t.vocabulary.tokens[Math.floor(k / labels)]}: ${slopes[k]}, not ${expected}`,
        );
      if (slopes[k] !== 0) steep++;
    }
    for (let y = 0; y < labels; y++)
      expect(Math.abs(biasSlopes[y]! - difference(bias, y))).toBeLessThan(1e-7);
  }
  expect(steep).toBeGreaterThan(5);
});

test.each(VOCABULARY_KINDS)(
  "%s: without an adversary the loss is cross-entropy of the plain margins",
  (kind) => {
    const t = trainer(kind, 3, 5, { worstEdits: 0, temperature: 0.7 });
    const objective = t.objective();
    t.texts.texts.forEach((text, index) => {
      const label = t.texts.labels[index]!;
      let sum = 1;
      for (const rival of [0, 1, 2].filter((y) => y !== label))
        sum += Math.exp(-0.7 * margin(t, printed(t.texts.words, text), label, rival));
      expect(objective.add(index)).toBeCloseTo(t.weight[label]! * Math.log(sum), 10);
    });
  },
);

test.each(VOCABULARY_KINDS)(
  "%s: one edit lowers the margin by no more than the worst edit of the text",
  (kind) => {
    let taken = 0;
    let possible = 0;
    for (const seed of [1, 2]) {
      const t = trainer(kind, 2, seed, { worstEdits: 1, temperature: 1 });
      for (let index = 0; index < 6; index++) {
        const text = printed(t.texts.words, t.texts.texts[index]!);
        const label = t.texts.labels[index]!;
        const clean = margin(t, text, label, 1 - label);
        const attacked = marginOf(settled(t, index).add(index), t, label);
        const strings = allWithin(text, SYMBOL_CHARACTERS, 1).flat();
        const worst = Math.min(...strings.map((edited) => margin(t, edited, label, 1 - label)));
        expect(attacked).toBeLessThanOrEqual(clean + 1e-9);
        expect(attacked).toBeGreaterThanOrEqual(worst - 1e-9);
        taken += clean - attacked;
        possible += clean - worst;
      }
    }
    // It isn't promised to find the worst edit, but one that takes little is no adversary.
    expect(taken / possible).toBeGreaterThan(0.4);
  },
);

test("more edits never raise the margin, and change no word twice", () => {
  for (let index = 0; index < 10; index++) {
    const losses = [0, 1, 2, 3, 100].map((worstEdits) => {
      const t = trainer("words", 2, 9, { worstEdits });
      return settled(t, index).add(index);
    });
    for (let n = 1; n < losses.length; n++) expect(losses[n]).toBeGreaterThanOrEqual(losses[n - 1]! - 1e-12);
    // With edits without end, each word (or pair of words) is changed at most once: the loss stays within that.
    const t = trainer("words", 2, 9, {});
    const { parameters, texts, vocabulary } = t;
    const label = texts.labels[index]!;
    const value = (id: number) =>
      parameters.evidence[id * 2 + label]! - parameters.evidence[id * 2 + 1 - label]!;
    const least = Math.min(0, ...vocabulary.tokens.map((_, id) => value(id)));
    // A word can become two.
    const lowest =
      parameters.bias[label]! - parameters.bias[1 - label]! + 2 * least * texts.texts[index]!.length;
    expect(marginOf(losses.at(-1)!, t, label)).toBeGreaterThanOrEqual(lowest - 1e-9);
  }
});

test("dropout leaves out words of the text, by the seed", () => {
  const t = trainer("words", 2, 4, { worstEdits: 0, dropout: 0.5, temperature: 1 });
  const index = t.texts.texts.findIndex((text) => text.length === 4);
  const label = t.texts.labels[index]!;
  const words = printed(t.texts.words, t.texts.texts[index]!).split(" ");
  const possible = Array.from({ length: 16 }, (_, mask) =>
    margin(t, words.filter((_, i) => mask & (1 << i)).join(" "), label, 1 - label),
  );
  const draw = () => {
    const objective = t.objective();
    return Array.from({ length: 30 }, () => marginOf(objective.add(index), t, label));
  };
  const margins = draw();
  for (const m of margins) expect(Math.min(...possible.map((p) => Math.abs(p - m)))).toBeLessThan(1e-9);
  expect(new Set(margins.map((m) => m.toFixed(9))).size).toBeGreaterThan(4);
  expect(draw()).toEqual(margins);
});
