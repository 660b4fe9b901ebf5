/** A native Transformer with its matrices rounded to float32, as a folder can hold them. */
import { packBlocks, unpackBlocks } from "../../src/model/block-format.js";
import { NativeTransformer } from "../../src/model/native-transformer.js";
import type { Matrix } from "../../src/numeric/matrix.js";

export function singlePrecision(model: NativeTransformer): NativeTransformer {
  const { blocks, matrices } = packBlocks(model.blocks);
  return new NativeTransformer(
    model.additive,
    {
      rows: model.rows,
      embedding: rounded(model.embedding),
      readout: rounded(model.readout),
      blocks: unpackBlocks(blocks, "blocks", (name) => rounded(matrices.get(name)!)),
    },
    model.identity,
  );
}

function rounded({ rows, columns, data }: Matrix): Matrix {
  return { rows, columns, data: Float64Array.from(data, Math.fround) };
}
