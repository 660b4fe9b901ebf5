/**
 * The parts of a tokenizer.json as they are needed here, checked as far as anything below relies on them.
 *
 * Promise: what comes out has the types that it says; a part that is missing or of another shape is one UserError that names it.
 */
import { UserError } from "../failure.js";

export type Fields = Readonly<Record<string, unknown>>;

export interface Part extends Fields {
  readonly type: string;
}

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Whether it is looked for after the normaliser. */
  readonly normalized: boolean;
}

export interface TokenizerParts {
  readonly addedTokens: readonly AddedToken[];
  readonly normalizer: Part | null;
  readonly preTokenizer: Part | null;
  readonly postProcessor: Part | null;
  readonly model: Part;
  /** Every token of the model by its spelling; of two with one spelling the last. */
  readonly vocabulary: ReadonlyMap<string, number>;
}

export const MODEL_TYPES: readonly string[] = ["WordPiece", "BPE", "Unigram"];

/** @throws UserError beginning with `where` */
export function tokenizerParts(json: unknown, where: string): TokenizerParts {
  const whole = fields(json, where, "the file");
  const model = part(whole.model, where, "model");
  if (model === null) throw new UserError(`${where}: model is missing`);
  if (!MODEL_TYPES.includes(model.type))
    throw new UserError(
      `${where}: model.type is ${shown(model.type)}; allowed are ${MODEL_TYPES.join(", ")}`,
    );
  return {
    addedTokens: addedTokens(whole.added_tokens, where),
    normalizer: part(whole.normalizer, where, "normalizer"),
    preTokenizer: part(whole.pre_tokenizer, where, "pre_tokenizer"),
    postProcessor: part(whole.post_processor, where, "post_processor"),
    model,
    vocabulary: model.type === "Unigram" ? unigramVocabulary(model, where) : vocabulary(model, where),
  };
}

/** The parts that a Sequence is made of, or the part itself. */
export function sequence(found: Part | null, key: string): readonly Part[] {
  if (found === null) return [];
  if (found.type !== "Sequence") return [found];
  const list = found[key];
  return Array.isArray(list) ? list.flatMap((each) => sequence(each as Part, key)) : [];
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function fields(value: unknown, where: string, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UserError(`${where}: ${name} is ${shown(value)}; it must be an object`);
  return value as Fields;
}

function part(value: unknown, where: string, name: string): Part | null {
  if (value === null || value === undefined) return null;
  const found = fields(value, where, name);
  // Old files leave the type of the model out.
  if (name === "model" && found.type === undefined) return { ...found, type: guessedModel(found) };
  if (typeof found.type !== "string")
    throw new UserError(`${where}: ${name}.type is ${shown(found.type)}; it must be a name`);
  const key = { normalizer: "normalizers", pre_tokenizer: "pretokenizers", post_processor: "processors" }[
    name
  ];
  if (found.type === "Sequence" && key !== undefined) {
    const list = found[key];
    if (!Array.isArray(list))
      throw new UserError(`${where}: ${name}.${key} is ${shown(list)}; it must be a list`);
    list.forEach((each, i) => {
      if (part(each, where, name) === null) throw new UserError(`${where}: ${name}.${key}[${i}] is null`);
    });
  }
  return found as Part;
}

function guessedModel(model: Fields): string {
  if (Array.isArray(model.merges)) return "BPE";
  if (Array.isArray(model.vocab)) return "Unigram";
  return "WordPiece";
}

function addedTokens(value: unknown, where: string): readonly AddedToken[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value))
    throw new UserError(`${where}: added_tokens is ${shown(value)}; it must be a list`);
  return value.map((each, i) => {
    const { id, content, special, lstrip, rstrip, normalized } = fields(each, where, `added_tokens[${i}]`);
    if (!isId(id))
      throw new UserError(`${where}: added_tokens[${i}].id is ${shown(id)}; it must be a number from 0`);
    if (typeof content !== "string" || content === "")
      throw new UserError(`${where}: added_tokens[${i}].content is ${shown(content)}; it must be a text`);
    return {
      id,
      content,
      lstrip: lstrip === true,
      rstrip: rstrip === true,
      normalized: normalized === undefined || normalized === null ? special !== true : normalized === true,
    };
  });
}

function vocabulary({ vocab, merges, type }: Part, where: string): ReadonlyMap<string, number> {
  const found = fields(vocab, where, "model.vocab");
  const map = new Map<string, number>();
  for (const [token, id] of Object.entries(found)) {
    if (!isId(id))
      throw new UserError(
        `${where}: model.vocab gives ${shown(token)} the id ${shown(id)}; it must be a number from 0`,
      );
    map.set(token, id);
  }
  if (map.size === 0) throw new UserError(`${where}: model.vocab is empty`);
  if (type === "BPE") {
    if (!Array.isArray(merges))
      throw new UserError(`${where}: model.merges is ${shown(merges)}; it must be a list`);
    const wrong = merges.findIndex((merge) =>
      Array.isArray(merge)
        ? merge.length !== 2 || merge.some((side) => typeof side !== "string")
        : typeof merge !== "string" || !/^\S+ \S+$/.test(merge),
    );
    if (wrong >= 0)
      throw new UserError(
        `${where}: model.merges[${wrong}] is ${shown(merges[wrong])}; it must be two tokens`,
      );
  }
  return map;
}

function unigramVocabulary({ vocab, unk_id }: Part, where: string): ReadonlyMap<string, number> {
  if (!Array.isArray(vocab) || vocab.length === 0)
    throw new UserError(`${where}: model.vocab is ${shown(vocab)}; it must be a list of [token, score]`);
  const map = new Map<string, number>();
  vocab.forEach((entry, id) => {
    if (!Array.isArray(entry) || typeof entry[0] !== "string" || typeof entry[1] !== "number")
      throw new UserError(`${where}: model.vocab[${id}] is ${shown(entry)}; it must be [token, score]`);
    map.set(entry[0], id);
  });
  if (!isId(unk_id) || unk_id >= vocab.length)
    throw new UserError(
      `${where}: model.unk_id is ${shown(unk_id)}; it must be a number below ${vocab.length}`,
    );
  return map;
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}
