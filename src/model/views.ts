/**
 * Every kind of model that can be certified, and each as a sequence model, for the methods that only run models.
 *
 * Promise: a view gives the label and the logits of the model it is of, to the last bit; there is one view per model.
 */
import { listAlphabet } from "../edits/alphabet.js";
import { nativeTokenizer } from "../tokenizer/native.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { type Backend, checkTokens } from "./backend.js";
import type { LipslevModel } from "./lipslev.js";
import { characterAlphabet, readCharacters, writable } from "./lipslev-characters.js";
import { NativeModel } from "./native.js";
import { sequenceView } from "./native-backend.js";
import { NativeTransformer } from "./native-transformer.js";
import { SequenceModel } from "./sequence.js";

/** The models that some method certifies. */
export type CertifiableModel = NativeModel | NativeTransformer | LipslevModel | SequenceModel;

const VIEWS = new WeakMap<NativeTransformer | LipslevModel, SequenceModel>();

export function viewOf(model: CertifiableModel): SequenceModel {
  if (model instanceof SequenceModel) return model;
  if (model instanceof NativeModel) return sequenceView(model);
  let view = VIEWS.get(model);
  if (view === undefined) {
    const { identity, labels } = model;
    const parts = model instanceof NativeTransformer ? transformerParts(model) : lipslevParts(model);
    view = new SequenceModel({ identity, labels, encoder: null, ...parts });
    VIEWS.set(model, view);
  }
  return view;
}

interface Parts {
  readonly tokenizer: Tokenizer;
  readonly backend: Backend;
}

/** The tokens are the additive model's; those of whole words that have a row are the blocks' too. */
function transformerParts(model: NativeTransformer): Parts {
  const additive = sequenceView(model.additive);
  const backend: Backend = {
    name: "native",
    arithmetic: "float64",
    async logits(sequences) {
      const sums = await additive.backend.logits(sequences);
      return sequences.map((ids, i) => {
        const tokens: number[] = [];
        for (const id of ids) if (model.rows[id]! >= 0) tokens.push(model.rows[id]!);
        const more = model.branches(tokens);
        return sums[i]!.map((value, y) => value + more[y]!);
      });
    },
    async close() {},
  };
  return { tokenizer: nativeTokenizer(model.additive.vocabulary), backend };
}

/**
 * Characters as tokens, cut to the length that the model reads. Each code point gives one token or none by itself, so a text can be
 * cut anywhere.
 */
function lipslevParts(model: LipslevModel): Parts {
  const { characters, maxCharacters } = model;
  const ids = (text: string): Int32Array => readCharacters(characters, text).ids;
  const frame = (own: Int32Array): Int32Array =>
    own.length > maxCharacters ? own.slice(0, maxCharacters) : own;
  const names = new Map([...characters].map(([point, id]) => [id, String.fromCodePoint(point)]));
  const tokenizer: Tokenizer = {
    name: "characters",
    size: model.rows,
    locality: { kind: "before-space", afterWord: false },
    ids,
    frame,
    encode: (text) => frame(ids(text)),
    most: maxCharacters,
    token: (id) => names.get(id) ?? "",
    modelAlphabet: () => characterAlphabet(characters),
    // What is dropped does, written over a character, what deleting that character does, and inserted nothing.
    representatives: (alphabet) => {
      const points = [...writable(characters, alphabet).values()];
      return points.length === 0 ? [] : listAlphabet(alphabet.name, points).codePoints();
    },
  };
  const backend: Backend = {
    name: "lipslev",
    arithmetic: "float64",
    async logits(sequences) {
      return sequences.map((sequence) => {
        checkTokens(sequence, model.rows, Number.POSITIVE_INFINITY, 0);
        return model.logits(sequence);
      });
    },
    async close() {},
  };
  return { tokenizer, backend };
}
