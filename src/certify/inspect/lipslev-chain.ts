/**
 * The constant of a LipsLev model taken apart at one edit: what knowing each layer's input exactly would change.
 *
 * Windows of the edited text are matched with windows of the text as in the theorem of certify/lipslev/constants.ts, and w is the
 * function used there that gives the lower constant: |v| |y| (`norms`), or sum_j max(0, -v_j y_j) (`signs`). Then
 *
 *     any edit  >=  this kind of edit  >=  sum over windows and places of w(P_u[y] - P_u[x])  >=  sum over windows of w(z' - z)
 *               >=  sum over windows of w(relu z' - relu z)  >=  w(h' - h)  >=  the margin's fall,
 *
 * by the theorem, by w being sublinear (twice), by relu's monotony and slope, and by w being one-sided. Each difference is what one layer's bound costs.
 */
import type { LipslevModel } from "../../model/lipslev.js";
import { distanceAbove, dualOrder, normAbove } from "../../model/lipslev-norms.js";
import { type EditCosts, editCosts, normCosts, worstCost } from "../lipslev/constants.js";
import { editedIds } from "../lipslev/edited-text.js";
import type { IdEdit } from "../lipslev/single-edits.js";
import type { LayerFindings } from "./inspection.js";

type Measure = (change: Float64Array) => number;

/** Rows for the table, from the edit to the head; their losses add up to the cost of any one edit. */
export function lipslevLayers(
  model: LipslevModel,
  ids: Int32Array,
  edit: IdEdit,
  cut: boolean,
  a: number,
  b: number,
): LayerFindings[] {
  const costs = editCosts(model, a, b);
  const byNorms = normCosts(model, a, b);
  const kind = ofKind(costs, edit.kind, cut);
  const norms = ofKind(byNorms, edit.kind, cut);
  const measure = kind >= norms ? normMeasure(model, a, b) : signMeasure(model, a, b);
  const sums = sumsOf(model, ids, editedIds(ids, edit), edit, measure);
  const logits = [model.logits(ids), model.logits(editedIds(ids, edit))] as const;
  const fell = logits[0][a]! - logits[0][b]! - (logits[1][a]! - logits[1][b]!);
  const { distance, kernel } = model.norms;
  const head = headNorm(model, a, b);
  // What leaves the convolution for this kind of edit, in the model's norm: the cost of the theorem without the head.
  const windows = head > 0 ? norms / head : 0;
  const size = (total: number, largest = total) => ({ largest, total });
  const none = { computed: false, measured: null };
  const rows: LayerFindings[] = [
    {
      name: "the edit itself",
      computed: true,
      entering: null,
      leaving: null,
      factor: null,
      measured: null,
      loss: fell,
    },
    {
      name: "other kinds of edit",
      ...none,
      entering: null,
      leaving: null,
      factor: null,
      loss: worstCost(costs, cut) - kind,
    },
    {
      name: "embedding",
      ...none,
      entering: null,
      leaving: size(distance),
      factor: distance,
      loss: kind - sums.places,
    },
    {
      name: "convolution",
      ...none,
      entering: size(distance),
      leaving: size(windows, kernel * distance),
      factor: kernel,
      loss: sums.places - sums.windows,
    },
    {
      name: "relu",
      ...none,
      entering: size(windows, kernel * distance),
      leaving: size(windows, kernel * distance),
      factor: 1,
      loss: sums.windows - sums.relu,
    },
    {
      name: "sum over windows",
      ...none,
      entering: size(windows, kernel * distance),
      leaving: size(windows),
      factor: 1,
      loss: sums.relu - sums.pooled,
    },
    {
      name: "head",
      ...none,
      entering: size(windows),
      leaving: size(norms),
      factor: head,
      loss: sums.pooled - fell,
    },
  ];
  return rows;
}

/** Cost of one kind of edit. */
function ofKind(costs: EditCosts, kind: IdEdit["kind"], cut: boolean): number {
  if (kind === "substitute") return costs.substitute;
  return costs[kind] + (cut ? costs.substitute : 0);
}

