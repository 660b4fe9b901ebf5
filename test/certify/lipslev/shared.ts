/** What the shared folder holds of LipsLev, where there is one. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decideSingle } from "../../../src/certify/lipslev/single.js";
import type { LipslevModel } from "../../../src/model/lipslev.js";
import { characterAlphabet, writable } from "../../../src/model/lipslev-characters.js";
import { readLipslevFolder } from "../../../src/model/lipslev-folder.js";

const shared = join(import.meta.dirname, "..", "..", "..", "..", "shared");
const folder = join(shared, "models", "lipslev-ag-news");

export const present = existsSync(join(folder, "model.safetensors"));

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export interface Published {
  readonly text: string;
  readonly label: number;
  readonly predicted: number;
  readonly margin: number | null;
  readonly published_radius: number | null;
  readonly brute_force: { readonly radius: number | null };
  readonly charmer: { readonly adversarial_text: string | null };
}

export interface WorstSingleEdit {
  readonly i: number;
  readonly m: number;
  readonly margin: number;
  readonly worst: { readonly sub: number; readonly ins: number; readonly del: number };
  readonly claimed_radius: number;
  readonly sound_radius: number;
}

export interface CounterexampleVector {
  readonly q: number;
  readonly embedding: Readonly<Record<string, readonly number[]>>;
  readonly conv_weight_torch_layout_out_in_k: readonly (readonly (readonly number[])[])[];
  readonly head: readonly (readonly number[])[];
  readonly M_E: number;
  readonly M_K: number;
  readonly M_W: number;
  readonly cases: Readonly<
    Record<
      "P" | "Pdel",
      { readonly text: string; readonly logits: readonly number[]; readonly margin: number }
    >
  >;
}

const json = <T>(...path: string[]) => JSON.parse(readFileSync(join(shared, ...path), "utf8")) as T;

export const published = () => json<Published[]>("models", "lipslev-ag-news", "published-results.json");
export const worstSingleEdits = () =>
  json<WorstSingleEdit[]>("vectors", "lipslev-example-worst-single-edit.json");
export const counterexampleVector = () =>
  json<CounterexampleVector>("vectors", "lipslev-counterexample.json");

let loaded: Promise<LipslevModel> | undefined;

export function agNews(): Promise<LipslevModel> {
  loaded ??= readLipslevFolder(
    async (name) => new Uint8Array(readFileSync(join(folder, name))),
    sha256,
    "lipslev-ag-news",
  );
  return loaded;
}

/** All single edits over the model's own characters. */
export function singleEdits(model: LipslevModel, text: string) {
  const read = model.read(text);
  const winner = model.predict(text).index;
  const rivals = model.labels.map((_, y) => y).filter((y) => y !== winner);
  const codePointOf = writable(model.characters, characterAlphabet(model.characters));
  const allowances = rivals.map(() => 0);
  return decideSingle({ model, text, read, winner, rivals, allowances, codePointOf }, {});
}
