/**
 * Loaders of config.json and model.safetensors: the encoder that the layout means, whatever the type of its numbers, and
 * one UserError for everything that doesn't fit.
 */
import { UserError } from "../../src/failure.js";
import type { Encoder } from "../../src/model/encoder.js";
import { loadEncoder } from "../../src/model/load-encoder.js";
import { referenceLogits } from "../../src/model/reference.js";
import type { Tensor } from "../../src/model/safetensors.js";
import { encoderFiles, f32 } from "../oracle/encoder-files.js";
import { type Layout, randomEncoder } from "../oracle/random-encoder.js";
import { seeded } from "../oracle/random-model.js";

const layouts: readonly Layout[] = ["bert", "distilbert", "roberta"];

test.each(layouts)("%s: every weight in its place", (layout) => {
  for (let seed = 0; seed < 20; seed++) {
    const { encoder, files } = randomEncoder(seeded(seed), { layout });
    expect(loadEncoder(...encoderFiles(files!))).toEqual(encoder);
  }
});

test("what is saved beside the classifier is passed over, other tensors are refused", () => {
  const { encoder, files } = randomEncoder(seeded(1), { layout: "roberta" });
  const harmless = { "roberta.pooler.dense.weight": f32([1, 1], [1]), "lm_head.bias": f32([1], [1]) };
  expect(loadEncoder(...encoderFiles(files!, {}, harmless))).toEqual(encoder);
  expect(() =>
    loadEncoder(...encoderFiles(files!, {}, { "roberta.encoder.layer.0.adapter.weight": f32([1], [1]) })),
  ).toThrow('the tensor "roberta.encoder.layer.0.adapter.weight" has no place in this architecture');
});

describe("numbers of 16 bits", () => {
  const { files } = randomEncoder(seeded(2), { layout: "bert" });
  /** Rounds to the type by truncating the bits of float32; halves only for sizes that they can hold. */
  const sixteen = (dtype: "F16" | "BF16") =>
    new Map(
      [...files!.tensors].map(([name, tensor]): [string, Tensor] => {
        if (tensor.dtype !== "F32") return [name, tensor];
        const bits = new Uint32Array(tensor.data.slice().buffer);
        const data = Uint16Array.from(bits, (b) => {
          if (dtype === "BF16") return b >>> 16;
          const exponent = ((b >>> 23) & 0xff) - 127 + 15;
          return exponent <= 0 ? 0 : ((b >>> 16) & 0x8000) | (exponent << 10) | ((b >>> 13) & 0x3ff);
        });
        return [name, { dtype, shape: tensor.shape, data }];
      }),
    );
  test.each(["F16", "BF16"] as const)("%s is read exactly", (dtype) => {
    const tensors = sixteen(dtype);
    const encoder = loadEncoder(...encoderFiles({ config: files!.config, tensors }));
    const name = "classifier.weight";
    const exact = (files!.tensors.get(name)!.data as Float32Array).map((value) => {
      const digits = dtype === "F16" ? 10 : 7;
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - digits);
      return Math.trunc(value / unit) * unit;
    });
    expect(encoder.head.at(-1)!.linear.weight.data).toEqual(exact);
    const wide = loadEncoder(...encoderFiles(files!));
    const [a, b] = [encoder, wide].map((e: Encoder) => referenceLogits(e, Int32Array.of(1, 2, 3)));
    expect(a).not.toEqual(b);
    for (const [y, logit] of a!.entries())
      expect(Math.abs(logit - b![y]!)).toBeLessThan(dtype === "F16" ? 0.02 : 0.3);
  });
  test("integers are refused", () => {
    const bias: Tensor = {
      dtype: "I32",
      shape: files!.tensors.get("classifier.bias")!.shape,
      data: new Int32Array(files!.tensors.get("classifier.bias")!.data.length),
    };
    expect(() => loadEncoder(...encoderFiles(files!, {}, { "classifier.bias": bias }))).toThrow(
      'the tensor "classifier.bias" holds I32; allowed are F64, F32, F16, BF16',
    );
  });
});

