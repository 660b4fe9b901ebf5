/** Exported folders against the models' own logits (held.ts). */
import { VOCABULARY_KINDS } from "../../../src/tokenizer/vocabulary.js";
import { installedRuntimes } from "../../contract/installed.js";
import {
  compareActivations,
  compareRandom,
  compareSimilarities,
  compareWindows,
  compareWorded,
} from "./held.js";

describe.each(installedRuntimes())("in the runtime %s", (runtime) => {
  test.each(VOCABULARY_KINDS)(
    "models of %s, without and with blocks",
    (kind) => compareRandom(runtime, kind, 1, 1),
    60_000,
  );

  test.each(VOCABULARY_KINDS)(
    "models of %s with windows",
    (kind) => compareWindows(runtime, kind, 1, 1),
    60_000,
  );

  test("blocks with every similarity", () => compareSimilarities(runtime, 1), 60_000);

  test("blocks with every activation", () => compareActivations(runtime, 1), 60_000);

  test.each(VOCABULARY_KINDS)(
    "models of %s with hundreds of tokens, on long texts",
    (kind) => compareWorded(runtime, kind, 1, [20, 400]),
    60_000,
  );
});
