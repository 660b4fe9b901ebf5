/**
 * What `typoproof train` was told, as a plan: the options of the training, and which of the ways to train they ask for.
 */
import { UserError } from "../../../failure.js";
import { checkTrainOptions, TRAIN_DEFAULTS, type TrainOptions } from "../../../train/options.js";
import { REGULARISER_DEFAULTS } from "../../../train/regularisers/options.js";
import { checkTransformerOptions, type TransformerTrainOptions } from "../../../train/transformer/loop.js";
import { BLOCK_DEFAULTS } from "../../../train/transformer/options.js";
import type { InputFlags } from "../../options.js";
import { BLOCK_BATCH } from "../../training-flags.js";

export type TrainFlags = InputFlags &
  Omit<TransformerTrainOptions, "chooseAt" | "batch" | "distil"> & {
    readonly validation: number;
    readonly validationWords: number;
    readonly exclude?: readonly string[];
    readonly test?: readonly string[];
    readonly edits: number;
    readonly batch?: number;
    readonly teacher?: readonly string[];
    readonly teacherScale: number;
    readonly distil?: number;
    readonly start?: string;
    readonly vectors?: string;
    readonly threads: number;
    readonly output: string;
    readonly overwrite?: boolean;
    readonly title?: string;
    readonly log?: string;
    readonly resume?: boolean;
    readonly timeLimit?: number;
    readonly progress: boolean;
  };

export interface Plan {
  /** By the loop of the sum over words, or by the loss graph that blocks, teachers and the like need. */
  readonly way: "sum" | "graph";
  readonly options: TransformerTrainOptions;
  /** Shipped models or folders. */
  readonly teacher: { readonly models: readonly string[]; readonly scale: number } | null;
  /** Shipped model or folder to begin with. */
  readonly start: string | null;
  /** File of word vectors. */
  readonly vectors: string | null;
  readonly threads: number;
}

export const ALL_DEFAULTS: TransformerTrainOptions = {
  ...TRAIN_DEFAULTS,
  ...BLOCK_DEFAULTS,
  ...REGULARISER_DEFAULTS,
};

/** Options that are about the loss alone, so that the graph has a use for them without blocks too. */
const WITHOUT_BLOCKS: readonly string[] = [
  "blocks",
  "kappa",
  "distil",
  "maxWords",
  "certifiedRadius",
  "radiusBelow",
  "radiusTemperature",
  "radiusFrom",
];

/** @throws UserError naming the first option that isn't allowed or would have no effect */
export function planOf(flags: TrainFlags): Plan {
  if (flags.validation > 0.5)
    throw new UserError(`--validation is ${flags.validation}; allowed is a share from 0 to 0.5`, 2);
  const teacher = teacherOf(flags);
  const distil = flags.distil ?? (teacher === null ? 0 : 0.5);
  if (teacher !== null && distil === 0)
    throw new UserError("--distil is 0, so --teacher has no effect; leave out one of them", 2);
  const start = flags.start ?? null;
  const vectors = vectorsOf(flags);
  const graph =
    flags.blocks > 0 || distil > 0 || flags.certifiedRadius > 0 || flags.kappa > 0 || start !== null;
  const way = graph ? "graph" : "sum";
  const batch = flags.batch ?? (way === "graph" ? BLOCK_BATCH : TRAIN_DEFAULTS.batch);
  const given = { ...flags, chooseAt: flags.edits, batch, distil };
  const options = Object.fromEntries(
    Object.keys(ALL_DEFAULTS).map((name) => [name, given[name as keyof TransformerTrainOptions]]),
  ) as unknown as TransformerTrainOptions;
  if (way === "graph") checkTransformerOptions(options, teacher !== null);
  else checkTrainOptions(options);
  if (options.blocks === 0) refuseBlockOptions(options);
  return { way, options, teacher, start, vectors, threads: flags.threads };
}

function teacherOf({ teacher, teacherScale }: TrainFlags): Plan["teacher"] {
  if (teacher?.length === 0)
    throw new UserError("--teacher is an empty list; allowed is one model or more", 2);
  if (!(teacherScale > 0 && teacherScale <= 1e6))
    throw new UserError(`--teacher-scale is ${teacherScale}; allowed: a number above 0, at most 1000000`, 2);
  if (teacher === undefined && teacherScale !== 1)
    throw new UserError("--teacher-scale is about --teacher, which isn't given; leave it out", 2);
  return teacher === undefined ? null : { models: teacher, scale: teacherScale };
}

function vectorsOf({ vectors, vectorWords, start, blocks, kind }: TrainFlags): string | null {
  const isSet = vectorWords !== ALL_DEFAULTS.vectorWords;
  if (vectors === undefined && isSet)
    throw new UserError("--vector-words is about --vectors, which isn't given; leave it out", 2);
  if (vectors === undefined) return null;
  if (start !== undefined && blocks === 0)
    throw new UserError(
      "--vectors has no effect with --start and no blocks: the sum to start from keeps its words; leave one of them out",
      2,
    );
  if (start !== undefined && isSet)
    throw new UserError(
      "--vector-words has no effect with --start, which keeps its vocabulary; leave one of them out",
      2,
    );
  if (start === undefined && kind === "pieces")
    throw new UserError(
      "--vectors is about whole words, of which there are none with --kind pieces; allowed with it: words, patterns",
      2,
    );
  return vectors;
}

/** The options of the sum over words alone, where that is what is trained. */
export function sumOptions(options: TransformerTrainOptions): TrainOptions {
  return Object.fromEntries(
    Object.keys(TRAIN_DEFAULTS).map((name) => [name, options[name as keyof TrainOptions]]),
  ) as unknown as TrainOptions;
}

/** The options that aren't the defaults, by name. */
export function changedOptions(options: TransformerTrainOptions): Record<string, string | number> {
  const names = Object.keys(ALL_DEFAULTS) as (keyof TransformerTrainOptions)[];
  return Object.fromEntries(
    names.filter((name) => options[name] !== ALL_DEFAULTS[name]).map((name) => [name, options[name]]),
  );
}

function refuseBlockOptions(options: TransformerTrainOptions): void {
  for (const name of Object.keys(changedOptions(options)))
    if (!(name in TRAIN_DEFAULTS) && !WITHOUT_BLOCKS.includes(name))
      throw new UserError(
        `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} is about blocks, and there are none; give --blocks 1, or leave it out`,
        2,
      );
}
