/**
 * Graphs that were changed in one place: either the encoder that is read computes what the changed graph computes, or
 * there is an UnsupportedGraph. Never an encoder that computes something else.
 */
import { clone, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema, type NodeProto } from "onnx-buf";
import { UserError } from "../../../src/failure.js";
import { GraphBuilder } from "../../../src/model/onnx/builder.js";
import { encoderFromOnnx } from "../../../src/model/onnx/read.js";
import { UnsupportedGraph } from "../../../src/model/onnx/unsupported.js";
import { randomEncoder } from "../../oracle/random-encoder.js";
import { seeded } from "../../oracle/random-model.js";
import { readDamaged } from "../../oracle/read-damaged.js";
import { torchStyle } from "../../oracle/torch-style.js";

test("changed in one place: refused, or read as what it now computes", async () => {
  const counts = await readDamaged(0, 60);
  // All of it happens, and some of those that are read compute something else than before.
  expect(counts.refused).toBeGreaterThan(5);
  expect(counts.read).toBeGreaterThan(5);
  expect(counts.changed).toBeGreaterThan(1);
}, 60_000);

describe("what is refused names the node and why", () => {
  const { encoder } = randomEncoder(seeded(7), { layout: "bert", layers: 1 });
  const file = torchStyle(encoder, seeded(1));
  const changed = (change: (model: ModelProto, nodes: NodeProto[]) => void) => {
    const model = clone(ModelProtoSchema, fromBinary(ModelProtoSchema, file));
    change(model, model.graph!.node);
    return toBinary(ModelProtoSchema, model);
  };
  const refusal = (bytes: Uint8Array): UnsupportedGraph => {
    try {
      encoderFromOnnx(bytes, encoder);
    } catch (error) {
      expect(error).toBeInstanceOf(UnsupportedGraph);
      expect((error as Error).message).not.toContain("\n");
      return error as UnsupportedGraph;
    }
    throw new Error("nothing was thrown");
  };
  const softmax = (nodes: readonly NodeProto[]) => nodes.find(({ opType }) => opType === "Softmax")!;

  test("an operator that isn't known", () => {
    const bytes = changed((_, nodes) => {
      softmax(nodes).opType = "Hardmax";
    });
    const { node, message } = refusal(bytes);
    expect(node?.op).toBe("Hardmax");
    expect(message).toMatch(
      /node "Softmax_\d+" \(Hardmax\): the operator isn't one of those that are understood/,
    );
  });

  test("an operator of another domain, as quantised and fused graphs have them", () => {
    const bytes = changed((_, nodes) => {
      softmax(nodes).domain = "com.microsoft";
    });
    expect(refusal(bytes).node?.op).toBe("Softmax");
  });

  test("softmax over another axis", () => {
    const bytes = changed((_, nodes) => {
      softmax(nodes).attribute[0]!.i = 1n;
    });
    expect(refusal(bytes).node?.op).toBe("Softmax");
  });

  test("weights in another file", () => {
    const bytes = changed(({ graph }) => {
      const table = graph!.initializer[0]!;
      table.dataLocation = 1;
      table.rawData = new Uint8Array(0);
    });
    expect(refusal(bytes).message).toContain("is a tensor that can't be read or that nothing gives");
  });

  test("an input that isn't known", () => {
    const graph = new GraphBuilder();
    graph.input("input_ids", ["batch", "sequence"]);
    const pixels = graph.input("pixel_values", ["batch", "sequence"]);
    const bytes = graph.finish(graph.node("Cast", [pixels], { to: { int: 1 } }), "logits", ["batch", 2]);
    expect(refusal(bytes).message).toContain('it has the input "pixel_values"; understood are input_ids,');
  });

  test("a graph that reads no ids, and one whose output is constant", () => {
    const without = new GraphBuilder();
    const mask = without.input("attention_mask", ["batch", "sequence"]);
    expect(
      refusal(without.finish(without.node("Cast", [mask], { to: { int: 1 } }), "logits", ["batch", 2]))
        .message,
    ).toContain("it has no input input_ids, only attention_mask");
    const constant = new GraphBuilder();
    constant.input("input_ids", ["batch", "sequence"]);
    expect(refusal(constant.finish(constant.scalar(1), "logits", [])).message).toContain(
      "doesn't depend on a table of tokens",
    );
  });

  test("bytes that are no model, and the wrong number of labels, are UserErrors of another kind", () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100).fill(0xff), new TextEncoder().encode("{}")]) {
      const read = () => encoderFromOnnx(bytes, encoder);
      expect(read).toThrow(UserError);
      expect(read).toThrow("isn't an ONNX model");
    }
    const labels = [...encoder.labels, "one more"];
    expect(() => encoderFromOnnx(file, { labels })).toThrow(
      `the ONNX model has ${encoder.labels.length} logits, but there are ${labels.length} labels`,
    );
  });
});