/** |C_a - C_b| in the dual norm, divided by the model's norms. */
export function headNorm({ head, hiddenSize, p, scale }: LipslevModel, a: number, b: number): number {
  const row = (y: number) => head.subarray(y * hiddenSize, (y + 1) * hiddenSize);
  return distanceAbove(row(a), row(b), dualOrder(p)) * scale;
}

function normMeasure(model: LipslevModel, a: number, b: number): Measure {
  const v = headNorm(model, a, b);
  return (change) => v * normAbove(change, model.p);
}

function signMeasure({ head, hiddenSize, scale }: LipslevModel, a: number, b: number): Measure {
  const v = Float64Array.from(
    { length: hiddenSize },
    (_, j) => (head[a * hiddenSize + j]! - head[b * hiddenSize + j]!) * scale,
  );
  return (change) => change.reduce((sum, y, j) => sum + Math.max(0, -v[j]! * y), 0);
}

interface Sums {
  readonly places: number;
  readonly windows: number;
  readonly relu: number;
  readonly pooled: number;
}

function sumsOf(
  model: LipslevModel,
  before: Int32Array,
  after: Int32Array,
  edit: IdEdit,
  measure: Measure,
): Sums {
  // Of all matchings of the theorem the one that costs least.
  const splits = edit.kind === "substitute" ? 1 : model.kernelSize;
  let best: Sums | null = null;
  for (let s = 0; s < splits; s++) {
    const sums = matched(model, before, after, edit, s, measure);
    if (best === null || sums.places < best.places) best = sums;
  }
  return best!;
}

function matched(
  model: LipslevModel,
  before: Int32Array,
  after: Int32Array,
  edit: IdEdit,
  s: number,
  measure: Measure,
): Sums {
  const { kernelSize: q, hiddenSize, maxCharacters, table, rows } = model;
  // The longer text is the one with the character: a deletion is an insertion read backwards.
  const [long, short] = edit.kind === "delete" ? [before, after] : [after, before];
  const sign = edit.kind === "delete" ? -1 : 1;
  const idAt = (ids: Int32Array, i: number) =>
    i >= 0 && i < Math.min(ids.length, maxCharacters) ? ids[i]! : 0;
  const pooled = new Float64Array(hiddenSize);
  let [places, windows, relu] = [0, 0, 0];
  for (let t = 1 - q; t < Math.max(long.length, short.length); t++) {
    const other = partner(t, edit, q, s);
    const z = new Float64Array(hiddenSize);
    const z0 = new Float64Array(hiddenSize);
    for (let u = 0; u < q; u++) {
      const x = (u * rows + idAt(long, t + u)) * hiddenSize;
      const y = other === null ? -1 : (u * rows + idAt(short, other + u)) * hiddenSize;
      const change = new Float64Array(hiddenSize);
      for (let j = 0; j < hiddenSize; j++) {
        const [p, p0] = [table[x + j]!, y < 0 ? 0 : table[y + j]!];
        // A window that appears or vanishes counts what relu lets through of each place.
        change[j] = other === null ? sign * Math.max(0, p) : sign * (p - p0);
        z[j] = z[j]! + p;
        z0[j] = z0[j]! + p0;
      }
      places += measure(change);
    }
    const passed = z.map((value, j) => sign * (Math.max(0, value) - Math.max(0, z0[j]!)));
    windows += measure(other === null ? passed : z.map((value, j) => sign * (value - z0[j]!)));
    relu += measure(passed);
    passed.forEach((value, j) => {
      pooled[j] = pooled[j]! + value;
    });
  }
  return { places, windows, relu, pooled: measure(pooled) };
}

/** The window of the shorter text that window t of the longer one is matched with; null for the one left over. */
function partner(t: number, { kind, at }: IdEdit, q: number, s: number): number | null {
  if (kind === "substitute" || t <= at - q) return t;
  if (t > at) return t - 1;
  const u = at - t;
  if (u === s) return null;
  return u < s ? t - 1 : t;
}
