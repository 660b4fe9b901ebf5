/**
 * The door to certification: validates the question, picks the methods, and gives the answer as plain data.
 *
 * `auto` climbs from the cheapest method to the dearest and stops at a verdict; what an earlier method has proven or
 * broken is kept, so the answer is a bracket: certified <= true radius < broken.
 *
 * | model | methods |
 * |---|---|
 * | native, additive | exact; attack, if a limit stopped it |
 * | native, with blocks | lipschitz; attack, for what is left open |
 * | LipsLev | lipschitz, which decides one edit exactly; attack, for what is left open |
 * | any other | enumerate, for as many edits as is affordable; attack, for the others |
 */
import { attack } from "../attack/attack.js";
import { clock } from "../clock.js";
import { type Alphabet, asciiAlphabet, unicodeAlphabet } from "../edits/alphabet.js";
import { threat } from "../edits/threat.js";
import { UserError } from "../failure.js";
import { LipslevModel } from "../model/lipslev.js";
import { NativeModel } from "../model/native.js";
import { NativeTransformer } from "../model/native-transformer.js";
import { SequenceModel } from "../model/sequence.js";
import { type CertifiableModel, viewOf } from "../model/views.js";
import { checkedEdits } from "./certify-exactly.js";
import { modelClaim } from "./claim.js";
import { enumerate } from "./enumerate/enumerate.js";
import { exact } from "./exact/exact.js";
import { encoderLipschitz } from "./lipschitz/encoder.js";
import { nativeLipschitz } from "./lipschitz/native.js";
import { certifyLipslev } from "./lipslev/lipslev.js";
import type { MethodAnswer } from "./method.js";
import type { Certification, Verdict } from "./result.js";

export const METHODS = ["auto", "exact", "lipschitz", "enumerate", "attack"] as const;
export type MethodName = (typeof METHODS)[number];

export type { CertifiableModel };

export interface CertifyOptions {
  /** The largest number of edits to try, 0..1000; default 2. */
  readonly edits?: number;
  readonly method?: MethodName;
  /** What may be written; default: all of Unicode for native models, U+0020 to U+007E for others. */
  readonly alphabet?: Alphabet;
  /** Seconds per text; none by default. */
  readonly timeLimit?: number;
  /** Search states per text, for `exact`. */
  readonly stateLimit?: number;
  /** Token sequences that the model is run on per text: for `enumerate` none, for `attack` 2,000 by default. */
  readonly queries?: number;
  /** For `attack`. */
  readonly seed?: number;
  readonly signal?: { readonly aborted: boolean };
}

export function defaultAlphabet(model: CertifiableModel): Alphabet {
  return model instanceof SequenceModel ? asciiAlphabet() : unicodeAlphabet();
}

/**
 * How many character edits does the prediction for `text` withstand?
 * @throws UserError if an option isn't allowed, or the method can't do this model.
 */
export async function certify(
  model: CertifiableModel,
  text: string,
  options: CertifyOptions = {},
): Promise<Certification> {
  const limit = checkedEdits(options.edits);
  const method = options.method ?? "auto";
  if (!METHODS.includes(method))
    throw new UserError(`method is ${JSON.stringify(method)}; allowed: ${METHODS.join(", ")}`, 2);
  const alphabet = options.alphabet ?? defaultAlphabet(model);
  const began = clock();
  const { used, answer } = await climb({ model, text, alphabet, limit, options, began }, method);
  // Bounds are about the float64 forward, whatever runs the model otherwise.
  const backend = model instanceof SequenceModel && used !== "lipschitz" ? model.backend : null;
  return {
    ...answer.verdict,
    prediction: answer.prediction,
    limit,
    margins: answer.margins,
    method: used,
    threat: threat(alphabet),
    model: modelClaim(model),
    arithmetic: backend?.arithmetic ?? "float64",
    seconds: (clock() - began) / 1000,
    ...(answer.work === undefined ? {} : { work: answer.work }),
    ...(answer.evidence === undefined ? {} : { evidence: answer.evidence }),
  };
}

interface Question {
  readonly model: CertifiableModel;
  readonly text: string;
  readonly alphabet: Alphabet;
  readonly limit: number;
  readonly options: CertifyOptions;
  /** When the work on this text began. */
  readonly began: number;
}

