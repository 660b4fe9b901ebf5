/** The test sets of the model card: read before the training, so that a wrong name costs seconds, and measured after it. */
import { certify } from "../../../certify/certify.js";
import type { InputRow } from "../../../certify/result.js";
import { createTally, type Metrics } from "../../../evaluate/metrics.js";
import { certifyRow } from "../../../evaluate/record.js";
import type { FolderModel } from "../../../model/folder.js";
import { NativeTransformer } from "../../../model/native-transformer.js";
import { readRows } from "../../../node/input/rows.js";
import { inputOptions } from "./examples.js";
import type { TrainFlags } from "./flags.js";

/** The largest k that a model card reports. */
const CARD_EDITS = 3;

export interface TestSet {
  readonly name: string;
  readonly rows: readonly InputRow[];
}

export interface Measured {
  readonly name: string;
  readonly metrics: Metrics;
  /** The same of the sum over words alone, where there are blocks. */
  readonly withoutBlocks: Metrics | null;
}

export async function readTests(flags: TrainFlags, labels: readonly string[]): Promise<TestSet[]> {
  return Promise.all(
    (flags.test ?? []).map(async (input) => {
      const rows: InputRow[] = [];
      for await (const row of readRows({ ...(await inputOptions(input, flags)), allowedLabels: labels }))
        rows.push(row);
      return { name: input, rows };
    }),
  );
}

export async function measure(model: FolderModel, { name, rows }: TestSet): Promise<Measured> {
  return {
    name,
    metrics: await metricsOf(model, rows),
    withoutBlocks: model instanceof NativeTransformer ? await metricsOf(model.additive, rows) : null,
  };
}

async function metricsOf(model: FolderModel, rows: TestSet["rows"]): Promise<Metrics> {
  const tally = createTally({ limit: CARD_EDITS, labels: model.labels });
  const method = model instanceof NativeTransformer ? "lipschitz" : "exact";
  for (const row of rows)
    tally.add(await certifyRow(row, (text) => certify(model, text, { edits: CARD_EDITS, method })));
  return tally.metrics();
}
