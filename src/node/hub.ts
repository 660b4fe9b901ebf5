/**
 * Models of the hub that transformers.js loads from, through that library.
 *
 * Promise: the library finds and downloads the files; they are then read from its folder like those of any other
 * model, so that what is certified is what they say and not what the library makes of them. The library is loaded, and
 * something fetched, only when such a model is asked for; files that are there aren't fetched again.
 */
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../failure.js";
import { silenceReports } from "./backends/session.js";
import { optionalPackage } from "./optional.js";

/** What the hub's models are called: `owner/name`. */
export const HUB_NAME = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/** How a user gets it: under the name that the library had, which the dependency keeps. */
const INSTALL = "npm install @xenova/transformers@npm:@huggingface/transformers@^4.3.1";

/** What is used of transformers.js. */
export interface Transformers {
  readonly env: {
    readonly localModelPath: string;
    readonly cacheDir: string | null;
    readonly allowRemoteModels: boolean;
  };
  readonly AutoTokenizer: { from_pretrained(name: string): Promise<unknown> };
  readonly AutoModelForSequenceClassification: {
    from_pretrained(
      name: string,
      options: { dtype: "fp32"; device: "cpu" },
    ): Promise<{ dispose(): Promise<unknown> }>;
  };
}

/**
 * The folder with the files of a hub's model, fetched if they aren't there yet.
 * @param name `owner/name`
 * @throws UserError if it can't be had, or if transformers.js isn't installed
 */
export async function hubFolder(name: string, library?: Transformers): Promise<string> {
  if (!HUB_NAME.test(name))
    throw new UserError(`the hub's models are called owner/name, not ${JSON.stringify(name)}`);
  const transformers = library ?? (await loadTransformers(name));
  const { env } = transformers;
  const folders = [env.localModelPath, env.cacheDir ?? ""]
    .filter((folder) => folder !== "")
    .map((folder) => resolve(join(folder, name)));
  const there = await firstWhole(folders);
  if (there !== null) return there;
  if (!env.allowRemoteModels)
    throw new UserError(
      `${name} isn't in ${folders.join(" or ")}, and fetching models is turned off (env.allowRemoteModels)`,
    );
  try {
    await transformers.AutoTokenizer.from_pretrained(name);
    // In float32: that is what is asked for below. The session itself isn't wanted.
    const options = { dtype: "fp32", device: "cpu" } as const;
    const model = await transformers.AutoModelForSequenceClassification.from_pretrained(name, options);
    await model.dispose();
  } catch (error) {
    throw new UserError(
      `the hub's model ${name} can't be loaded: ${String((error as Error)?.message ?? error)
        .replace(/\s+/g, " ")
        .trim()}`,
    );
  }
  const fetched = await firstWhole(folders);
  if (fetched === null)
    throw new UserError(
      `the hub's model ${name} was fetched but isn't whole in ${folders.join(" or ")}; needed are ${WHOLE.join(", ")}`,
    );
  return fetched;
}

const WHOLE = ["config.json", "tokenizer.json", "onnx/model.onnx"];

async function firstWhole(folders: readonly string[]): Promise<string | null> {
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  for (const folder of folders) {
    const found = await Promise.all(
      [...WHOLE, "model.safetensors"].map((file) => isThere(join(folder, file))),
    );
    const [config, tokenizer, graph, weights] = found;
    if (config && tokenizer && (graph || weights)) return folder;
  }
  return null;
}

async function loadTransformers(name: string): Promise<Transformers> {
  // The library loads onnxruntime-node.
  const unwanted = silenceReports();
  if (unwanted !== null) throw new UserError(`onnxruntime-node can't be used: ${unwanted}`);
  const found = await optionalPackage<Transformers>("@xenova/transformers");
  if (found.module !== null) return found.module;
  throw new UserError(
    found.absent
      ? `${name} is a model of the hub, which needs an optional package: ${INSTALL}`
      : `@xenova/transformers can't be used: ${found.why}`,
  );
}
