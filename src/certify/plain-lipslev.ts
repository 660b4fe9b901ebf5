/**
 * The most that one edit, at any text, lowers a LipsLev model's margin by: the theorem at the head of lipslev/constants.ts, with
 * signs, computed once more as it stands there. `verify` holds certificates of two and more edits to it.
 *
 * Shared with the method: the theorem and the table of the model. Not shared: the code. It is computed in float64 without
 * outward rounding and raised by 1e-11 of itself, which no sum of so few terms loses.
 */
import type { LipslevModel } from "../model/lipslev.js";

const RAISE = 1 + 1e-11;

const known = new WeakMap<LipslevModel, Map<string, number>>();

/** @param cut whether the texts can be longer than the model reads */
export function plainLipslevCost(model: LipslevModel, winner: number, rival: number, cut: boolean): number {
  const costs = known.get(model) ?? new Map<string, number>();
  known.set(model, costs);
  const key = `${winner} ${rival} ${cut}`;
  let cost = costs.get(key);
  if (cost === undefined) {
    cost = computed(model, winner, rival, cut);
    costs.set(key, cost);
  }
  return cost;
}

function computed(model: LipslevModel, winner: number, rival: number, cut: boolean): number {
  const { kernelSize, hiddenSize, rows, table, head, scale } = model;
  const v = Array.from(
    { length: hiddenSize },
    (_, j) => scale * (head[winner * hiddenSize + j]! - head[rival * hiddenSize + j]!),
  );
  const part = (u: number, id: number): Float64Array =>
    table.subarray((u * rows + id) * hiddenSize, (u * rows + id + 1) * hiddenSize);
  const places = Array.from({ length: kernelSize }, (_, u) => u);
  const ids = Array.from({ length: rows }, (_, id) => id);
  /** w of a change of one window from id `from` to id `to` in place u. */
  const drop = (u: number, from: number, to: number): number => {
    const [a, b] = [part(u, from), part(u, to)];
    return v.reduce((sum, vj, j) => sum + Math.max(0, -vj * (b[j]! - a[j]!)), 0);
  };
  const drops = places.map((u) => ids.map((from) => ids.map((to) => drop(u, from, to))));
  const most = (values: readonly number[]): number => Math.max(0, ...values);
  const substitute = most(
    ids.flatMap((from) => ids.map((to) => places.reduce((sum, u) => sum + drops[u]![from]![to]!, 0))),
  );
  const d = drops.map((square) => most(square.map(most)));
  /** Of a window that is there on one side only. */
  const alone = (sign: number): number =>
    places.reduce(
      (sum, u) =>
        sum +
        most(
          ids.map((id) =>
            v.reduce((all, vj, j) => all + Math.max(0, sign * vj) * Math.max(0, part(u, id)[j]!), 0),
          ),
        ),
      0,
    );
  const shifted = Math.min(
    ...places.map((s) => {
      let sum = 0;
      for (let u = 0; u < s; u++) for (let l = 0; l <= u; l++) sum += d[l]!;
      for (let u = s + 1; u < kernelSize; u++) for (let l = u; l < kernelSize; l++) sum += d[l]!;
      return sum;
    }),
  );
  const inserted = shifted + alone(-1);
  const deleted = shifted + alone(1);
  return RAISE * Math.max(substitute, Math.max(inserted, deleted) + (cut ? substitute : 0));
}
