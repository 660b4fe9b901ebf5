/**
 * Exported folders against the model's own logits: through the written tokenizer and the written graph, in every runtime that is
 * installed, one text at a time and in batches padded on either side.
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { ACTIVATION_NAMES, activationFunction } from "../../../src/layers/activation.js";
import { SIMILARITIES } from "../../../src/layers/similarity.js";
import { exportFiles } from "../../../src/model/export-folder.js";
import type { NativeModel } from "../../../src/model/native.js";
import { type NativeTransformer, wholeWords } from "../../../src/model/native-transformer.js";
import type { Session } from "../../../src/model/ort-backend.js";
import { openSession, type Runtime } from "../../../src/node/backends/session.js";
import { fold } from "../../../src/text/fold.js";
import type { VocabularyKind } from "../../../src/tokenizer/vocabulary.js";
import { type Random, randomModel, randomString, seeded } from "../../oracle/random-model.js";
import { randomTransformer } from "../../oracle/random-transformer.js";
import { randomlyWindowed } from "../../oracle/random-windows.js";
import { wordedModel, wordedText } from "../../oracle/worded-model.js";
import { hostileText } from "../../tokenizer/golden.js";

type Native = NativeModel | NativeTransformer;

interface Exported {
  readonly session: Session;
  readonly tokenizer: Tokenizer;
  readonly padding: number;
}

async function opened(model: Native, runtime: Runtime): Promise<Exported> {
  const files = exportFiles(model);
  const json = (name: string) => JSON.parse(Buffer.from(files.get(name)!).toString());
  const config = json("tokenizer_config.json");
  const tokenizer = new Tokenizer(json("tokenizer.json"), config);
  const padding = tokenizer.token_to_id(config.pad_token)!;
  expect(padding).toBe(json("config.json").pad_token_id);
  return { session: await openSession(runtime, files.get("onnx/model.onnx")!, 1), tokenizer, padding };
}

/** Logits of the ids in one run, padded to the longest with `padding`, which is masked. */
async function run(
  session: Session,
  rows: readonly (readonly number[])[],
  { left = false, padding }: { readonly left?: boolean; readonly padding: number },
): Promise<number[][]> {
  const length = Math.max(...rows.map((row) => row.length));
  const cells = (pad: number, values: (row: readonly number[]) => readonly number[]) => ({
    type: "int64" as const,
    dims: [rows.length, length],
    data: BigInt64Array.from(
      rows.flatMap((row) => {
        const fill = new Array<number>(length - row.length).fill(pad);
        return left ? [...fill, ...values(row)] : [...values(row), ...fill];
      }),
      BigInt,
    ),
  });
  const feeds = {
    input_ids: cells(padding, (row) => row),
    attention_mask: cells(0, (row) => row.map(() => 1)),
  };
  const { logits } = await session.run(feeds, ["logits"]);
  const [count, labels] = logits!.dims as [number, number];
  expect(count).toBe(rows.length);
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: labels }, (_, y) => logits!.data[i * labels + y]!),
  );
}

const own = (model: Native, text: string) => [...model.logits(fold(text).symbols)];

function near(seen: readonly number[], wanted: readonly number[], text: string): void {
  const size = Math.max(1, ...wanted.map(Math.abs));
  const apart = Math.max(...seen.map((logit, y) => Math.abs(logit - wanted[y]!))) / size;
  if (!(apart < 1e-5) || seen.length !== wanted.length)
    throw new Error(`${JSON.stringify(text)}: ${seen} instead of ${wanted}`);
}

