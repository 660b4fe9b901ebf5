/** One form for both ways to train: events as they come, and the weights to keep. */
import type { FolderWeights, TransformerFolderWeights } from "../../../model/folder.js";
import type { NativeWeights } from "../../../model/native.js";
import { openProgram } from "../../../node/backends/program.js";
import { type TrainEvent, train } from "../../../train/loop.js";
import { type TransformerTrainingData, trainTransformer } from "../../../train/transformer/loop.js";
import { type Plan, sumOptions } from "./flags.js";
import { resumed } from "./saved.js";

export interface Started {
  /** Epochs that a resumed run had done. */
  readonly done: number;
  readonly run: AsyncGenerator<TrainEvent<FolderWeights>, FolderWeights>;
}

/** @param from where to take a checkpoint up, or null to start anew */
export async function startTraining(
  plan: Plan,
  data: TransformerTrainingData,
  from: { readonly output: string; readonly key: string } | null,
): Promise<Started> {
  if (plan.way === "sum") {
    const checkpoint = from === null ? undefined : await resumed<NativeWeights>(from.output, from.key);
    return {
      done: checkpoint?.epoch ?? 0,
      run: breathing(train(data, sumOptions(plan.options), checkpoint)),
    };
  }
  const checkpoint =
    from === null ? undefined : await resumed<TransformerFolderWeights>(from.output, from.key);
  const runtime = { open: openProgram("auto"), threads: plan.threads };
  return {
    done: checkpoint?.epoch ?? 0,
    run: breathing(trainTransformer(data, plan.options, runtime, checkpoint)),
  };
}

/** What is saved as a model: without blocks, the sum over words alone. */
export function keptWeights(weights: FolderWeights): FolderWeights {
  return "additive" in weights && weights.blocks.length === 0 ? weights.additive : weights;
}

/** The same generator, that lets signals in. */
async function* breathing<E, R>(run: Generator<E, R> | AsyncGenerator<E, R>): AsyncGenerator<E, R> {
  for (let next = await run.next(); ; next = await run.next()) {
    if (next.done) return next.value;
    yield next.value;
    await new Promise((done) => setImmediate(done));
  }
}
