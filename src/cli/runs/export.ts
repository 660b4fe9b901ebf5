/** `typoproof export`: a native model as files for other programs. */
import { UserError } from "../../failure.js";
import { exportModel } from "../../node/export-model.js";
import { loadModel, readCard } from "../../node/load-model.js";
import { exportCard } from "../../report/export-card.js";
import type { Io } from "../io.js";
import { print } from "../print.js";
import { version } from "../version.js";

export interface ExportFlags {
  readonly model: string;
  readonly output: string;
  readonly overwrite?: boolean;
}

/** Gives the exit status. */
export async function runExport(flags: ExportFlags, io: Io): Promise<number> {
  const model = await loadModel(flags.model);
  const { name } = model.identity;
  if (model.kind === "sequence")
    throw new UserError(
      `${name} is a model of other libraries, and its folder already what export would write; allowed are native models`,
    );
  if (model.kind === "lipslev")
    throw new UserError(`${name} is a LipsLev model, which export can't write; allowed are native models`);
  const card = exportCard({
    identity: model.identity,
    labels: model.labels,
    version: version(),
    card: await readCard(flags.model),
  });
  const options = flags.overwrite === undefined ? {} : { overwrite: flags.overwrite };
  const { sizes, runtime, difference } = await exportModel(flags.output, model, card, options);
  const graph = sizes.get("onnx/model.onnx")!;
  await print(
    io,
    `wrote ${flags.output}: onnx/model.onnx takes ${(graph / 1e6).toFixed(1)} MB; tried with ${runtime}, logits differ by at most ${difference.toExponential(0)}\n`,
  );
  return 0;
}
