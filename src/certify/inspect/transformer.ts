/**
 * `inspect` of a native Transformer: what the words and each block lose by the edit of one place, and what the blocks would have to be.
 *
 * The bound is that of the method `lipschitz` (certify/lipschitz/native.ts) with every place looked at closely: for one edit the least of contributions less
 * charges over all ways to part the text is the unedited contribution less the most, over places, of what the words take there plus the charge.
 * A charge is the most, over the changes that an edit makes, of a cost; each is attention's part plus the feed-forward's Lipschitz constant times a
 * length, so it is known for any other constant too.
 */
import { type Alphabet, foldedAlphabet } from "../../edits/alphabet.js";
import type { FoldedEdit } from "../../edits/replay.js";
import { replay } from "../../edits/replay.js";
import { NativeTransformer } from "../../model/native-transformer.js";
import { GRID } from "../../numeric/grid.js";
import { fromCodePoints } from "../../text/code-points.js";
import { type Folded, fold } from "../../text/fold.js";
import { SEPARATOR, SYMBOL_CHARACTERS } from "../../text/symbols.js";
import { wordSpans } from "../exact/blocks.js";
import { type Budget, LimitReached } from "../exact/budget.js";
import { ExactContext } from "../exact/context.js";
import { laterLoss } from "../lipschitz/later-blocks.js";
import { Levy } from "../lipschitz/levy.js";
import { forwardRounding, SLACK } from "../lipschitz/rounding.js";
import { RowTables, type SeenRows } from "../lipschitz/row-tables.js";
import { TextState } from "../lipschitz/text-state.js";
import { chargesOf } from "../lipschitz/window-charges.js";
import { WordChanges } from "../lipschitz/word-changes.js";
import type { Findings, InspectedSite, LayerFindings, NeededChange, WorstEdit } from "./inspection.js";
import { marginChange, shared, siteChange } from "./inspection.js";
import { dearestFirst } from "./places.js";
import { siteOf, type WordPlace, wordPlaces } from "./word-places.js";

/** Attention weights that are kept, as for the method. */
const MOST_WEIGHTS = 2 ** 24;

interface Prepared {
  readonly rows: RowTables;
  readonly changes: Map<string, WordChanges>;
}

const prepared = new WeakMap<NativeTransformer, Prepared>();
const shortened = new WeakMap<NativeTransformer, NativeTransformer[]>();

/** What one edit of a place can cost the blocks: attention's part, and the feed-forward's; the dearest of both is charged. */
interface Option {
  readonly attention: number;
  readonly forward: number;
}

interface Hit {
  readonly place: WordPlace;
  readonly charge: number;
  readonly options: readonly Option[];
  readonly lower: number;
}

/** One margin of a text. */
interface Margin {
  readonly rival: number;
  readonly over: number;
  readonly hits: readonly Hit[];
  /** At most the margin of every text within one edit. */
  readonly bound: number;
  /** [blocks - 1] what the second and later blocks lose. */
  readonly later: readonly number[];
  readonly rounding: number;
  readonly lipschitz: number;
}

