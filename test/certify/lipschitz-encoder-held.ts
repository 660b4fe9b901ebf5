/**
 * Method `lipschitz` for encoders held to brute force, with every choice of exact blocks: nothing is certified that brute force
 * refutes, and the margin's bound is never above the least margin found, without any slack.
 */
import { encoderLipschitz } from "../../src/certify/lipschitz/encoder.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { referenceBackend } from "../../src/model/reference.js";
import type { SequenceModel } from "../../src/model/sequence.js";
import { truthOf, wholeNeighbours } from "../oracle/whole-neighbours.js";

export const alphabetOf = (characters: string) =>
  listAlphabet(
    characters,
    [...characters].map((character) => character.codePointAt(0)!),
  );
export const ab = alphabetOf("ab ");

/** Every choice of exact blocks against brute force; gives how many were certified and how many could have been. */
export async function held(model: SequenceModel, text: string, alphabet = ab) {
  const { encoder, tokenizer } = model;
  const { sequences } = wholeNeighbours(text, alphabet, (s) => tokenizer.encode(s));
  const truth = await truthOf(referenceBackend(encoder!), sequences);
  let certified = 0;
  for (let exactBlocks = 0; exactBlocks <= encoder!.blocks.length; exactBlocks++) {
    const answer = encoderLipschitz(model, text, alphabet, 1, { exactBlocks, tight: true });
    expect(answer.prediction.index).toBe(truth.label);
    expect(answer.margins[1]!.lower).toBeLessThanOrEqual(truth.least);
    expect(answer.work).toMatchObject({ sequences: sequences.length, passes: sequences.length });
    const { verdict } = answer.verdict;
    expect(verdict).toBe(answer.margins[1]!.lower > 0 ? "certified" : "unknown");
    if (verdict === "certified") {
      expect(truth.flips).toBe(0);
      certified++;
    }
    const quick = encoderLipschitz(model, text, alphabet, 1, { exactBlocks });
    expect(quick.verdict.verdict).toBe(verdict);
  }
  return { certified, robust: truth.flips === 0 };
}
