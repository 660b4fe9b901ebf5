/**
 * Encoders as torch.onnx would write them, which is not how src/model/onnx/write.ts does: norms and GELU taken apart,
 * shapes computed by the graph, three inputs, one product for each map, weights under meaningless names. `random` chooses
 * among the ways that exporters have had.
 *
 * For softmax attention, two-layer feed-forwards, LayerNorm or none.
 */
import type { ActivationName, Attention, Block, Encoder, Linear, Norm } from "../../src/model/encoder.js";
import { GraphBuilder, type Value } from "../../src/model/onnx/builder.js";
import type { Random } from "./random-model.js";

const LOWEST = -3.4028234663852886e38;
const FLOAT = { to: { int: 1 } };
const INT64 = { to: { int: 7 } };
const BOOL = { to: { int: 9 } };

export function torchStyle(encoder: Encoder, random: Random): Uint8Array<ArrayBuffer> {
  return new Exporter(encoder, random).model();
}

class Exporter {
  private readonly graph = new GraphBuilder();
  private count = 100;
  private readonly ids: Value;
  private readonly mask: Value;
  private readonly types: Value | null;
  private readonly style: "add" | "where" | "expanded";
  private readonly fused: boolean;

  constructor(
    private readonly encoder: Encoder,
    private readonly random: Random,
  ) {
    this.ids = this.graph.input("input_ids", ["batch", "sequence"]);
    this.mask = this.graph.input("attention_mask", ["batch", "sequence"]);
    this.types =
      encoder.embedding.segment !== null && this.coin()
        ? this.graph.input("token_type_ids", ["batch", "sequence"])
        : null;
    this.style = (["add", "where", "expanded"] as const)[Math.floor(random() * 3)]!;
    this.fused = random() < 0.25;
  }

  model(): Uint8Array<ArrayBuffer> {
    const { encoder, graph } = this;
    const mask = this.style === "where" ? this.mask : this.additiveMask();
    let x = this.embedding();
    for (const block of encoder.blocks) x = this.block(block, x, mask);
    x = this.pooled(this.norm(encoder.finalNorm, x));
    for (const { linear, activation } of encoder.head)
      x = this.activation(activation, this.gemm(linear, this.node("Identity", x)));
    return graph.finish(x, "logits", ["batch", encoder.labels.length]);
  }

  private node(op: string, ...inputs: Value[]): Value {
    return this.graph.node(op, inputs);
  }

  private coin(): boolean {
    return this.random() < 0.5;
  }

  private either(a: Value, b: Value): [Value, Value] {
    return this.coin() ? [a, b] : [b, a];
  }

  private weight(shape: readonly number[], data: ArrayLike<number>): Value {
    return this.graph.weight(`onnx::MatMul_${this.count++}`, shape, data);
  }

  private number(value: number): Value {
    return this.graph.scalar(value);
  }

  /** One dimension of a value, as an integer without dimensions. */
  private size(x: Value, axis: number): Value {
    return this.graph.node("Gather", [this.node("Shape", x), this.graph.integers(axis)], {
      axis: { int: 0 },
    });
  }

  /** A shape out of sizes and numbers. */
  private shape(...sizes: (Value | number)[]): Value {
    const parts = sizes.map((size) =>
      typeof size === "number"
        ? this.graph.integers([size])
        : this.node("Unsqueeze", size, this.graph.integers([0])),
    );
    return this.graph.node("Concat", parts, { axis: { int: 0 } });
  }

  private additiveMask(): Value {
    const { graph } = this;
    let mask = this.node(
      "Unsqueeze",
      this.node("Unsqueeze", this.mask, graph.integers([1])),
      graph.integers([2]),
    );
    if (this.style === "expanded") {
      const tokens = this.size(this.ids, 1);
      mask = this.node("Expand", mask, this.shape(this.size(this.ids, 0), 1, tokens, tokens));
    }
    const inverse = this.node("Sub", this.number(1), graph.node("Cast", [mask], FLOAT));
    if (this.style === "add") return this.node("Mul", inverse, this.number(this.coin() ? -10000 : LOWEST));
    return this.node("Where", graph.node("Cast", [inverse], BOOL), this.number(LOWEST), inverse);
  }

  private embedding(): Value {
    const { graph } = this;
    const { tokens, positions, segment, norm } = this.encoder.embedding;
    const terms = [this.node("Gather", this.weight([tokens.rows, tokens.columns], tokens.data), this.ids)];
    const length = this.size(this.ids, 1);
    if (segment !== null) {
      const table = this.weight([2, segment.length], [...segment, ...segment.map((x) => x + 1)]);
      const zeros = graph.node("ConstantOfShape", [this.shape(this.size(this.ids, 0), length)]);
      terms.push(this.node("Gather", table, this.types ?? graph.node("Cast", [zeros], INT64)));
    }
    if (positions.kind !== "none") {
      const { rows, columns, data } = positions.table;
      const table = this.weight([rows, columns], data);
      terms.push(this.node("Gather", table, this.places(positions, rows, length)));
    }
    return this.norm(
      norm,
      terms.reduce((a, b) => this.node("Add", a, b)),
    );
  }

