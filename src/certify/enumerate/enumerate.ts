/**
 * Method `enumerate`: runs the model on every token sequence that k edits can cause, each once.
 *
 * Theorem. Let y be the label of text s. `certified >= 1` is given only if the model gives y to every text within one
 * edit of s (code points of the alphabet written), and `broken = 1` only with such a text that has another label.
 * Proof. The label of a text depends on its framed tokens alone. By the contract of `singleReach` (tokenizer/reach.ts)
 * the tokens of every single-edit text are the unchanged ones or among `changes` of some site, all of which are run
 * and found to have label y before 1 is certified; `frame` is applied to the whole changed sequence, so cutting at the
 * model's length is taken into account. A flip is replayed: its text is tokenised whole, must give the sequence that
 * flipped, is run alone and must have another label again; its distance is measured. For k >= 2 the same is done for
 * every text within k - 1 edits: a text within k edits of s is within one edit of a text within k - 1 edits of s.
 * Characters that the tokenizer can't tell apart are tried once (`Tokenizer.representatives`): for every text and
 * place, writing one of them gives the tokens of a text that is tried, with another one written there or nothing. For
 * k >= 2 that is said of texts without lone surrogates only, and others are left open there: what stands between two
 * of them keeps them apart, so a character more or less can make one character of two, which no count of edits covers.
 * What float32 can't vouch for leaves the answer open (passes.ts), as does every limit.
 */
import { clock } from "../../clock.js";
import type { Alphabet } from "../../edits/alphabet.js";
import { levenshteinWithin } from "../../edits/distance.js";
import { keepsLabel, marginOf } from "../../model/margins.js";
import type { SequenceModel } from "../../model/sequence.js";
import { codePoints, isHighSurrogate, isLowSurrogate } from "../../text/code-points.js";
import { type SingleReach, singleReach, type TokenChange } from "../../tokenizer/reach.js";
import type { EnumerateEvidence } from "../evidence.js";
import type { MethodAnswer, MethodLimits } from "../method.js";
import type { Counterexample, MarginBound, Verdict } from "../result.js";
import { edited, singleEditTexts } from "./edited.js";
import { type Flip, Passes } from "./passes.js";

/** Strings that are looked at where no limit is given: some seconds' work. */
const MOST_STRINGS = 5_000_000;

interface Origin {
  readonly text: string;
  readonly change: TokenChange;
}

export async function enumerate(
  model: SequenceModel,
  text: string,
  alphabet: Alphabet,
  limit: number,
  limits: MethodLimits = {},
): Promise<MethodAnswer> {
  const run = new Enumeration(model, text, alphabet, limits);
  return run.answer(limit);
}

class LimitReached extends Error {}

class Enumeration {
  private strings = 0;
  /** That stand for the alphabet; 0 until they were looked for. */
  private characters = 0;
  private readonly until: number;
  /** Handed to `changes`: counts strings, and stops where a limit says so. */
  private readonly looked = (strings: number): void => {
    this.strings += strings;
    this.checkTime();
  };
  private passes!: Passes<Origin>;
  private winner = 0;

  constructor(
    private readonly model: SequenceModel,
    private readonly text: string,
    private readonly alphabet: Alphabet,
    private readonly limits: MethodLimits,
  ) {
    this.until = clock() + 1000 * (limits.seconds ?? Number.POSITIVE_INFINITY);
  }

  async answer(limit: number): Promise<MethodAnswer> {
    const { model, text } = this;
    const base = model.tokenizer.encode(text);
    const [logits] = await model.backend.logits([base]);
    const prediction = model.prediction(logits!);
    this.winner = prediction.index;
    const passes = new Passes<Origin>(model, base, logits!, prediction.index, () => this.checkTime());
    this.passes = passes;
    const margins: MarginBound[] = [{ edits: 0, lower: marginOf(logits!, prediction.index) }];
    const levels: EnumerateEvidence["levels"][number][] = [];
    const done = (verdict: Verdict): MethodAnswer => ({
      verdict,
      prediction,
      margins,
      work: {
        backend: model.backend.name,
        strings: this.strings,
        sequences: passes.sequences,
        passes: passes.passes + 1,
        guard: passes.guard,
      },
      evidence: { kind: "enumerate", tokens: base.length, characters: this.characters, levels },
    });
    const open = (certified: number | null, reason: string): MethodAnswer =>
      done({ verdict: "unknown", certified, broken: null, counterexample: null, reason });
    if (!keepsLabel(logits!, prediction.index)) return open(null, "the model gives no number for this text");
    if (!passes.vouched(base, logits!))
      return open(null, "the prediction itself is too near to a tie for float32");
    let certified = 0;
    try {
      while (certified < limit) {
        const k = certified + 1;
        const flip = await this.level(k);
        if (flip !== null) {
          const counterexample = await this.replayed(flip, k);
          if (counterexample !== null)
            return done({ verdict: "refuted", certified, broken: k, counterexample });
          passes.undecided++;
        }
        if (passes.undecided > 0)
          return open(
            certified,
            `${passes.undecided} of ${passes.sequences} token sequences are too near to a tie for float32`,
          );
        margins.push({ edits: k, lower: passes.least });
        const { sequences, least } = passes;
        levels.push({ edits: k, strings: this.strings, sequences, passes: passes.passes + 1, least });
        certified = k;
      }
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      return open(
        certified,
        `${error.message} while trying ${certified + 1} edit${certified === 0 ? "" : "s"}`,
      );
    }
    return done({ verdict: "certified", certified, broken: null, counterexample: null });
  }

