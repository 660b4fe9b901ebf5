/**
 * Certified radius maximisation with radii in edits, on real film reviews (../shared/data/sst2): it certifies more than plain
 * cross-entropy does, and no fewer texts are right.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { datasetInput } from "../../../src/node/datasets/input.js";
import { readRows } from "../../../src/node/input/rows.js";
import type { Example } from "../../../src/train/corpus.js";
import { TRAIN_DEFAULTS } from "../../../src/train/options.js";
import { type TransformerTrainOptions, validate } from "../../../src/train/transformer/loop.js";
import { shared } from "../../tokenizer/real-tokenizers.js";
import { dataOf, finish, small } from "./tiny-blocks.js";

const LABELS = ["negative", "positive"];
const data = join(shared, "data");
const there = existsSync(join(data, "sst2"));

async function rows(name: string, offset: number, limit: number): Promise<Example[]> {
  const found: Example[] = [];
  for await (const { text, label } of readRows({ ...(await datasetInput(name, data)), offset, limit }))
    found.push({ text, label: LABELS.indexOf(label!) });
  expect(found).toHaveLength(limit);
  expect(found.every(({ label }) => label >= 0)).toBe(true);
  return found;
}

(there ? describe : describe.skip)("on SST-2 (skipped where ../shared is absent)", () => {
  test("CRM certifies more than plain cross-entropy at no lower clean accuracy", async () => {
    const texts = await rows("sst2:train", 40_000, 5000);
    const held = await rows("sst2:train", 60_000, 600);
    const measured = async (changes: Partial<TransformerTrainOptions>) => {
      const options = small({ ...TRAIN_DEFAULTS, blocks: 0, epochs: 3, worstEdits: 0, ...changes });
      const { weights } = await finish(dataOf(texts, { labels: LABELS }), options);
      return validate(weights, held, { chooseAt: 2 });
    };
    const plain = await measured({});
    const crm = await measured({ certifiedRadius: 0.3, radiusBelow: 2, radiusFrom: 0 });
    expect(plain.clean).toBeGreaterThan(0.75);
    expect(crm.clean).toBeGreaterThanOrEqual(plain.clean - 0.005);
    expect(crm.certified[0]).toBeGreaterThan(plain.certified[0]! + 0.02);
    expect(crm.certified[1]).toBeGreaterThan(plain.certified[1]! + 0.02);
  }, 300_000);
});
