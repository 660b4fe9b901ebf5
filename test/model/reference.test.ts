/**
 * The float64 reference against a plain forward of a small BERT that shares no code with it, and what it refuses.
 */
import { UserError } from "../../src/failure.js";
import type { Encoder } from "../../src/model/encoder.js";
import { loadEncoder } from "../../src/model/load-encoder.js";
import { positionRows, referenceBackend, referenceLogits } from "../../src/model/reference.js";
import type { Tensor } from "../../src/model/safetensors.js";
import { encoderFiles, f32 } from "../oracle/encoder-files.js";
import { D, EPSILON, F, LABELS, PLAIN, plainBertLogits, type Row, type Table } from "../oracle/plain-bert.js";
import { randomEncoder } from "../oracle/random-encoder.js";
import { seeded } from "../oracle/random-model.js";

function plainBert(): Encoder {
  const tensors = new Map<string, Tensor>();
  const table = (name: string, rows: Table) =>
    tensors.set(name, f32([rows.length, rows[0]!.length], rows.flat()));
  const both = (name: string, { weight, bias }: { weight: Table | Row; bias: Row }) => {
    if (Array.isArray(weight[0])) table(`${name}.weight`, weight as Table);
    else tensors.set(`${name}.weight`, f32([weight.length], weight as Row));
    tensors.set(`${name}.bias`, f32([bias.length], bias));
  };
  table("bert.embeddings.word_embeddings.weight", PLAIN.words);
  table("bert.embeddings.position_embeddings.weight", PLAIN.positions);
  table("bert.embeddings.token_type_embeddings.weight", PLAIN.types);
  both("bert.embeddings.LayerNorm", PLAIN.norms[0]!);
  const at = "bert.encoder.layer.0";
  both(`${at}.attention.self.query`, PLAIN.query);
  both(`${at}.attention.self.key`, PLAIN.key);
  both(`${at}.attention.self.value`, PLAIN.value);
  both(`${at}.attention.output.dense`, PLAIN.output);
  both(`${at}.attention.output.LayerNorm`, PLAIN.norms[1]!);
  both(`${at}.intermediate.dense`, PLAIN.inner);
  both(`${at}.output.dense`, PLAIN.outer);
  both(`${at}.output.LayerNorm`, PLAIN.norms[2]!);
  both("bert.pooler.dense", PLAIN.pooler);
  both("classifier", PLAIN.classifier);
  const config = {
    model_type: "bert",
    architectures: ["BertForSequenceClassification"],
    vocab_size: PLAIN.words.length,
    hidden_size: D,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: F,
    hidden_act: "gelu",
    layer_norm_eps: EPSILON,
    max_position_embeddings: PLAIN.positions.length,
    id2label: Object.fromEntries(Array.from({ length: LABELS }, (_, y) => [y, `label ${y}`])),
  };
  return loadEncoder(...encoderFiles({ config, tensors }));
}

test("a BERT in plain loops gives the same logits", () => {
  const encoder = plainBert();
  for (const ids of [[0], [3, 1], [8, 7, 6, 5, 4, 3, 2, 1], [2, 2, 2, 2], [1, 5, 0, 8, 5]]) {
    const seen = referenceLogits(encoder, Int32Array.from(ids));
    for (const [y, logit] of plainBertLogits(ids).entries())
      expect(Math.abs(seen[y]! - logit)).toBeLessThan(1e-13);
  }
});

test("positions of RoBERTa: padding that a text spells isn't counted", () => {
  const table = { rows: 9, columns: 1, data: new Float32Array(9) };
  const counted = { kind: "counted", table, offset: 2, padding: 1 } as const;
  expect([...positionRows(counted, Int32Array.of(5, 6, 7))]).toEqual([2, 3, 4]);
  // create_position_ids_from_input_ids: cumsum of (id != 1), times (id != 1), plus 1
  expect([...positionRows(counted, Int32Array.of(0, 1, 6, 1, 1, 7))]).toEqual([2, 1, 3, 1, 1, 4]);
  expect([...positionRows({ kind: "absolute", table, offset: 2 }, Int32Array.of(1, 1))]).toEqual([2, 3]);
});

describe("what can't be read is one UserError", () => {
  const { encoder } = randomEncoder(seeded(5), { layout: "bert", vocabulary: 10, mostTokens: 8 });
  test.each([
    ["no token", [], "a sequence of 0 tokens; it needs at least 1"],
    ["too many", Array(9).fill(1), "a sequence of 9 tokens; it reads at most 8"],
    [
      "an id that is too large",
      [1, 10],
      "token 1 of a sequence has the id 10; the model's vocabulary has 0 to 9",
    ],
    ["a negative id", [-1], "token 0 of a sequence has the id -1"],
  ])("%s", async (_, ids, message) => {
    const backend = referenceBackend(encoder);
    const run = backend.logits([Int32Array.of(1), Int32Array.from(ids)]);
    await expect(run).rejects.toThrow(UserError);
    await expect(run).rejects.toThrow(message);
    expect(() => referenceLogits(encoder, Int32Array.from(ids))).toThrow(message);
  });
  test("a backend that was closed", async () => {
    const backend = referenceBackend(encoder);
    await backend.close();
    await expect(backend.logits([Int32Array.of(1)])).rejects.toThrow("was closed");
  });
});
