/** The README.md of an exported model: how to run it, what it computes, what no longer holds, and the model's own card below. */
import type { ModelIdentity } from "../model/classifier.js";

export interface ExportCardFacts {
  readonly identity: ModelIdentity;
  readonly labels: readonly string[];
  /** The version of this program. */
  readonly version: string;
  /** The model's own card, "" where there is none. */
  readonly card: string;
}

export function exportCard({ identity, labels, version, card }: ExportCardFacts): string {
  const title = /^#[ \t]+(.*\S)/m.exec(card)?.[1] ?? identity.name;
  const lines = [
    "---",
    "library_name: transformers.js",
    "pipeline_tag: text-classification",
    "---",
    "",
    `# ${title}, for ONNX Runtime and transformers.js`,
    "",
    `The typoproof model \`${identity.name}\`, sha256 \`${identity.sha256}\`, written by \`typoproof export\` ${version}.`,
    `Labels: ${labels.map((label) => `\`${label}\``).join(", ")}.`,
    "",
    "```js",
    'import { env, pipeline } from "@huggingface/transformers";',
    "",
    'env.localModelPath = "the folder that this one lies in";',
    "env.allowRemoteModels = false;",
    'const classify = await pipeline("text-classification", "this folder\'s name");',
    'console.log(await classify("your text"));',
    "```",
    "",
    "`onnx/model.onnx` reads `input_ids` and `attention_mask`, int64 [batch, sequence], and gives `logits`, float32",
    "[batch, labels]. The ids are what `tokenizer.json` gives; texts aren't cut. `bert` in `config.json` only makes",
    "transformers.js run it as a classifier: it is none.",
    "",
    "Certificates are about the model that typoproof runs, in float64. Here float32 rounds the logits, by at most 1e-5 of their",
    "size in the tests: only where two labels are that close can the answer be another one.",
    "",
  ];
  if (card !== "") lines.push(below(card).trimEnd(), "");
  return lines.join("\n");
}

/** The same text with its headings one level lower, but for what stands in fences. */
function below(card: string): string {
  let fenced = false;
  return card
    .split("\n")
    .map((line) => {
      if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
      return !fenced && /^#{1,5}[ \t]/.test(line) ? `#${line}` : line;
    })
    .join("\n");
}