export async function compare(model: Native, runtime: Runtime, texts: readonly string[]): Promise<void> {
  const exported = await opened(model, runtime);
  const wanted = texts.map((text) => own(model, text));
  const check = (seen: readonly (readonly number[])[]) =>
    seen.forEach((logits, i) => {
      if (model.kind === "native") expect(logits).toEqual(wanted[i]!.map(Math.fround).map((x) => x + 0));
      else near(logits, wanted[i]!, texts[i]!);
    });
  const { session, tokenizer, padding } = exported;
  const rows = texts.map((text) => tokenizer.encode(text).ids);
  const singly: number[][] = [];
  for (const row of rows) singly.push((await run(session, [row], { padding }))[0]!);
  check(singly);
  check(await run(session, rows, { padding }));
  check(await run(session, rows, { padding, left: true }));
  // As by a library that takes a typed space for the special token that it is named as.
  const spaced = texts.map((text) =>
    text.split(" ").flatMap((part, i) => [...(i === 0 ? [] : [padding]), ...tokenizer.encode(part).ids]),
  );
  check(await run(session, spaced, { padding }));
  // Whatever is masked doesn't count: here the id of a token.
  check(await run(session, rows, { padding: 1 }));
  await session.close();
}

const FIXED = ["", " ", " .,\n\u200B", "\u200B", "a", "a a", "ab".repeat(50), "$ ^ \uFFFD [UNK] ##a"];

export function textsFor(random: Random): string[] {
  const letters = [..."aaabbbc 1\u0430\uFFFD$", "\uD800", " "];
  return [
    ...FIXED,
    ...Array.from({ length: 6 }, () => randomString(random, letters, 40)),
    ...Array.from({ length: 3 }, () => hostileText(random)),
  ];
}

/** `count` models without blocks and as many with. */
export async function compareRandom(runtime: Runtime, kind: VocabularyKind, seed: number, count: number) {
  const random = seeded(seed);
  for (let n = 0; n < count; n++) {
    const additive = randomModel(random, kind, 2 + (n % 3), ["a", "b", "c"].slice(0, 2 + (n % 2)));
    await compare(additive, runtime, textsFor(random));
    const shape = { blocks: (n + 1) % 4, heads: 1 + (n % 2) };
    await compare(randomTransformer(random, additive, shape), runtime, textsFor(random));
  }
}

/** Models whose heads see windows, in which places count. */
export async function compareWindows(runtime: Runtime, kind: VocabularyKind, seed: number, count: number) {
  const random = seeded(seed);
  for (let n = 0; n < count; n++) {
    const additive = randomModel(random, kind, 2, ["a", "b", "c"]);
    const shape = { blocks: 1 + (n % 3), heads: 1 + (n % 2) };
    const model = randomlyWindowed(random, randomTransformer(random, additive, shape));
    // Words one after the other, as many as there are.
    const words = wholeWords(additive.vocabulary).flatMap((word) => word ?? []);
    const orders = [words, [...words].reverse(), [...words, "none", ...words]].map((list) => list.join(" "));
    await compare(model, runtime, [...orders, ...textsFor(random)]);
  }
}

/** A model of two blocks with each activation that maps 0 to 0. */
export async function compareActivations(runtime: Runtime, seed: number) {
  const random = seeded(seed);
  const additive = randomModel(random, "words", 2, ["a", "b", "c"]);
  for (const activation of ACTIVATION_NAMES.filter((name) => activationFunction(name)(0) === 0))
    await compare(randomTransformer(random, additive, { blocks: 2, activation }), runtime, textsFor(random));
}

/** Models of each way to compare queries with keys, with windows and without. */
export async function compareSimilarities(runtime: Runtime, seed: number) {
  const random = seeded(seed);
  const additive = randomModel(random, "words", 2, ["a", "b", "c"]);
  for (const similarity of SIMILARITIES) {
    const model = randomTransformer(random, additive, { blocks: 2, similarity });
    await compare(model, runtime, textsFor(random));
    await compare(randomlyWindowed(random, model), runtime, textsFor(random));
  }
}

/** A model without blocks and one with, on texts of these lengths. */
export async function compareWorded(
  runtime: Runtime,
  kind: VocabularyKind,
  seed: number,
  lengths: readonly number[],
) {
  const random = seeded(seed);
  const { model, words } = wordedModel(random, kind, 300, 3);
  const texts = lengths.map((length) => wordedText(random, words, length));
  await compare(model, runtime, texts);
  await compare(randomTransformer(random, model, { d: 8, blocks: 2 }), runtime, texts);
}
