/**
 * The model card that `train` writes: what the model is, what it learned from, how well it does, and the command that
 * makes it again. Pure text from facts; nothing is measured here.
 */
import type { Metrics } from "../evaluate/metrics.js";
import type { EpochReport } from "../train/loop.js";
import type { TrainOptions } from "../train/options.js";
import type { BlockOptions } from "../train/transformer/options.js";

export interface CardFacts {
  readonly name: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly tokens: number;
  readonly command: string;
  /** ISO date. */
  readonly date: string;
  readonly version: string;
  readonly seconds: number;
  readonly options: TrainOptions & BlockOptions;
  /** The options that aren't the defaults. */
  readonly changed: Readonly<Record<string, string | number>>;
  readonly teacher: {
    readonly models: readonly { readonly name: string; readonly sha256: string }[];
    readonly scale: number;
    readonly share: number;
  } | null;
  /** The model that training began with. */
  readonly start: { readonly name: string; readonly sha256: string } | null;
  /** Word vectors that it was made with. */
  readonly vectors: { readonly name: string; readonly sha256: string; readonly size: number } | null;
  /** Words that the blocks see. */
  readonly embedded: number;
  readonly data: {
    readonly name: string;
    readonly trained: number;
    readonly validation: number;
    /** Texts left out because they are part of, contain or nearly repeat held-out or test texts. */
    readonly leftOut: number;
    readonly source?: string;
    readonly citation?: string;
    readonly licence?: string;
    readonly terms?: string;
  };
  readonly chosen: EpochReport;
  readonly tests: readonly {
    readonly name: string;
    readonly metrics: Metrics;
    /** The same model with its branches switched off, where it has any. */
    readonly withoutBlocks: Metrics | null;
  }[];
}

export function modelCard(facts: CardFacts): string {
  const { data, options } = facts;
  const lines = [
    `# ${facts.title}`,
    "",
    ...(options.blocks === 0 ? additive(facts) : transformer(facts)),
    "",
    "```sh",
    `typoproof certify --model ${facts.name} "your text"`,
    "```",
    "",
    "## Data",
    "",
    `Trained on ${data.name}: ${data.trained} texts${data.validation > 0 ? `, ${data.validation} more held out to choose the epoch` : ""}${data.leftOut > 0 ? `; ${data.leftOut} left out because they overlap texts that were held out or excluded` : ""}.`,
    ...(data.source === undefined ? [] : ["", `Source: ${data.source}`]),
    ...(data.citation === undefined ? [] : ["", data.citation]),
    ...(data.licence === undefined
      ? []
      : ["", `Licence of the data: ${data.licence}. ${data.terms ?? ""}`.trim()]),
    "",
    "## Accuracy",
    "",
  ];
  if (facts.tests.length === 0) lines.push("Not measured on a test set.", "");
  for (const { name, metrics, withoutBlocks } of facts.tests) {
    const method = withoutBlocks === null ? "" : ", certified by the method `lipschitz`";
    lines.push(...accuracy(`On ${name}${method}:`, metrics), "");
    if (withoutBlocks !== null)
      lines.push(
        ...accuracy(
          "The same model with its branches switched off, which leaves the sum over words, certified exactly:",
          withoutBlocks,
        ),
        "",
      );
  }
  if (facts.chosen.validation !== null) {
    const { clean, certified, texts } = facts.chosen.validation;
    lines.push(
      `On the ${texts} held-out training texts: ${percent(clean)} right${certified.map((v, i) => `, ${percent(v)} certified at ${i + 1}`).join("")} (epoch ${facts.chosen.epoch} of ${options.epochs}).`,
      "",
    );
  }
  lines.push(
    `Certified accuracy at k: the share of texts that are labelled right and provably keep that label under every`,
    "change of at most k characters (insertions, deletions, substitutions; any Unicode character may be written).",
    "",
    "## How it was made",
    "",
    "```sh",
    facts.command,
    "```",
    "",
    `${facts.date}, typoproof ${facts.version}, ${Math.round(facts.seconds)} s. ${facts.tokens} ${options.kind} tokens. ${options.blocks === 0 && facts.teacher === null ? "Equal data, options and version give the same model." : "Equal data, options, version and runtime give the same model."}`,
    "",
    ...(facts.teacher === null ? [] : [taughtBy(facts.teacher), ""]),
    ...(facts.start === null
      ? []
      : [`Training began with the model \`${facts.start.name}\` (SHA-256 ${facts.start.sha256}).`, ""]),
    ...(facts.vectors === null
      ? []
      : [
          `Words were learned with vectors of ${facts.vectors.size} numbers from \`${facts.vectors.name}\` (SHA-256 ${facts.vectors.sha256}).`,
          "",
        ]),
    ...(options.blocks === 0 ? [] : [`Options that aren't the defaults: ${changes(facts.changed)}.`, ""]),
  );
  return lines.join("\n");
}

function taughtBy({ models, scale, share }: NonNullable<CardFacts["teacher"]>): string {
  const names = models.map(({ name, sha256 }) => `\`${name}\` (SHA-256 ${sha256})`).join(", ");
  const who = models.length === 1 ? `the model ${names} says` : `the models ${names} say on average`;
  return `A share of ${share} of the loss is what ${who} of the training texts${scale === 1 ? "" : `, scores times ${scale}`}.`;
}

function additive({ labels }: CardFacts): string[] {
  return [
    `A text classifier with the labels ${listed(labels)}, made to be certified: texts are folded to 38 symbols`,
    `and cut into words, words into tokens, and the evidence of all tokens is added up. The exact number of character`,
    "edits that an answer withstands is computed by `typoproof certify`.",
  ];
}

function transformer({ labels, options, embedded }: CardFacts): string[] {
  const { blocks, heads, width, inner } = options;
  return [
    `A text Transformer with the labels ${listed(labels)}, made to be certified: texts are folded to 38 symbols and cut`,
    `into words. The evidence of the words and their parts is added up, and ${blocks === 1 ? "one block" : `${blocks} blocks`} of attention (${heads} heads) and`,
    `feed-forward (${inner} hidden numbers) over ${embedded} words of ${width} numbers each add${blocks === 1 ? "s" : ""} to it. How many character edits`,
    "an answer withstands at least is computed by `typoproof certify`, by the method `lipschitz`.",
  ];
}

function changes(options: CardFacts["changed"]): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function accuracy(heading: string, metrics: Metrics): string[] {
  const ks = metrics.byEdits;
  const head = ["texts", "clean", ...ks.slice(1).map(({ edits }) => `certified at ${edits}`)];
  const rows = [
    [
      `all ${metrics.texts}`,
      share(metrics.clean?.value),
      ...ks.slice(1).map(({ certified }) => share(certified?.value)),
    ],
    ...metrics.labels.map(({ label, texts, recall, certified }) => [
      `${label}, ${texts}`,
      share(recall?.value),
      ...certified.slice(1).map((rate) => share(rate?.value)),
    ]),
  ];
  return [
    heading,
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ];
}

function share(value: number | undefined): string {
  return value === undefined ? "-" : percent(value);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function listed(labels: readonly string[]): string {
  return labels.map((label) => `\`${label}\``).join(", ");
}
