/**
 * The margins after every single edit of a text's ids, from the q windows that the edit touches.
 *
 * THEOREM. `visit` is given, for each edit, the margin over each rival, within `roundingAllowance` of the real one. The edits are all
 * substitutions by ids of `writable`, insertions of them and deletions that change what the model reads.
 * Proof. Let b be ids that aren't cut, and g_t = v . relu(z_t) for its windows t = 1-q .. |b|-1. Substitution at i: windows
 * t <= i - q and t >= i + 1 don't hold i and are as they were. Insertion before i: windows t <= i - q of the new text are those of b, and
 * windows t >= i + 1 are b's t - 1. Deletion at i: t <= i - q are b's, t >= i are b's t + 1. What is between is summed anew from the table, with
 * zero (id 0) beyond both ends. So sums from the front and from the back and q (deletion: q - 1) new windows are the whole.
 * Cutting at L: substitutions are made in the first L ids; inserting before i < L into what is cut to L - 1 ids, and deleting i < L from what
 * is cut to L + 1, give what the model reads of the whole edited text, and edits further back change nothing.
 */
import type { LipslevModel } from "../../model/lipslev.js";

export type IdEdit =
  | { readonly kind: "delete"; readonly at: number }
  | { readonly kind: "substitute" | "insert"; readonly at: number; readonly id: number };

/** Four rivals are summed at once; places beyond the last rival stay empty. */
const LANES = 4;

export class SingleEdits {
  /** Windows summed so far. */
  windows = 0;
  private readonly rest: Float64Array;
  private readonly totals: Float64Array;

  /**
   * @param ids of the text, not cut
   * @param winner the class whose margins are computed
   * @param rivals the others, in the order in which margins are given
   * @param writable ids that may be written
   */
  constructor(
    private readonly model: LipslevModel,
    private readonly ids: Int32Array,
    winner: number,
    private readonly rivals: readonly number[],
    private readonly writable: readonly number[],
  ) {
    const { hiddenSize, head } = model;
    const blocks = Math.ceil(rivals.length / LANES);
    this.weights = Array.from({ length: blocks }, (_, block) => {
      const weights = new Float64Array(hiddenSize * LANES);
      for (const [lane, rival] of rivals.slice(block * LANES, (block + 1) * LANES).entries())
        for (let j = 0; j < hiddenSize; j++)
          weights[j * LANES + lane] = head[winner * hiddenSize + j]! - head[rival * hiddenSize + j]!;
      return weights;
    });
    this.rest = new Float64Array(hiddenSize);
    this.totals = new Float64Array(blocks * LANES * (writable.length + 1));
  }

  /** For each block of rivals [hiddenSize, LANES]: the winner's row of the head minus the rival's. */
  private readonly weights: readonly Float64Array[];

  /**
   * Goes through all edits in turn.
   * @param visit is given the edit and its margins, one per rival, in an array that is used again; false ends it
   * @returns false if it was ended
   */
  run(visit: (kind: IdEdit["kind"], at: number, id: number, margins: Float64Array) => boolean): boolean {
    const { ids, model } = this;
    const { length } = ids;
    const most = model.maxCharacters;
    const margins = new Float64Array(this.rivals.length);
    for (const kind of ["delete", "substitute", "insert"] as const) {
      const reach = kind === "delete" ? most + 1 : kind === "insert" ? most - 1 : most;
      const base = new Base(this, ids.subarray(0, Math.min(length, reach)));
      const places = kind === "insert" ? base.ids.length + 1 : Math.min(length, most);
      for (let at = 0; at < places; at++) {
        const written = kind === "delete" ? NOTHING : this.writable;
        this.around(base, kind, at, written);
        for (let c = 0; c < written.length; c++) {
          const id = written[c]!;
          // Writing what stands there changes nothing; inserting it behind itself is inserting it before.
          if (kind === "substitute" && id === base.ids[at]) continue;
          if (kind === "insert" && at > 0 && id === base.ids[at - 1]) continue;
          for (let r = 0; r < margins.length; r++)
            margins[r] = this.totals[c * this.weights.length * LANES + r]! * model.scale;
          if (!visit(kind, at, id, margins)) return false;
        }
      }
    }
    return true;
  }

