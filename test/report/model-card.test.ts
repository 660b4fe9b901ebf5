/** The model card tells what it was given, and nothing it wasn't. */
import { createTally } from "../../src/evaluate/metrics.js";
import { type CardFacts, modelCard } from "../../src/report/model-card.js";
import { TRAIN_DEFAULTS } from "../../src/train/options.js";
import { BLOCK_DEFAULTS } from "../../src/train/transformer/options.js";

const LEAST: CardFacts = {
  name: "tiny",
  title: "A tiny model",
  labels: ["ham", "spam"],
  tokens: 1234,
  command: "typoproof train -i a.csv -o tiny",
  date: "2026-01-02",
  version: "9.8.7",
  seconds: 12.6,
  options: { ...TRAIN_DEFAULTS, ...BLOCK_DEFAULTS },
  changed: {},
  teacher: null,
  start: null,
  vectors: null,
  embedded: 0,
  data: { name: "a.csv", trained: 77, validation: 0, leftOut: 0 },
  chosen: { epoch: 6, loss: 0.1, validation: null, best: true },
  tests: [],
};
const metrics = createTally({ limit: 3, labels: ["ham", "spam"] }).metrics();
const MOST: CardFacts = {
  ...LEAST,
  data: {
    name: "sms:train",
    trained: 77,
    validation: 8,
    leftOut: 5,
    source: "SMS, https://example.org",
    citation: "Someone (2011).",
    licence: "CC BY 4.0",
    terms: "Name the authors.",
  },
  chosen: { epoch: 4, loss: 0.1, best: true, validation: { texts: 8, clean: 0.875, certified: [0.75, 0.5] } },
  tests: [
    {
      name: "sms:test",
      metrics: {
        ...metrics,
        texts: 200,
        clean: { ...metrics.clean, count: 150, of: 200, value: 0.75 },
        byEdits: [0, 1, 2, 3].map((edits) => ({
          ...metrics.byEdits[0],
          edits,
          certified: { count: 10 * (9 - edits), of: 200, value: 0.05 * (9 - edits) },
        })),
        labels: [
          {
            label: "ham",
            texts: 150,
            recall: { value: 0.8 },
            certified: [0.7, 0.65, 0.625, 0.61].map((value) => ({ value })),
          },
          { label: "spam", texts: 50, recall: null, certified: [null, null, null, null] },
        ],
      } as never,
      withoutBlocks: null,
    },
    { name: "none.csv", metrics, withoutBlocks: null },
  ],
};

test.each([
  ["the least", LEAST],
  ["the most", MOST],
])("with %s that can be known, it has no holes", (_, facts) => {
  const card = modelCard(facts);
  expect(card).not.toMatch(/undefined|NaN|null|Infinity|\[object/);
  expect(card).toMatch(/^# A tiny model\n/);
  expect(card).toMatch(/[^\n]\n$/);
  for (const fact of [
    "`ham`, `spam`",
    'typoproof certify --model tiny "your text"',
    `Trained on ${facts.data.name}: 77 texts`,
    "```sh\ntypoproof train -i a.csv -o tiny\n```",
    "2026-01-02, typoproof 9.8.7, 13 s. 1234 patterns tokens.",
  ])
    expect(card).toContain(fact);
});

test("the least: nothing about held-out, left-out or test texts", () => {
  const card = modelCard(LEAST);
  expect(card).toContain("Trained on a.csv: 77 texts.\n");
  expect(card).toContain("Not measured on a test set.");
  expect(card).not.toMatch(/held.out|left out|Source|Licence/);
});

test("the most: origin, terms, and every figure", () => {
  const card = modelCard(MOST);
  for (const fact of [
    "77 texts, 8 more held out to choose the epoch; 5 left out because",
    "Source: SMS, https://example.org",
    "Someone (2011).",
    "Licence of the data: CC BY 4.0. Name the authors.",
    "On the 8 held-out training texts: 87.5 % right, 75.0 % certified at 1, 50.0 % certified at 2 (epoch 4 of 6).",
    "On sms:test:\n\n| texts | clean | certified at 1 | certified at 2 | certified at 3 |\n|---|---|---|---|---|\n| all 200 | 75.0 % | 40.0 % | 35.0 % | 30.0 % |\n| ham, 150 | 80.0 % | 65.0 % | 62.5 % | 61.0 % |\n| spam, 50 | - | - | - | - |\n",
    "On none.csv:",
    "| all 0 | - | - | - | - |",
  ])
    expect(card).toContain(fact);
  expect(card).not.toContain("Not measured");
});

test("what else it was made with: one teacher or several, their scale, word vectors", () => {
  const sha256 = (letter: string) => letter.repeat(64);
  const models = ["one", "two"].map((name, n) => ({ name, sha256: sha256("ab"[n]!) }));
  const share = 0.25;
  const vectors = { name: "glove.txt", sha256: sha256("c"), size: 100 };
  const both = modelCard({ ...MOST, teacher: { models, scale: 0.5, share }, vectors });
  expect(both).toContain(
    `A share of 0.25 of the loss is what the models \`one\` (SHA-256 ${sha256("a")}), \`two\` (SHA-256 ${sha256("b")}) say on average of the training texts, scores times 0.5.\n`,
  );
  expect(both).toContain(
    `Words were learned with vectors of 100 numbers from \`glove.txt\` (SHA-256 ${sha256("c")}).\n`,
  );
  const alone = modelCard({ ...MOST, teacher: { models: models.slice(0, 1), scale: 1, share } });
  expect(alone).toContain(
    `A share of 0.25 of the loss is what the model \`one\` (SHA-256 ${sha256("a")}) says of the training texts.\n`,
  );
  expect(modelCard(MOST)).not.toMatch(/A share of|vectors of/);
});
