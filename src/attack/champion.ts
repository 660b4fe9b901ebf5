/**
 * The best text that was found, and how it is made shorter.
 *
 * Promise: it has been run whole and alone, has surely another label, and is within as many edits as it says, which
 * write characters of the alphabet only.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { levenshteinWithin } from "../edits/distance.js";
import type { Prediction } from "../model/classifier.js";
import { type State, textOf } from "./parts.js";
import type { Queries } from "./queries.js";
import { unitEdits, withEdits } from "./shorten.js";

export interface Found {
  /** As many edits that write characters of the alphabet lead there. */
  readonly broken: number;
  readonly counterexample: {
    readonly text: string;
    /** Levenshtein distance from the original in code points. */
    readonly edits: number;
    readonly prediction: Prediction;
  };
}

export class Champion {
  best: Found | null = null;
  /** Texts that were looked at to make it shorter. */
  looked = 0;

  constructor(
    private readonly queries: Queries,
    private readonly text: string,
    private readonly parts: readonly string[],
    private readonly alphabet: Alphabet,
    /** More edits than this are of no interest. */
    public most: number,
    /** No fewer edits than this are looked for. */
    readonly least: number,
  ) {}

  /** A state that breaks the label, made shorter if that can be: the best from now on, if its replay agrees. */
  async take(state: State): Promise<void> {
    const { queries } = this;
    const text = textOf(this.parts, state);
    let edits = unitEdits(this.text, text);
    // The shortest way there may write what the alphabet doesn't have; then the one that was taken counts.
    const pure = edits.every(({ written }) => written.every((point) => this.alphabet.has(point)));
    if ((pure ? edits.length : state.cost) > this.most) return;
    this.better(await this.replayed(text, pure ? edits.length : state.cost));
    if (!pure) return;
    // Each edit but one, as long as that breaks it too.
    while (edits.length > this.least && edits.length < queries.left && !queries.stopped) {
      const fewer = edits.map((_, i) => edits.filter((__, j) => j !== i));
      const texts = fewer.map((some) => withEdits(this.text, some));
      this.looked += texts.length;
      const answers = await queries.ask(texts.map((some) => queries.model.tokenizer.encode(some)));
      let next = -1;
      answers.forEach((answer, i) => {
        if (answer.broken && (next < 0 || answer.margin < answers[next]!.margin)) next = i;
      });
      if (next < 0) return;
      edits = fewer[next]!;
      this.better(await this.replayed(texts[next]!, edits.length));
    }
  }

  private better(found: Found | null): void {
    if (found === null || found.broken > this.most) return;
    this.best = found;
    this.most = found.broken - 1;
  }

  /** The text run alone, through the whole tokenizer; null if it doesn't break the label within the limit. */
  private async replayed(text: string, broken: number): Promise<Found | null> {
    const { queries } = this;
    const edits = levenshteinWithin(this.text, text, broken);
    if (edits === null || queries.left === 0) return null;
    const [answer] = await queries.ask([queries.model.tokenizer.encode(text)]);
    if (!answer!.broken) return null;
    return { broken, counterexample: { text, edits, prediction: queries.model.prediction(answer!.logits) } };
  }
}
