/** Holds every method of certification to the attack: what is certified for k edits, the attack doesn't break within k. */
import { attack } from "../../src/attack/attack.js";
import { type CertifiableModel, certify, METHODS } from "../../src/certify/certify.js";
import type { Alphabet } from "../../src/edits/alphabet.js";
import { UserError } from "../../src/failure.js";

export interface Held {
  /** By method: answers that certified at least 1 edit. */
  readonly certified: Record<string, number>;
  /** Texts that the attack broke. */
  broken: number;
}

export const nothingHeld = (): Held => ({ certified: {}, broken: 0 });

/** @throws an Error that shows the case, where they contradict each other. */
export async function holdToAttack(
  model: CertifiableModel,
  text: string,
  alphabet: Alphabet,
  { edits, queries, seed, held }: { edits: number; queries: number; seed: number; held: Held },
): Promise<void> {
  const found = await attack(model, text, alphabet, { edits, queries, seed });
  if (found.broken !== null) held.broken++;
  for (const method of METHODS.filter((name) => name !== "attack")) {
    // A second's work is enough: what isn't decided by then says nothing.
    const answer = await certify(model, text, { edits, alphabet, method, timeLimit: 1, queries, seed }).catch(
      (error: unknown) => {
        if (error instanceof UserError && /^the method \w+ needs/.test(error.message)) return null;
        throw error;
      },
    );
    if (answer === null) continue;
    const where = `${method} on ${JSON.stringify(text)}, ${model.identity.name}, alphabet ${alphabet.name}`;
    if (answer.prediction.index !== found.prediction.index) throw new Error(`${where}: another prediction`);
    if (answer.certified !== null && answer.certified > 0)
      held.certified[method] = (held.certified[method] ?? 0) + 1;
    if (found.broken !== null && (answer.certified ?? -1) >= found.broken)
      throw new Error(
        `${where}: certified for ${answer.certified}, but ${JSON.stringify(found.counterexample)} is ${found.broken} away`,
      );
    // What is refuted exactly can't be undercut.
    if (found.broken !== null && answer.verdict === "refuted" && found.broken < answer.broken)
      throw new Error(`${where}: broken by ${found.broken}, but said to be by ${answer.broken} at least`);
  }
}
