/** An ONNX model run as it is, on padded batches of sequences; native where it is installed, else WebAssembly. */
import { openSession } from "../../src/node/backends/session.js";
import { installedRuntimes } from "../contract/installed.js";

export interface OnnxRun {
  /** Logits of each sequence, all in one run; the shorter ones are padded with `padding` and masked. */
  logits(sequences: readonly Int32Array[], padding?: number): Promise<number[][]>;
  readonly inputs: readonly string[];
  close(): Promise<void>;
}

export async function openOnnx(bytes: Uint8Array): Promise<OnnxRun> {
  const session = await openSession(installedRuntimes()[0]!, bytes, 1);
  const inputs = session.inputs.map(({ name }) => name);
  return {
    inputs,
    async logits(sequences, padding = 0) {
      const rows = sequences.length;
      const columns = Math.max(...sequences.map(({ length }) => length));
      const cells = (value: (row: Int32Array, i: number) => number) => ({
        type: "int64" as const,
        dims: [rows, columns] as const,
        data: BigInt64Array.from({ length: rows * columns }, (_, at) =>
          BigInt(value(sequences[Math.floor(at / columns)]!, at % columns)),
        ),
      });
      const feeds = {
        input_ids: cells((row, i) => row[i] ?? padding),
        attention_mask: cells((row, i) => (i < row.length ? 1 : 0)),
        token_type_ids: cells(() => 0),
      };
      const given = Object.fromEntries(Object.entries(feeds).filter(([name]) => inputs.includes(name)));
      const { logits } = await session.run(given, ["logits"]);
      const classes = logits!.dims[1]!;
      if (logits!.dims[0] !== rows) throw new Error(`logits of ${logits!.dims[0]} sequences, not ${rows}`);
      const all = Array.from(logits!.data);
      return sequences.map((_, i) => all.slice(i * classes, (i + 1) * classes));
    },
    close: () => session.close(),
  };
}
