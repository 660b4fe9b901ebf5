/**
 * One step's gradients: a batch is laid out for the loss graph, the graph runs, and what it says of the sum over words goes to
 * the tokens of the texts as edited.
 *
 * Graphs have fixed shapes; one is built for each length of texts that comes up.
 */
import type { Random } from "../../numeric/random.js";
import type { Adversary } from "../adversary.js";
import { gradients } from "../autodiff/gradient.js";
import { onnxGraph } from "../autodiff/graph.js";
import { byRow } from "../optimisers/sparse-adam.js";
import type { Parameters } from "../parameters.js";
import { type Place, Places, pushEdited, pushWeighted, type WeightedChange } from "../places.js";
import { unitDirections } from "../regularisers/grok-align.js";
import type { Batch } from "./batches.js";
import type { BlockParameters } from "./block-parameters.js";
import { type LossOptions, lossGraph } from "./loss-graph.js";
import type { Programs } from "./programs.js";

export interface StepResult {
  readonly loss: number;
  /** By name, of the dense parameters. */
  readonly dense: ReadonlyMap<string, Float32Array>;
  /** Rows of the embedding that have a gradient, and it: [rows * width]. */
  readonly rows: Int32Array;
  readonly embedding: Float32Array;
  /** Where GrokAlign is on. */
  readonly alignment: number | null;
}

/** The places of one margin of one text, those that overlap a more harmful one left out. */
interface Margin {
  readonly rival: number;
  readonly places: readonly Place[];
}

/** Amounts of push below this are left out, as they are lost in float32. */
const LEAST_PUSH = 1e-5;

export class TransformerStep {
  private readonly places: Places;

  constructor(
    /** [words] tokens of each word. */
    private readonly wordTokens: readonly Int32Array[],
    private readonly additive: Parameters,
    private readonly blocks: BlockParameters,
    adversary: Adversary,
    /** [classes] weight of a text by its label. */
    private readonly weight: Float64Array,
    /** Steps of the run. */
    private readonly total: number,
    /** Texts that a graph has room for. */
    private readonly size: number,
    private readonly options: LossOptions,
    private readonly random: Random,
    /** [texts * classes] what a teacher says of each text, adding up to 1; null: there is none. */
    private readonly teacher: Float64Array | null,
    private readonly programs: Programs,
  ) {
    this.places = new Places(wordTokens, additive, adversary);
  }

  /** Adds the batch's gradients to those of the additive parameters; gives the others. */
  async run(batch: Batch): Promise<StepResult> {
    const { additive, blocks, size, weight } = this;
    const { classes } = additive;
    const { width } = blocks.options;
    const T = batch.words;
    const rivals = classes - 1;
    const feeds: Record<string, Float32Array> = {
      x: new Float32Array(size * T * width),
      mask: new Float32Array(size * T),
      additive: new Float32Array(size * rivals),
      given: new Float32Array(size * rivals * T),
      logits: new Float32Array(size * classes),
      teacher: new Float32Array(size * classes),
      unit: unitDirections(this.random, size, classes),
      drops: new Float32Array(size * rivals * 2 * T),
      differences: new Float32Array(size * rivals * classes),
      weight: new Float32Array(size),
    };
    const { given, vectors } = blocks;
    if (given !== null) feeds.vectors = new Float32Array(size * T * given.size);
    for (const [name, { data }] of blocks.dense) feeds[name] = data;
    Object.assign(feeds, blocks.norms.feeds(this.random, size, additive.step, this.total));
    const margins = batch.texts.map(({ index, words, label }, b) => {
      // The mean is over the texts that are there.
      feeds.weight![b] = (weight[label]! * size) / batch.texts.length;
      words.forEach((word, i) => {
        const row = blocks.rowOfWord[word]!;
        if (row < 0) return;
        feeds.mask![b * T + i] = 1;
        feeds.x!.set(blocks.embedding.subarray(row * width, (row + 1) * width), (b * T + i) * width);
        feeds.vectors?.set(
          vectors!.subarray(row * given!.size, (row + 1) * given!.size),
          (b * T + i) * given!.size,
        );
      });
      for (let y = 0; y < classes && this.teacher !== null; y++) {
        feeds.teacher![b * classes + y] = this.teacher[index * classes + y]!;
        // Logits are known but for one number that they share.
        if (y !== label) feeds.logits![b * classes + y] = -this.marginOf(words, label, y);
      }
      const found: Margin[] = [];
      for (let rival = 0; rival < classes; rival++) {
        if (rival === label) continue;
        const at = b * rivals + found.length;
        feeds.differences![at * classes + label] = 1;
        feeds.differences![at * classes + rival] = -1;
        found.push(this.margin(words, label, rival, at, T, feeds));
      }
      return found;
    });

    // A run's options are the same but for the phase of certified radius maximisation.
    const key = `${T} words, ${this.options.certifiedRadius}`;
    const out = await (await this.programs.get(key, () => this.graph(T))).run(feeds);
    blocks.norms.observe(out);
    const pushes = out["d.additive"]!;
    const chosen = out["d.drops"]!;
    const taught = out["d.logits"];
    batch.texts.forEach(({ words, label }, b) => {
      if (taught !== undefined)
        for (let y = 0; y < classes; y++) {
          const amount = taught[b * classes + y]! * batch.texts.length;
          if (y === label || !(Math.abs(amount) >= LEAST_PUSH)) continue;
          additive.biasGradient[y] = additive.biasGradient[y]! + amount;
          additive.biasGradient[label] = additive.biasGradient[label]! - amount;
          pushEdited(additive, this.wordTokens, words, [], label, y, amount);
        }
      margins[b]!.forEach(({ rival, places }, r) => {
        const at = b * rivals + r;
        const amount = -pushes[at]! * batch.texts.length;
        if (!(Math.abs(amount) >= LEAST_PUSH)) return;
        additive.biasGradient[label] = additive.biasGradient[label]! - amount;
        additive.biasGradient[rival] = additive.biasGradient[rival]! + amount;
        const changes: WeightedChange[] = [];
        for (const place of places) {
          const own = chosen[at * 2 * T + (place.words - 1) * T + place.at]! * batch.texts.length;
          if (Math.abs(own) >= LEAST_PUSH)
            changes.push({ ...this.places.change(words, place, label, rival), amount: own });
        }
        pushWeighted(additive, this.wordTokens, words, changes, label, rival, amount);
      });
    });
    return {
      loss: out.loss![0]!,
      ...this.embeddingGradient(batch, out["d.x"]!),
      dense: denseOf(out, blocks),
      alignment: out.alignment?.[0] ?? null,
    };
  }