describe("configs that are refused, in one line with the value and what is allowed", () => {
  const { encoder, files } = randomEncoder(seeded(3), { layout: "bert", vocabulary: 12, layers: 1 });
  const message = (
    keys: Readonly<Record<string, unknown>>,
    changed: Readonly<Record<string, Tensor | null>> = {},
  ) => {
    try {
      loadEncoder(...encoderFiles(files!, keys, changed), "the folder");
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    }
    throw new Error("nothing was thrown");
  };
  test.each([
    [{ model_type: "t5" }, 'the folder: config.json: model_type is "t5"; known are bert, roberta,'],
    [{ model_type: "t5" }, "can still be run as a black box if its folder has an ONNX file"],
    [{ model_type: undefined }, "config.json: model_type is undefined; known are bert"],
    [{ model_type: "toString" }, 'model_type is "toString"; known are'],
    [{ hidden_act: "geglu" }, 'hidden_act is "geglu"; allowed are gelu,'],
    [{ hidden_act: "constructor" }, 'hidden_act is "constructor"; allowed are gelu,'],
    [
      { position_embedding_type: "relative_key" },
      'position_embedding_type is "relative_key"; allowed are "absolute"',
    ],
    [{ is_decoder: true }, "is_decoder is true; allowed are false"],
    [
      { problem_type: "multi_label_classification" },
      'problem_type is "multi_label_classification"; allowed are',
    ],
    [{ architectures: ["BertForMaskedLM"] }, 'architectures is ["BertForMaskedLM"]; allowed are classifiers'],
    [{ quantization_config: {} }, "quantization_config is set"],
    [{ num_hidden_layers: 1.5 }, "num_hidden_layers is 1.5; allowed are integers from 0"],
    [{ num_hidden_layers: "2" }, 'num_hidden_layers is "2"; allowed are integers from 0'],
    [{ num_attention_heads: 0 }, "num_attention_heads is 0; allowed are integers from 1"],
    [{ num_attention_heads: 1000 }, "1000 attention heads don't divide the hidden size"],
    [{ layer_norm_eps: -1 }, "layer_norm_eps is -1; allowed are numbers above 0"],
    [
      { vocab_size: 13 },
      `the tensor "bert.embeddings.word_embeddings.weight" has the shape [12,${encoder.hiddenSize}]; by the config it must be [13,${encoder.hiddenSize}]`,
    ],
    [
      { num_hidden_layers: 2 },
      'model.safetensors: the tensor "bert.encoder.layer.1.attention.self.query.weight" is missing',
    ],
    [{ num_hidden_layers: 0 }, 'the tensor "bert.encoder.layer.0.'],
    [{ id2label: { 0: "a" } }, "there are 1 labels; a classifier has at least 2"],
    [{ id2label: { 0: "a", 2: "b" } }, "id2label gives 1 undefined"],
    [{ id2label: { 0: "a", 1: "a" } }, 'id2label repeats "a"'],
    [{ id2label: undefined, num_labels: 1 }, "there are 1 labels"],
    [{ num_labels: 77 }, "num_labels is 77, but id2label has"],
  ])("%j", (keys, wanted) => {
    const seen = message(keys);
    expect(seen).toContain(wanted);
    expect(seen).not.toContain("\n");
  });

  test.each<[string, Record<string, Tensor | null>, string]>([
    [
      "a missing tensor",
      { "classifier.bias": null },
      'the tensor "classifier.bias" is missing; needed is one of shape',
    ],
    [
      "another shape",
      { "classifier.bias": f32([1], [0]) },
      'the tensor "classifier.bias" has the shape [1]; by the config it must be',
    ],
    [
      "a number that isn't finite",
      { "bert.pooler.dense.bias": f32([encoder.hiddenSize], Array(encoder.hiddenSize).fill(Number.NaN)) },
      '"bert.pooler.dense.bias" holds NaN at 0; numbers must be finite',
    ],
  ])("%s", (_, changed, wanted) => {
    expect(message({}, changed)).toContain(wanted);
  });

  test("without id2label the labels are the library's", () => {
    const labels = { id2label: undefined, num_labels: encoder.labels.length };
    expect(loadEncoder(...encoderFiles(files!, labels)).labels.slice(0, 2)).toEqual(["LABEL_0", "LABEL_1"]);
  });

  test("RoBERTa's positions begin behind the padding id", () => {
    const roberta = randomEncoder(seeded(4), { layout: "roberta" }).files!;
    const rows = roberta.config.max_position_embeddings as number;
    expect(() => loadEncoder(...encoderFiles(roberta, { pad_token_id: rows }))).toThrow(
      `max_position_embeddings is ${rows}; positions begin at pad_token_id + 1 = ${rows + 1}, so it must be larger`,
    );
  });
});