export function inspectTransformer(
  model: NativeTransformer,
  text: string,
  alphabet: Alphabet,
  budget: Budget,
): Findings {
  const folded = fold(text);
  const logits = model.logits(folded.symbols);
  const prediction = model.prediction(logits);
  const winner = prediction.index;
  const rivals = [...logits.keys()].filter((y) => y !== winner).sort((a, b) => logits[b]! - logits[a]!);
  const over = (rival: number) => logits[winner]! - logits[rival]!;
  const common = { kind: "transformer" as const, prediction, margin: over(rivals[0]!), least: null };
  try {
    const margins = rivals.map((rival) =>
      marginOf(model, folded, alphabet, winner, rival, over(rival), budget),
    );
    const worst = margins.reduce((a, b) => (b.bound < a.bound ? b : a));
    const hit = dearest(worst);
    const sites = sitesOf(margins, folded, alphabet);
    const certified = worst.bound > 0;
    return {
      ...common,
      rival: { label: model.labels[worst.rival]!, margin: worst.over },
      bound: worst.bound,
      certified,
      loss: worst.over - worst.bound,
      worst:
        hit === null ? null : reallyWorst(model, folded, hit.place, alphabet, winner, worst.rival, budget),
      layers: shared(layersOf(worst, hit)),
      sites,
      changes: [
        marginChange(worst.over, worst.bound),
        ...(certified ? [] : layerChanges(margins)),
        ...siteChange(sites),
      ],
      notes: [],
    };
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return {
      ...common,
      rival: { label: model.labels[rivals[0]!]!, margin: common.margin },
      bound: null,
      certified: false,
      loss: null,
      worst: null,
      layers: [],
      sites: [],
      changes: [],
      notes: [`The bound wasn't found: ${error.message}.`],
    };
  }
}

function marginOf(
  model: NativeTransformer,
  folded: Folded,
  alphabet: Alphabet,
  winner: number,
  rival: number,
  over: number,
  budget: Budget,
): Margin {
  const writable = foldedAlphabet(alphabet);
  const places = wordPlaces(folded, ExactContext.of(model.additive).margin(winner, rival, writable), budget);
  const base = over;
  if (model.blocks.length === 0) {
    const hits = places.map((place) => ({ place, charge: 0, options: [], lower: base - place.takes }));
    return { rival, over, hits, bound: lowest(base, hits), later: [], rounding: 0, lipschitz: 0 };
  }
  const { words, tokenOf, tokens } = wordsOf(model, folded);
  const heads = model.blocks[0]!.attention.heads;
  if (heads * tokens.length ** 2 > MOST_WEIGHTS)
    throw new LimitReached(
      `${tokens.length} embedded words are more than the ${Math.floor(Math.sqrt(MOST_WEIGHTS / heads))} whose attention is kept`,
    );
  const rounding = forwardRounding(model, winner, rival, words.length + 2);
  if (rounding === Number.POSITIVE_INFINITY)
    throw new LimitReached("text or weights are too large to bound the rounding of the forward pass");
  const { rows, changes } = preparedFor(model, writable.allowed);
  const state = new TextState(rows, tokens);
  const seen = rows.margin(winner, rival);
  const charges = chargesOf(state, seen);
  const without = chargesOf(state, withoutForward(seen));
  const levy = new Levy(charges, words, tokenOf, changes, 1, budget);
  const all = laterParts(model, tokens, winner, rival);
  const slack = SLACK * charges.size + SLACK * all.size;
  // As the method sums them, so that its bound is this one.
  const fixed = charges.total - slack - rounding + all.total - all.loss;
  const bias = model.additive.bias[winner]! - model.additive.bias[rival]!;
  const evidence = model.additive.logits(folded.symbols);
  const start = evidence[winner]! - evidence[rival]! - bias + (bias + Math.floor(fixed / GRID) * GRID);
  const hits = places.map((place): Hit => {
    const { from, to, takes } = place;
    while (levy.refineOne(from, to, 1));
    const charge = levy.charge(from, to, 1);
    const taken = (from === to ? [from] : [from, to]).map((w) => tokenOf[w]!).filter((token) => token >= 0);
    const at = tokenOf.subarray(0, from).filter((token) => token >= 0).length;
    const brought = from === to ? changes.ofWord(words[from]!) : changes.ofJoin(words[from]!, words[to]!);
    const options = brought
      .filter((comes) => taken.length + comes.length > 0)
      .map((comes): Option => {
        budget.spend(1);
        const attention = without.cost(taken, comes, 0, null, at);
        return { attention, forward: charges.cost(taken, comes, 0, null, at) - attention };
      });
    return { place, charge, options, lower: start - takes - charge };
  });
  return {
    rival,
    over,
    hits,
    bound: lowest(start, hits),
    later: all.parts,
    rounding: over - start - all.loss,
    lipschitz: seen.lipschitz,
  };
}