  /** All texts within `k` edits, given that those within k - 1 have been run. */
  private async level(k: number): Promise<Flip<Origin> | null> {
    const { text, alphabet, model, looked } = this;
    const most = this.limits.strings ?? MOST_STRINGS;
    const points = [...model.tokenizer.representatives(alphabet)];
    this.characters = points.length;
    const each = 2 * points.length * (text.length + 1);
    if (each ** k > most)
      throw new LimitReached(`about ${(each ** k).toPrecision(2)} strings are more than the ${most} allowed`);
    if (k === 1) return this.around(singleReach(model.tokenizer, text, alphabet));
    if (hasLoneSurrogate(text)) throw new LimitReached("no way to try texts with lone surrogates");
    let origins = new Set([text]);
    for (let distance = 1; distance < k; distance++) {
      const further = new Set<string>();
      for (const origin of origins)
        for (const changed of singleEditTexts(origin, points)) further.add(changed);
      origins = further;
      this.checkTime();
    }
    for (const origin of origins) {
      const reach = singleReach(model.tokenizer, origin, alphabet);
      for (const site of reach.sites) {
        const flip = await this.site(reach, reach.changes(site, looked));
        if (flip !== null) return flip;
      }
    }
    return this.passes.flush();
  }

  /** All single edits of one text, those at the most suspicious places first. */
  private async around(reach: SingleReach): Promise<Flip<Origin> | null> {
    // One change of every word tells where the margin is weakest; all of them would have to be run anyway.
    const margins = new Map<TokenChange, number>();
    const ran = ({ change }: Origin, margin: number): void => void margins.set(change, margin);
    const { sites } = reach;
    const rests = sites.map((site) => reach.changes(site, this.looked)[Symbol.iterator]());
    const probes: (TokenChange | undefined)[] = [];
    for (const [i, { kind }] of sites.entries()) {
      const first = kind === "gap" ? undefined : rests[i]!.next();
      const probe = first === undefined || first.done ? undefined : first.value;
      probes.push(probe);
      const flip = probe === undefined ? null : await this.change(reach, probe, ran);
      if (flip !== null) return flip;
    }
    const flip = await this.passes.flush(ran);
    if (flip !== null) return flip;
    const weakness = (i: number): number => margins.get(probes[i] as TokenChange) ?? Number.POSITIVE_INFINITY;
    // A gap lies between the words before and after it in the list, and is as suspicious as they are.
    const suspicion = sites.map(({ kind }, i) =>
      kind === "gap" ? Math.min(weakness(i - 1), weakness(i + 1)) : weakness(i),
    );
    const order = [...sites.keys()].sort((i, j) => suspicion[i]! - suspicion[j]! || i - j);
    for (const i of order) {
      const next = await this.site(reach, { [Symbol.iterator]: () => rests[i]! });
      if (next !== null) return next;
    }
    return this.passes.flush();
  }

  private async site(reach: SingleReach, changes: Iterable<TokenChange>): Promise<Flip<Origin> | null> {
    for (const change of changes) {
      const flip = await this.change(reach, change);
      if (flip !== null) return flip;
    }
    return null;
  }

  private change(
    { text, base }: SingleReach,
    change: TokenChange,
    ran?: (from: Origin, margin: number) => void,
  ): Promise<Flip<Origin> | null> {
    const { from, to, ids } = change;
    const changed = new Int32Array(base.length - (to - from) + ids.length);
    changed.set(base.subarray(0, from));
    changed.set(ids, from);
    changed.set(base.subarray(to), from + ids.length);
    this.checkPasses();
    return this.passes.add(this.model.tokenizer.frame(changed), { text, change }, ran);
  }

  private checkTime(): void {
    const { limits } = this;
    if (limits.signal?.aborted) throw new LimitReached(`stopped ${this.far()}`);
    if (clock() > this.until) throw new LimitReached(`out of time (${limits.seconds} s) ${this.far()}`);
  }

  private checkPasses(): void {
    const { sequences = Number.POSITIVE_INFINITY } = this.limits;
    if (this.passes.passes >= sequences)
      throw new LimitReached(`the limit of ${sequences} forward passes is reached, ${this.far()}`);
  }

  private far(): string {
    return `after ${this.strings} strings and ${this.passes.passes} forward passes`;
  }

  /** The flip as a counterexample, or null where its margin is so near to 0 that run alone it keeps the label. */
  private async replayed(
    { from, ids, logits: seen }: Flip<Origin>,
    most: number,
  ): Promise<Counterexample | null> {
    const { model, winner } = this;
    const text = edited(from.text, from.change.edit);
    const edits = levenshteinWithin(this.text, text, most);
    const whole = model.tokenizer.encode(text);
    const [logits] = await model.backend.logits([whole]);
    const same = whole.length === ids.length && whole.every((id, i) => id === ids[i]);
    const near = Math.abs(marginOf(seen, winner)) <= this.passes.guard;
    if (near && keepsLabel(logits!, winner)) return null;
    if (edits === null || !same || keepsLabel(logits!, winner))
      throw new Error(`the counterexample ${JSON.stringify(text)} failed its replay`);
    return { text, edits, prediction: model.prediction(logits!) };
  }
}

function hasLoneSurrogate(text: string): boolean {
  return codePoints(text).some((point) => isHighSurrogate(point) || isLowSurrogate(point));
}