async function climb(
  question: Question,
  method: MethodName,
): Promise<{ readonly used: string; readonly answer: MethodAnswer }> {
  if (method !== "auto") return { used: method, answer: await answerBy(method, question) };
  const proof = proofFor(question.model);
  const answer = await answerBy(proof, question);
  const { verdict } = answer;
  // What a proof left open may still be breakable; more than a time limit isn't spent on finding out.
  const spent = (clock() - question.began) / 1000 >= (question.options.timeLimit ?? Number.POSITIVE_INFINITY);
  if (
    verdict.verdict !== "unknown" ||
    verdict.certified === null ||
    spent ||
    question.options.signal?.aborted
  )
    return { used: proof, answer };
  const found = await answerBy("attack", question, verdict.certified);
  return { used: proof, answer: { ...answer, verdict: bracket(verdict, found.verdict) } };
}

function proofFor(model: CertifiableModel): "exact" | "lipschitz" | "enumerate" {
  if (model instanceof NativeModel) return "exact";
  return model instanceof SequenceModel ? "enumerate" : "lipschitz";
}

/** What a proof gives and what an attack breaks, together. */
function bracket(proof: Extract<Verdict, { verdict: "unknown" }>, broke: Verdict): Verdict {
  const { broken, counterexample } = broke;
  if (broken === null || counterexample === null || proof.certified === null) return proof;
  if (broken <= proof.certified)
    throw new Error(`${broken} edits break what was proven for ${proof.certified}`);
  const { certified } = proof;
  return broken === certified + 1
    ? { verdict: "refuted", certified, broken, counterexample }
    : { ...proof, broken, counterexample };
}

async function answerBy(
  method: Exclude<MethodName, "auto">,
  { model, text, alphabet, limit, options, began }: Question,
  proven = 0,
): Promise<MethodAnswer> {
  const { timeLimit, signal } = options;
  // In whole milliseconds, so that a message names the limit as it was given where nothing is spent yet.
  const spent = Math.round(clock() - began) / 1000;
  const seconds = timeLimit === undefined ? undefined : Math.max(0, timeLimit - spent);
  switch (method) {
    case "exact":
      if (model instanceof LipslevModel)
        return certifyLipslev(model, text, alphabet, limit, { method: "exact", seconds, signal });
      if (!(model instanceof NativeModel))
        throw new UserError(
          `the method exact needs a native model without blocks, and ${model.identity.name} is none; allowed: auto, lipschitz, enumerate, attack`,
          2,
        );
      return exact(model, text, alphabet, limit, { seconds, states: options.stateLimit, signal });
    case "lipschitz":
      if (model instanceof LipslevModel)
        return certifyLipslev(model, text, alphabet, limit, { seconds, signal });
      if (model instanceof NativeTransformer)
        return nativeLipschitz(model, text, alphabet, limit, { seconds, states: options.stateLimit, signal });
      if (model instanceof SequenceModel)
        return encoderLipschitz(model, text, alphabet, limit, {
          seconds,
          sequences: options.queries,
          signal,
        });
      throw new UserError(
        `the method lipschitz needs a model with blocks, and ${model.identity.name} has none; allowed: auto, exact, enumerate, attack`,
        2,
      );
    case "enumerate":
      return enumerate(viewOf(model), text, alphabet, limit, { seconds, sequences: options.queries, signal });
    case "attack": {
      const found = await attack(model, text, alphabet, {
        edits: limit,
        proven,
        ...(seconds === undefined ? {} : { seconds }),
        ...(options.queries === undefined ? {} : { queries: options.queries }),
        ...(options.seed === undefined ? {} : { seed: options.seed }),
        ...(signal === undefined ? {} : { signal }),
      });
      return attacked(found, limit);
    }
  }
}

/** An attack's answer as a verdict: it proves nothing but that the text as it stands has its label. */
function attacked(found: Awaited<ReturnType<typeof attack>>, limit: number): MethodAnswer {
  const { prediction, broken, counterexample, work } = found;
  const sorted = prediction.scores.filter((_, y) => y !== prediction.index);
  const margins = [{ edits: 0, lower: prediction.scores[prediction.index]! - Math.max(...sorted) }];
  const what = broken === null ? "found nothing and" : "found nothing shorter and";
  const reason = `an attack of ${found.queries} queries ${what} proves nothing`;
  let verdict: Verdict;
  if (limit === 0) verdict = { verdict: "certified", certified: 0, broken: null, counterexample: null };
  else if (broken === 1 && counterexample !== null)
    verdict = { verdict: "refuted", certified: 0, broken, counterexample };
  else verdict = { verdict: "unknown", certified: 0, broken, counterexample, reason };
  return { verdict, prediction, margins, work, evidence: { kind: "attack", queries: found.queries } };
}
