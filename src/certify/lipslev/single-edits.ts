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
// Looking up a global for every number is slow in a sandbox, such as a test runner's.
const { abs } = Math;

export class SingleEdits {
  /** Windows summed so far. */
  windows = 0;
  /** Places for rivals in sums: a multiple of LANES. */
  readonly width: number;
  /** For each block of rivals [hiddenSize, LANES]: half of the winner's row of the head minus the rival's. */
  private readonly weights: readonly Float64Array[];
  /** [rows, hiddenSize, kernelSize] */
  private readonly byId: Float64Array;
  /** [hiddenSize, kernelSize] */
  private readonly rest: Float64Array;
  /** [written + 1, width] */
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
          weights[j * LANES + lane] = (head[winner * hiddenSize + j]! - head[rival * hiddenSize + j]!) / 2;
      return weights;
    });
    this.width = blocks * LANES;
    this.byId = tableById(model);
    this.rest = new Float64Array(hiddenSize * model.kernelSize);
    this.totals = new Float64Array(this.width * (Math.max(1, writable.length) + 1));
  }

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
            margins[r] = this.totals[c * this.width + r]! * model.scale;
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
    const { kernelSize: q, hiddenSize } = this.model;
    const { totals, rest, width } = this;
    // Windows of the base that stay as they are: t <= at - q, and t >= behind.
    const before = at * width;
    const behind = (at + q - (kind === "insert" ? 1 : 0)) * width;
    for (let c = 0; c < written.length; c++)
      for (let r = 0; r < width; r++) totals[c * width + r] = front[before + r]! + back[behind + r]!;
    // Ids from place `at` of the new text on are the base's, moved by this much.
    const shift = kind === "delete" ? 1 : kind === "insert" ? -1 : 0;
    for (let u = 0; u < q; u++) this.sumRest(ids, at, u, shift, kind !== "delete");
    // After a deletion the window that begins at `at` is one of those behind: below 0, it counts for nothing.
    if (kind === "delete") for (let j = 0; j < hiddenSize; j++) rest[j * q] = -1;
    this.windows += q * written.length;
    for (let c = 0; c < written.length; c += 2)
      // Where there is no other one, the place behind the last takes what isn't wanted.
      this.addPooled(written[c]!, c * width, written[c + 1] ?? 0, (c + 1) * width);
  }

  /** z of the window with `at` in place u, without what is written at `at`. */
  private sumRest(ids: Int32Array, at: number, u: number, shift: number, written: boolean): void {
    const { kernelSize: q, hiddenSize, rows, table } = this.model;
    const { rest } = this;
    for (let j = 0; j < hiddenSize; j++) rest[j * q + u] = 0;
    for (let l = 0; l < q; l++) {
      if (written && l === u) continue;
      const from = at - u + l + (l < u ? 0 : shift);
      if (from < 0 || from >= ids.length) continue;
      const row = (l * rows + ids[from]!) * hiddenSize;
      for (let j = 0, k = u; j < hiddenSize; j++, k += q) rest[k] = rest[k]! + table[row + j]!;
    }
  }

  /**
   * Adds v . sum_u relu(rest_u + P_u[id]) to the totals from `to` on, for two ids at once. The innermost loop of all:
   * z + |z| is 2 relu(z), exactly, without a branch; the 2 is taken out with the weights.
   */
  private addPooled(id: number, to: number, otherId: number, otherTo: number): void {
    const { kernelSize: q, hiddenSize } = this.model;
    const { rest, totals, weights, byId } = this;
    const end = hiddenSize * q;
    const row = id * end;
    const otherRow = otherId * end;
    for (let block = 0; block < weights.length; block++) {
      const v = weights[block]!;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      let [r0, r1, r2, r3] = [0, 0, 0, 0];
      for (let i = 0, k = 0; i < end; k += LANES) {
        let pooled = 0;
        let otherPooled = 0;
        for (const next = i + q; i < next; i++) {
          const before = rest[i]!;
          const z = before + byId[row + i]!;
          const y = before + byId[otherRow + i]!;
          pooled += z + abs(z);
          otherPooled += y + abs(y);
        }
        s0 += v[k]! * pooled;
        s1 += v[k + 1]! * pooled;
        s2 += v[k + 2]! * pooled;
        s3 += v[k + 3]! * pooled;
        r0 += v[k]! * otherPooled;
        r1 += v[k + 1]! * otherPooled;
        r2 += v[k + 2]! * otherPooled;
        r3 += v[k + 3]! * otherPooled;
      }
      add(totals, to + block * LANES, s0, s1, s2, s3);
      add(totals, otherTo + block * LANES, r0, r1, r2, r3);
    }
  }

  /** v . relu(z) of each window of `ids`, [|ids| + q - 1, width], the first being t = 1 - q. */
  windowMargins(ids: Int32Array): Float64Array {
    const { kernelSize: q } = this.model;
    const { width, totals, rest } = this;
    const margins = new Float64Array((ids.length + q - 1) * width);
    rest.fill(-1);
    for (let t = 1 - q; t < ids.length; t++) {
      // Of the q windows that are pooled only the first counts.
      this.sumRest(ids, t, 0, 0, false);
      totals.fill(0, 0, width);
      this.addPooled(0, 0, 0, width);
      margins.set(totals.subarray(0, width), (t + q - 1) * width);
    }
    this.windows += ids.length + q - 1;
    return margins;
  }
}

function add(to: Float64Array, at: number, s0: number, s1: number, s2: number, s3: number): void {
  to[at] = to[at]! + s0;
  to[at + 1] = to[at + 1]! + s1;
  to[at + 2] = to[at + 2]! + s2;
  to[at + 3] = to[at + 3]! + s3;
}

const BY_ID = new WeakMap<LipslevModel, Float64Array>();

/** The model's table in the order in which it is read here. */
function tableById(model: LipslevModel): Float64Array {
  let byId = BY_ID.get(model);
  if (byId !== undefined) return byId;
  const { kernelSize, rows, hiddenSize, table } = model;
  byId = new Float64Array(table.length);
  for (let u = 0; u < kernelSize; u++)
    for (let c = 0; c < rows; c++)
      for (let j = 0; j < hiddenSize; j++)
        byId[(c * hiddenSize + j) * kernelSize + u] = table[(u * rows + c) * hiddenSize + j]!;
  BY_ID.set(model, byId);
  return byId;
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