  private places(
    positions: Exclude<Encoder["embedding"]["positions"], { kind: "none" }>,
    rows: number,
    length: Value,
  ): Value {
    const { graph } = this;
    const { offset } = positions;
    if (positions.kind === "counted") {
      const other = this.node("Not", this.node("Equal", this.ids, graph.integers(positions.padding)));
      const mask = graph.node("Cast", [other], { to: { int: 6 } });
      const count = graph.node("Cast", [this.node("CumSum", mask, graph.integers(1))], { to: { int: 6 } });
      const places = graph.node("Cast", [this.node("Mul", count, mask)], INT64);
      return this.node("Add", places, graph.integers(offset - 1));
    }
    if (this.coin()) {
      const range = this.node("Range", graph.integers(0), length, graph.integers(1));
      return this.node("Unsqueeze", this.node("Add", range, graph.integers(offset)), graph.integers([0]));
    }
    const all = graph.integers(Array.from({ length: rows - offset }, (_, i) => offset + i));
    const end = this.node("Unsqueeze", length, graph.integers([0]));
    return this.node(
      "Slice",
      this.node("Unsqueeze", all, graph.integers([0])),
      graph.integers([0]),
      end,
      graph.integers([1]),
      graph.integers([1]),
    );
  }

  private linear({ weight, bias }: Linear, x: Value): Value {
    const { rows, columns, data } = weight;
    const turned = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j]!;
    const product = this.node("MatMul", x, this.weight([columns, rows], turned));
    return bias === null ? product : this.node("Add", ...this.either(product, this.weight([rows], bias)));
  }

  private gemm({ weight, bias }: Linear, x: Value): Value {
    const { rows, columns, data } = weight;
    const inputs = [x, this.weight([rows, columns], data)];
    if (bias !== null) inputs.push(this.weight([rows], bias));
    return this.graph.node("Gemm", inputs, { transB: { int: 1 } });
  }

  private norm(norm: Norm, x: Value): Value {
    if (norm.kind === "none") return x;
    if (norm.kind !== "layer" || norm.bias === null) throw new Error("only LayerNorm with a bias");
    const { graph } = this;
    const d = norm.weight.length;
    const [weight, bias] = [this.weight([d], norm.weight), this.weight([d], norm.bias)];
    if (this.fused)
      return graph.node("LayerNormalization", [x, weight, bias], {
        axis: { int: -1 },
        epsilon: { float: norm.epsilon },
      });
    const mean = (y: Value) => graph.node("ReduceMean", [y], { axes: { ints: [-1] } });
    const centred = this.node("Sub", x, mean(x));
    // Some graphs compute the difference twice.
    const again = this.coin() ? centred : this.node("Sub", x, mean(x));
    const square = this.coin() ? this.node("Pow", again, this.number(2)) : this.node("Mul", again, again);
    const root = this.node("Sqrt", this.node("Add", mean(square), this.number(norm.epsilon)));
    const unit = this.coin()
      ? this.node("Div", centred, root)
      : this.node(
          "Mul",
          centred,
          this.coin() ? this.node("Reciprocal", root) : this.node("Div", this.number(1), root),
        );
    return this.node("Add", this.node("Mul", ...this.either(unit, weight)), bias);
  }

  private activation(name: ActivationName, x: Value): Value {
    switch (name) {
      case "identity":
        return x;
      case "relu":
        return this.node("Relu", x);
      case "tanh":
        return this.node("Tanh", x);
      case "silu":
        return this.node("Mul", ...this.either(x, this.node("Sigmoid", x)));
      case "quick-gelu":
        return this.node("Mul", x, this.node("Sigmoid", this.node("Mul", this.number(1.702), x)));
      case "gelu": {
        const argument = this.coin()
          ? this.node("Div", x, this.number(Math.SQRT2))
          : this.node("Mul", x, this.number(Math.SQRT1_2));
        return this.halved(x, this.node("Add", this.node("Erf", argument), this.number(1)));
      }
      case "gelu-tanh": {
        const root = this.number(Math.sqrt(2 / Math.PI));
        const cube = this.coin()
          ? this.node("Pow", x, this.number(3))
          : this.node("Mul", this.node("Mul", x, x), x);
        const inner = this.coin()
          ? this.node("Mul", root, this.node("Add", x, this.node("Mul", cube, this.number(0.044715))))
          : this.node(
              "Mul",
              this.node("Mul", x, root),
              this.node(
                "Add",
                this.node("Mul", this.node("Mul", x, this.number(0.044715)), x),
                this.number(1),
              ),
            );
        return this.halved(x, this.node("Add", this.number(1), this.node("Tanh", inner)));
      }
      default:
        throw new Error(`torch takes ${name} apart in no way that is known here`);
    }
  }

  /** x * gate / 2, in one of its orders. */
  private halved(x: Value, gate: Value): Value {
    const half = this.number(0.5);
    return this.coin()
      ? this.node("Mul", this.node("Mul", x, gate), half)
      : this.coin()
        ? this.node("Mul", this.node("Mul", half, x), gate)
        : this.node("Mul", x, this.node("Mul", gate, half));
  }

  private attention(layer: Attention, x: Value, mask: Value): Value {
    if (layer.kind !== "softmax") throw new Error("only softmax attention");
    const { graph } = this;
    const width = layer.query.weight.rows / layer.heads;
    const cut = (y: Value) =>
      this.node(
        "Reshape",
        y,
        this.shape(this.size(y, 0), this.coin() ? this.size(y, 1) : -1, layer.heads, width),
      );
    const turn = (y: Value, ...perm: number[]) => graph.node("Transpose", [y], { perm: { ints: perm } });
    let q = turn(cut(this.linear(layer.query, x)), 0, 2, 1, 3);
    const k0 = cut(this.linear(layer.key, x));
    let k = this.coin() ? turn(k0, 0, 2, 3, 1) : turn(turn(k0, 0, 2, 1, 3), 0, 1, 3, 2);
    const v = turn(cut(this.linear(layer.value, x)), 0, 2, 1, 3);
    const place = Math.floor(this.random() * 3);
    const divide = (y: Value) => this.node("Div", y, this.number(1 / layer.scale));
    if (place === 0) q = divide(q);
    if (place === 1) {
      const root = this.number(Math.sqrt(layer.scale));
      [q, k] = [this.node("Mul", q, root), this.node("Mul", k, root)];
    }
    let scores = this.node("MatMul", q, k);
    if (place === 2) scores = divide(scores);
    scores = this.style === "where" ? this.filled(scores, mask) : this.node("Add", scores, mask);
    const weights = graph.node("Softmax", [scores], { axis: { int: this.coin() ? 3 : -1 } });
    const safe = this.coin()
      ? weights
      : this.node("Where", this.node("IsNaN", weights), this.number(0), weights);
    const mixed = turn(this.node("MatMul", safe, v), 0, 2, 1, 3);
    const merged = this.node(
      "Reshape",
      mixed,
      this.shape(this.size(mixed, 0), this.size(mixed, 1), layer.value.weight.rows),
    );
    return this.linear(layer.output, merged);
  }

  /** scores.masked_fill((mask == 0).view(batch, 1, 1, tokens).expand_as(scores), lowest) */
  private filled(scores: Value, mask: Value): Value {
    const absent = this.node("Equal", mask, this.graph.integers(0));
    const shape = this.shape(this.size(mask, 0), 1, 1, this.size(mask, 1));
    const all = this.node("Expand", this.node("Reshape", absent, shape), this.node("Shape", scores));
    return this.node("Where", all, this.number(LOWEST), scores);
  }

  private block(block: Block, x: Value, mask: Value): Value {
    const { feedForward: layer, normPlacement } = block;
    if (layer.kind !== "mlp") throw new Error("only two-layer feed-forwards");
    const forward = (y: Value) =>
      this.linear(layer.outer, this.activation(layer.activation, this.linear(layer.inner, y)));
    const add = (a: Value, b: Value) => this.node("Add", ...this.either(a, b));
    if (normPlacement === "pre") {
      const a = add(x, this.attention(block.attention, this.norm(block.attentionNorm, x), mask));
      return add(a, forward(this.norm(block.feedForwardNorm, a)));
    }
    const a = this.norm(block.attentionNorm, add(this.attention(block.attention, x, mask), x));
    return this.norm(block.feedForwardNorm, add(forward(a), a));
  }

  private pooled(x: Value): Value {
    const { graph } = this;
    const { pooling } = this.encoder;
    if (pooling === "first") {
      if (this.coin()) return graph.node("Gather", [x, graph.integers(0)], { axis: { int: 1 } });
      const first = this.node("Slice", x, graph.integers([0]), graph.integers([1]), graph.integers([1]));
      return this.node("Squeeze", first, graph.integers([1]));
    }
    const mask = graph.node("Cast", [this.node("Unsqueeze", this.mask, graph.integers([2]))], FLOAT);
    const expanded = this.node("Expand", mask, this.node("Shape", x));
    const axis = graph.integers([1]);
    const sum = graph.node("ReduceSum", [this.node("Mul", x, expanded), axis], { keepdims: { int: 0 } });
    if (pooling === "sum") return sum;
    const count = graph.node("ReduceSum", [expanded, axis], { keepdims: { int: 0 } });
    return this.node("Div", sum, this.node("Clip", count, this.number(1e-9)));
  }
}
