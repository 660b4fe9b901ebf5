/**
 * Small stacks of layers over sequences of tokens, each with its balls: what bounds of layers say of any k edits of the tokens, held to all of them.
 *
 * A stack reads an unchanging first token and the text's. A text is a string of letters, one for each token. What k edits can make of it is a
 * set of patterns: strings of kept letters and "?", a token that is anything. A pattern's balls know the kept tokens exactly and of each
 * other one that it is within the smallest ball about the vocabulary's mean; the least end over all patterns is the bound.
 */
import type { Balls } from "../../src/layers/balls.js";
import { distanceUp } from "../../src/layers/balls.js";
import { linear, linearBalls, linearBound } from "../../src/layers/linear.js";
import type { Pooling } from "../../src/layers/pooling.js";
import { pool, poolBalls } from "../../src/layers/pooling.js";
import { subtractDown } from "../../src/numeric/rounding.js";
import { allWithin } from "../oracle/all-within.js";
import { randomDirection } from "../oracle/ball-attack.js";
import { D, type LayerCase, randomLinear } from "../oracle/layer-cases.js";
import { type Random, randomString } from "../oracle/random-model.js";
import { leastSoFar, type Tally } from "./triples.js";

const LETTERS = ["x", "y"];
const POOLINGS: readonly Pooling[] = ["first", "mean", "sum"];

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

export class LayerStack {
  readonly kinds: readonly string[];
  private readonly body: readonly LayerCase[];
  private readonly pooling: Pooling;
  private readonly head: LayerCase | null;
  /** One row: the margin. */
  private readonly readout: ReturnType<typeof randomLinear>;
  private readonly vectors = new Map<string, Float64Array>();
  /** About the mean of all letters. */
  private readonly anything: number;
  private readonly margins = new Map<string, number>();
  private readonly bounds = new Map<string, number>();

  /** A stack that has the layer `must` in it, which is one of `cases`. */
  constructor(random: Random, cases: readonly LayerCase[], must: LayerCase) {
    const isPooling = (layer: LayerCase) => layer.name.startsWith("pooling");
    const isHead = (layer: LayerCase) => layer.name.startsWith("head");
    const inner = cases.filter((layer) => !isPooling(layer) && !isHead(layer) && layer.width === D);
    const narrowing = cases.filter((layer) => !isPooling(layer) && !isHead(layer) && layer.width !== D);
    const body: LayerCase[] = [];
    for (let n = Math.floor(random() * 3); n > 0; n--) body.push(pick(random, inner));
    if (inner.includes(must)) body.splice(Math.floor(random() * (body.length + 1)), 0, must);
    if (narrowing.includes(must)) body.push(must);
    else if (!isHead(must) && random() < 0.2) body.push(pick(random, narrowing));
    this.body = body;
    const width = body[body.length - 1]?.width ?? D;
    this.pooling = isPooling(must) ? (must.name.split(" ")[1] as Pooling) : pick(random, POOLINGS);
    const heads = cases.filter(isHead);
    this.head = width === D && (isHead(must) || random() < 0.4) ? (isHead(must) ? must : heads[0]!) : null;
    this.readout = randomLinear(random, 1, this.head?.width ?? width);
    const shared = randomDirection(random, D);
    const spread = [0.05, 0.3, 1][Math.floor(random() * 3)]!;
    const vector = () => randomDirection(random, D).map((value, c) => shared[c]! + spread * value);
    for (const letter of ["[", ...LETTERS]) this.vectors.set(letter, vector());
    const mean = new Float64Array(D);
    for (const letter of LETTERS)
      this.vectors.get(letter)!.forEach((value, c) => {
        mean[c] = mean[c]! + value / LETTERS.length;
      });
    this.vectors.set("?", mean);
    this.anything = Math.max(
      ...LETTERS.map((letter) => distanceUp(this.vectors.get(letter)!, 0, mean, 0, D)),
    );
    const names = new Set(body.map(({ name }) => name));
    this.kinds = [...names, `pooling ${this.pooling}`, ...(this.head === null ? [] : [this.head.name])];
  }

  /** Margin of a text, by the float64 forward. */
  margin(text: string): number {
    let margin = this.margins.get(text);
    if (margin === undefined) {
      let x = this.centers(text);
      for (const layer of this.body) x = layer.forward(x);
      x = pool(this.pooling, x, this.body[this.body.length - 1]?.width ?? D);
      if (this.head !== null) x = this.head.forward(x);
      margin = linear(this.readout, x)[0]!;
      this.margins.set(text, margin);
    }
    return margin;
  }

  /** At most the margin of every text of a pattern. */
  lower(pattern: string): number {
    let lower = this.bounds.get(pattern);
    if (lower === undefined) {
      let balls: Balls = {
        d: D,
        centers: this.centers(pattern),
        radii: Float64Array.from(`[${pattern}`, (letter) => (letter === "?" ? this.anything : 0)),
      };
      for (const layer of this.body) balls = layer.image(balls);
      balls = poolBalls(this.pooling, balls);
      if (this.head !== null) balls = this.head.image(balls);
      const { centers, radii } = linearBalls(linearBound(this.readout), balls);
      lower = subtractDown(centers[0]!, radii[0]!);
      this.bounds.set(pattern, lower);
    }
    return lower;
  }

  private centers(text: string): Float64Array {
    const all = `[${text}`;
    const x = new Float64Array(all.length * D);
    [...all].forEach((letter, i) => {
      x.set(this.vectors.get(letter)!, i * D);
    });
    return x;
  }
}

/** Patterns within k edits, by distance. */
function patterns(text: string, k: number): string[][] {
  // Letters by place, so that equal letters at different places are kept or not each by itself.
  const places = [...text].map((_, i) => String.fromCharCode(65 + i)).join("");
  return allWithin(places, ["?"], k).map((layer) =>
    layer.map((pattern) => pattern.replace(/[A-Z]/g, (place) => text[place.charCodeAt(0) - 65]!)),
  );
}

/** Edits by length of the text: patterns soon are many. */
const MOST_EDITS = [3, 3, 2, 1] as const;

/** A stack and three texts, 1 to 3 edits of each. */
export function stackTriples(tally: Tally, random: Random, stack: LayerStack, what: string): void {
  const texts = new Set<string>();
  while (texts.size < 3) texts.add(randomString(random, LETTERS, 3));
  for (const text of texts) {
    const most = MOST_EDITS[text.length]!;
    const truth = leastSoFar(allWithin(text, LETTERS, most), (s) => stack.margin(s));
    const bound = leastSoFar(patterns(text, most), (s) => stack.lower(s));
    for (let edits = 1; edits <= most; edits++)
      tally.add({
        kinds: stack.kinds,
        edits,
        base: truth[0]!,
        bound: bound[edits]!,
        truth: truth[edits]!,
        what: `${what}, ${text}: ${stack.kinds.join(", ")}`,
      });
  }
}