  /** Leaves in `totals` the margins of this edit with each of `written`. */
  private around(
    { ids, front, back }: Base,
    kind: IdEdit["kind"],
    at: number,
    written: readonly number[],
  ): void {
    const { kernelSize: q } = this.model;
    const width = this.weights.length * LANES;
    const { totals } = this;
    // Windows of the base that stay as they are: t <= at - q, and t >= behind.
    const before = Math.max(0, at) * width;
    const behind = (at + q - (kind === "insert" ? 1 : 0)) * width;
    for (let c = 0; c < written.length; c++)
      for (let r = 0; r < width; r++) totals[c * width + r] = front[before + r]! + back[behind + r]!;
    // Ids from place `at` of the new text on are the base's, moved by this much.
    const shift = kind === "delete" ? 1 : kind === "insert" ? -1 : 0;
    for (let u = kind === "delete" ? 1 : 0; u < q; u++) {
      // The window that holds `at` in place u.
      this.sumRest(ids, at, u, shift, kind !== "delete");
      this.addWindows(u, written);
    }
  }

  /** z of the window with `at` in place u, without what is written at `at`. */
  private sumRest(ids: Int32Array, at: number, u: number, shift: number, written: boolean): void {
    const { kernelSize: q, hiddenSize, rows, table } = this.model;
    const { rest } = this;
    rest.fill(0);
    for (let l = 0; l < q; l++) {
      if (written && l === u) continue;
      const from = at - u + l + (l < u ? 0 : shift);
      if (from < 0 || from >= ids.length) continue;
      const row = (l * rows + ids[from]!) * hiddenSize;
      for (let j = 0; j < hiddenSize; j++) rest[j] = rest[j]! + table[row + j]!;
    }
  }

  private addWindows(u: number, written: readonly number[]): void {
    const { hiddenSize, rows, table } = this.model;
    const { rest, totals, weights } = this;
    const width = weights.length * LANES;
    this.windows += written.length;
    for (let block = 0; block < weights.length; block++) {
      const v = weights[block]!;
      for (let c = 0; c < written.length; c++) {
        // Row 0 is zero: nothing is written.
        const row = (u * rows + written[c]!) * hiddenSize;
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let j = 0, k = 0; j < hiddenSize; j++, k += LANES) {
          const z = rest[j]! + table[row + j]!;
          if (z > 0) {
            s0 += v[k]! * z;
            s1 += v[k + 1]! * z;
            s2 += v[k + 2]! * z;
            s3 += v[k + 3]! * z;
          }
        }
        const to = c * width + block * LANES;
        totals[to] = totals[to]! + s0;
        totals[to + 1] = totals[to + 1]! + s1;
        totals[to + 2] = totals[to + 2]! + s2;
        totals[to + 3] = totals[to + 3]! + s3;
      }
    }
  }

  /** v . relu(z) of each window of `ids`, [|ids| + q - 1, width], the first being t = 1 - q. */
  windowMargins(ids: Int32Array): Float64Array {
    const { kernelSize: q } = this.model;
    const width = this.weights.length * LANES;
    const margins = new Float64Array((ids.length + q - 1) * width);
    for (let t = 1 - q; t < ids.length; t++) {
      this.totals.fill(0, 0, width);
      this.sumRest(ids, t, 0, 0, false);
      this.addWindows(0, NOTHING);
      margins.set(this.totals.subarray(0, width), (t + q - 1) * width);
    }
    return margins;
  }

  get width(): number {
    return this.weights.length * LANES;
  }
}

/** What is written where nothing is: id 0. */
const NOTHING: readonly number[] = [0];

/** Ids and the sums over their windows from both ends. */
class Base {
  /** Row i: the sum over the first i windows. */
  readonly front: Float64Array;
  /** Row i: the sum over all windows from i on. */
  readonly back: Float64Array;

  constructor(
    edits: SingleEdits,
    readonly ids: Int32Array,
  ) {
    const { width } = edits;
    const margins = edits.windowMargins(ids);
    this.front = new Float64Array(margins.length + width);
    this.back = new Float64Array(margins.length + width);
    for (let i = 0; i < margins.length; i++) this.front[i + width] = this.front[i]! + margins[i]!;
    for (let i = margins.length - 1; i >= 0; i--) this.back[i] = this.back[i + width]! + margins[i]!;
  }
}
