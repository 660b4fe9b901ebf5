/**
 * What stands around a text's own tokens, from the post-processor of a tokenizer.json.
 */
import { UserError } from "../failure.js";
import { type Fields, type Part, sequence, shown, type TokenizerParts } from "./huggingface-parts.js";

export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** @throws UserError if a part is unknown or names a token that isn't there */
export function frameOf({ postProcessor, addedTokens, vocabulary }: TokenizerParts, where: string): Frame {
  const added = new Map(addedTokens.map(({ content, id }) => [content, id]));
  const idOf = (token: unknown): number => {
    const id = typeof token === "string" ? (added.get(token) ?? vocabulary.get(token)) : undefined;
    if (id === undefined)
      throw new UserError(`${where}: post_processor names ${shown(token)}, which is no token`);
    return id;
  };
  let before: readonly number[] = [];
  let after: readonly number[] = [];
  for (const each of sequence(postProcessor, "processors")) {
    const one = single(each, idOf, where);
    before = [...one.before, ...before];
    after = [...after, ...one.after];
  }
  return { before, after };
}

function single(part: Part, idOf: (token: unknown) => number, where: string): Frame {
  switch (part.type) {
    case "ByteLevel":
      return { before: [], after: [] };
    case "BertProcessing":
    case "RobertaProcessing":
      return { before: [idOf(first(part.cls))], after: [idOf(first(part.sep))] };
    case "TemplateProcessing":
      return template(part.single, idOf, where);
  }
  throw new UserError(
    `${where}: post_processor.type is ${shown(part.type)}; allowed are BertProcessing, RobertaProcessing, TemplateProcessing, ByteLevel, Sequence`,
  );
}

function template(items: unknown, idOf: (token: unknown) => number, where: string): Frame {
  const before: number[] = [];
  const after: number[] = [];
  let own = 0;
  for (const item of Array.isArray(items) ? (items as Fields[]) : []) {
    const special = item.SpecialToken as Fields | undefined;
    if (special !== undefined) (own === 0 ? before : after).push(idOf(special.id));
    else if ((item.Sequence as Fields | undefined)?.id === "A") own++;
    else own = Number.NaN;
  }
  if (own !== 1)
    throw new UserError(
      `${where}: post_processor.single is ${shown(items)}; it must hold the text's tokens once and special tokens`,
    );
  return { before, after };
}

function first(pair: unknown): unknown {
  return Array.isArray(pair) ? pair[0] : undefined;
}