function preparedFor(model: NativeTransformer, allowed: Uint8Array) {
  let known = prepared.get(model);
  if (known === undefined) {
    known = { rows: new RowTables(model), changes: new Map() };
    prepared.set(model, known);
  }
  const key = allowed.join("");
  let changes = known.changes.get(key);
  if (changes === undefined) {
    changes = new WordChanges(model, allowed);
    known.changes.set(key, changes);
  }
  return { rows: known.rows, changes };
}

/** No edit at all is among the edits. */
function lowest(start: number, hits: readonly Hit[]): number {
  return hits.reduce((least, { lower }) => Math.min(least, lower), start);
}

function dearest({ hits, bound }: Margin): Hit | null {
  return hits.find(({ lower }) => lower === bound) ?? null;
}

/** The same rows with a feed-forward that moves by nothing. */
function withoutForward(rows: SeenRows): SeenRows {
  return Object.create(rows, { lipschitz: { value: 0 } });
}

function wordsOf(model: NativeTransformer, { symbols }: Folded) {
  const { begin, end } = wordSpans(symbols);
  const words = Array.from(begin, (from, i) =>
    Array.from(symbols.subarray(from, end[i]), (symbol) => SYMBOL_CHARACTERS[symbol]!).join(""),
  );
  const tokens: number[] = [];
  const tokenOf = Int32Array.from(words, (word) => {
    const row = model.rowOf(word);
    return row < 0 ? -1 : tokens.push(row) - 1;
  });
  return { words, tokens, tokenOf };
}

/** What each block after the first loses: of the model cut off behind it, less that of the one before. */
function laterParts(model: NativeTransformer, tokens: readonly number[], winner: number, rival: number) {
  if (model.blocks.length === 1) return { total: 0, size: 0, loss: 0, parts: [] };
  let cut = shortened.get(model);
  if (cut === undefined) {
    const { rows, embedding, readout, blocks } = model;
    cut = blocks
      .slice(2)
      .map(
        (_, l) =>
          new NativeTransformer(
            model.additive,
            { rows, embedding, readout, blocks: blocks.slice(0, l + 2) },
            model.identity,
          ),
      );
    shortened.set(model, cut);
  }
  const whole = laterLoss(model, tokens, winner, rival, 1);
  const sums = [...cut.map((short) => laterLoss(short, tokens, winner, rival, 1).loss), whole.loss];
  return { ...whole, parts: sums.map((sum, l) => (l === 0 ? sum : sum - sums[l - 1]!)) };
}

function layersOf({ over, bound, later, lipschitz }: Margin, hit: Hit | null): LayerFindings[] {
  const none = { entering: null, leaving: null, factor: null, measured: null };
  const takes = hit?.place.takes ?? 0;
  const layers: LayerFindings[] = [{ name: "sum of evidence", computed: true, ...none, loss: takes }];
  if (hit !== null && hit.charge > 0) {
    const most = hit.options.reduce<Option | null>(
      (a, b) => (a === null || b.attention + b.forward > a.attention + a.forward ? b : a),
      null,
    );
    const forward = most?.forward ?? 0;
    // Lengths are those of all tokens together: what attention moves enters the feed-forward.
    const moved = lipschitz > 0 ? { largest: forward / lipschitz, total: forward / lipschitz } : null;
    layers.push(
      { name: "block 1 attention", computed: false, ...none, leaving: moved, loss: hit.charge - forward },
      {
        name: "block 1 feed-forward",
        computed: false,
        entering: moved,
        leaving: { largest: forward, total: forward },
        factor: lipschitz,
        measured: null,
        loss: forward,
      },
    );
  }
  later.forEach((loss, l) => {
    layers.push({ name: `block ${l + 2}`, computed: false, ...none, loss });
  });
  const sum = layers.reduce((total, { loss }) => total + loss, 0);
  const rest = over - bound - sum;
  if (rest !== 0) layers.push({ name: "rounding", computed: false, ...none, loss: rest });
  return layers;
}

