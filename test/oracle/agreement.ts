/** Holds the exact method to the plain search: prediction, margins, verdict, and the counterexample itself. */
import { certifyExactly as certify } from "../../src/certify/certify-exactly.js";
import { plainLogits, plainSearch, stillWins } from "../../src/certify/plain-search.js";
import type { Alphabet } from "../../src/edits/alphabet.js";
import { levenshtein } from "../../src/edits/distance.js";
import type { NativeModel } from "../../src/model/native.js";

/** @throws an Error that shows the case, where they differ. */
export function agreement(model: NativeModel, text: string, alphabet: Alphabet, edits: number) {
  const fail = (what: string, ...values: unknown[]): never => {
    const { kind, tokens } = model.vocabulary;
    throw new Error(
      `${what} ${JSON.stringify(values)}; text ${JSON.stringify(text)}, alphabet ${alphabet.name}, ${edits} edits, ${kind} ${JSON.stringify(tokens.slice(-40))}`,
    );
  };
  const answer = certify(model, text, { edits, alphabet });
  const { margins, prediction, verdict } = answer;
  const winner = prediction.index;
  const logits = plainLogits(model, text);
  if (logits.some((z, y) => z !== prediction.scores[y])) fail("scores", prediction.scores, logits);
  if (winner !== logits.indexOf(Math.max(...logits))) fail("winner", winner, logits);
  const plain = plainSearch(model, text, alphabet, winner, answer.broken ?? answer.certified ?? 0);
  if (!plain.done) return fail(plain.reason);
  const least = plain.least.map((values) => Math.min(...values));
  if (margins.length !== least.length || margins.some((m, j) => m.edits !== j || m.lower !== least[j]))
    fail("margins", margins, least);
  const broken = plain.least.findIndex((values) => !stillWins(values, winner));
  if (verdict === "unknown") fail("unknown", answer.reason);
  if ((broken < 0 ? null : broken) !== answer.broken) fail("broken", answer.broken, broken);
  if (answer.certified !== (broken < 0 ? edits : broken - 1)) fail("certified", answer.certified, broken);
  if (answer.counterexample !== null) {
    const { text: changed, edits: spent } = answer.counterexample;
    if (spent !== broken || levenshtein(text, changed) !== broken) fail("distance", changed, spent, broken);
    const other = plainLogits(model, changed);
    if (other.indexOf(Math.max(...other)) === winner) fail("counterexample", changed);
    for (const c of changed) if (!text.includes(c) && !alphabet.has(c.codePointAt(0)!)) fail("written", c);
  }
  return verdict;
}
