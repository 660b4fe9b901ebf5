/**
 * The package `typoproof/node`: all of `typoproof`, and what needs a disk: models, input files, data sets.
 */

export * from "../index.js";
export type { BackendName } from "./backends/open.js";
export { datasetInput } from "./datasets/input.js";
export {
  type CardFilter,
  type CardSplit,
  type DatasetCard,
  listDatasets,
  loadDatasetCard,
} from "./datasets/packaged.js";
export { type Exported, exportModel } from "./export-model.js";
export {
  INPUT_FORMATS,
  type InputFormat,
  type InputOptions,
  parseLabelMap,
  type RowFilter,
  readRows,
} from "./input/rows.js";
export { loadAlphabet } from "./jobs/alphabet.js";
export { listModels, loadModel, loadNativeModel, type ModelSummary } from "./load-model.js";
export type { LoadOptions } from "./load-sequence.js";
export { saveModel } from "./save-model.js";