/** In closed form: every margin is a minimum of functions that are linear in each of these. */
function layerChanges(margins: readonly Margin[]): NeededChange[] {
  const changes: NeededChange[] = [];
  let [block, forward, later] = [1, 1, 1];
  for (const { over, hits, later: parts, rounding } of margins) {
    const lost = parts.reduce((sum, part) => sum + part, 0);
    for (const { place, charge, options } of hits) {
      const room = over - rounding - lost - place.takes - GRID;
      if (charge > 0) block = Math.min(block, room > 0 ? room / charge : -1);
      for (const option of options)
        if (charge >= room && option.attention + option.forward >= room)
          forward = Math.min(
            forward,
            option.attention < room && option.forward > 0 ? (room - option.attention) / option.forward : -1,
          );
      if (lost > 0) {
        const left = over - rounding - place.takes - charge - GRID;
        later = Math.min(later, left > 0 ? left / lost : -1);
      }
    }
  }
  const { lipschitz, later: parts } = margins[0]!;
  const change = (layer: string, scale: number, now: number | null): NeededChange => ({
    what: "layer",
    layer,
    scale: scale < 0 ? null : scale,
    now,
    needed: now === null || scale < 0 ? null : now * scale,
    measured: null,
  });
  const some = margins.some(({ hits }) => hits.some(({ charge }) => charge > 0));
  if (some) changes.push(change("block 1", block, null), change("block 1 feed-forward", forward, lipschitz));
  if (parts.length > 0) changes.push(change("later blocks", later, null));
  return changes;
}

function sitesOf(margins: readonly Margin[], folded: Folded, alphabet: Alphabet): InspectedSite[] {
  const { representative } = foldedAlphabet(alphabet);
  return dearestFirst(
    margins[0]!.hits.map(({ place }, i) => {
      const at = margins.reduce((a, b) => (b.hits[i]!.lower < a.hits[i]!.lower ? b : a));
      const { lower } = at.hits[i]!;
      return { ...siteOf(folded, place, null, representative), lower, loss: at.over - lower };
    }),
  );
}

/** The edit of a place that really leaves the lowest margin: all of them are tried. */
function reallyWorst(
  model: NativeTransformer,
  folded: Folded,
  { from, to }: WordPlace,
  alphabet: Alphabet,
  winner: number,
  rival: number,
  budget: Budget,
): WorstEdit {
  const { allowed, representative } = foldedAlphabet(alphabet);
  const { begin, end } = wordSpans(folded.symbols);
  const symbols = Array.from(allowed.keys()).filter((symbol) => allowed[symbol] === 1);
  const tries: FoldedEdit[] = [];
  // Of two words only the separator between them.
  const [first, last] = from === to ? [begin[from]!, end[to]!] : [end[from]!, end[from]! + 1];
  for (let at = first; at < last; at++) {
    tries.push({ kind: "delete", at });
    for (const symbol of symbols)
      if (symbol !== folded.symbols[at]) tries.push({ kind: "substitute", at, symbol });
  }
  if (from === to)
    for (let at = first; at <= last; at++)
      for (const symbol of symbols) tries.push({ kind: "insert", at, symbol });
  let least = Number.POSITIVE_INFINITY;
  let worst = folded.points;
  for (const edit of tries) {
    if (from !== to && edit.kind === "substitute" && edit.symbol === SEPARATOR) continue;
    budget.check();
    const points = replay(folded, [edit], representative);
    const scores = model.logits(fold(points).symbols);
    const margin = scores[winner]! - scores[rival]!;
    if (margin < least) [least, worst] = [margin, points];
  }
  const text = fromCodePoints(worst);
  const { index, scores } = model.predict(text);
  return { text, margin: scores[winner]! - scores[rival]!, flips: index !== winner };
}