  private margin(
    words: Int32Array,
    label: number,
    rival: number,
    at: number,
    T: number,
    feeds: Record<string, Float32Array>,
  ): Margin {
    const { worstEdits, certifiedRadius } = this.options;
    const given = this.places.given(words, label, rival);
    feeds.given!.set(given, at * T);
    feeds.additive![at] = this.marginOf(words, label, rival, given);
    if (worstEdits === 0 && certifiedRadius === 0) return { rival, places: [] };
    const places: Place[] = [];
    const used = new Uint8Array(words.length + 1);
    this.places
      .all(words, given, label, rival)
      .map((place, n) => {
        // The ones in front are found with recent weights.
        if (n >= worstEdits + 2 || place.words === 2) return place;
        return { ...place, drop: this.places.change(words, place, label, rival).drop };
      })
      .sort((a, b) => b.drop - a.drop || a.at - b.at)
      .forEach((place) => {
        if (place.drop <= 0 || used[place.at] || (place.words === 2 && used[place.at + 1])) return;
        used.fill(1, place.at, place.at + place.words);
        places.push(place);
        feeds.drops![at * 2 * T + (place.words - 1) * T + place.at] = place.drop;
      });
    return { rival, places };
  }

  private marginOf(
    words: Int32Array,
    label: number,
    rival: number,
    given = this.places.given(words, label, rival),
  ): number {
    const { bias } = this.additive;
    return given.reduce((sum, value) => sum + value, bias[label]! - bias[rival]!);
  }

  private embeddingGradient(batch: Batch, gradient: Float32Array) {
    const { rowOfWord, options } = this.blocks;
    const { width } = options;
    const rows: number[] = [];
    const places: number[] = [];
    batch.texts.forEach(({ words }, b) => {
      words.forEach((word, i) => {
        if (rowOfWord[word]! < 0) return;
        rows.push(rowOfWord[word]!);
        places.push(b * batch.words + i);
      });
    });
    const slopes = new Float32Array(rows.length * width);
    places.forEach((place, n) => {
      slopes.set(gradient.subarray(place * width, (place + 1) * width), n * width);
    });
    const found = byRow(Int32Array.from(rows), slopes, width);
    return { rows: found.rows, embedding: found.gradient };
  }

  private graph(words: number): Uint8Array {
    const { blocks, options, size, additive } = this;
    const shapes = new Map([...blocks.dense].map(([name, { shape }]) => [name, shape]));
    const { loss, inputs, alignment, squares } = lossGraph(
      { texts: size, words, classes: additive.classes },
      shapes,
      options,
    );
    const slopes = gradients(loss, [...inputs.values()]);
    return onnxGraph({
      loss,
      ...Object.fromEntries([...inputs.keys()].map((name, n) => [`d.${name}`, slopes[n]!])),
      ...Object.fromEntries(squares),
      ...(alignment === null ? {} : { alignment }),
    });
  }
}

function denseOf(out: Record<string, Float32Array>, { dense }: BlockParameters): Map<string, Float32Array> {
  return new Map([...dense.keys()].map((name) => [name, out[`d.${name}`]!]));
}
