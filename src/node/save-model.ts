/** A model to disk, as a folder that `loadModel` reads. */
import {
  type FolderWeights,
  type ModelFolderMeta,
  WRITTEN_FILES,
  writeModelFolder,
} from "../model/folder.js";
import { utf8Encode } from "../text/utf8.js";
import { writeFolder } from "./write-folder.js";

const CARD = "README.md";
/** All that a model folder may hold and that overwriting it therefore replaces. */
const MODEL_ENTRIES = new Set([...WRITTEN_FILES, CARD, "onnx"]);

/**
 * Writes a model folder, with `card` as its README.md.
 * @throws UserError if the folder isn't empty (with `overwrite`: if it holds anything that isn't a model's), if
 * the place can't be written, or if the weights make no model
 */
export async function saveModel(
  folder: string,
  weights: FolderWeights,
  meta: ModelFolderMeta = {},
  card?: string,
  options: { readonly overwrite?: boolean } = {},
): Promise<void> {
  const files = writeModelFolder(weights, meta);
  if (card !== undefined) files.set(CARD, utf8Encode(card));
  await writeFolder(folder, files, { ...options, replaceable: MODEL_ENTRIES, what: "a model" });
}
