/** Rows by their ids, and the largest entries. What is chosen has no gradient; what was chosen has. */
import { axisOf, sameShape, show } from "../shape.js";
import { floats, integers, type Tensor } from "../tape.js";
import { sum } from "./broadcast.js";
import { where } from "./elementwise.js";

/** Rows of a table [n, ...row] by ids of any shape, each in [0, n): [...ids, ...row]. */
export function gather(table: Tensor, ids: Tensor): Tensor {
  floats(table);
  integers(ids);
  const [rows, ...row] = table.shape;
  if (rows === undefined) throw new Error("a number has no rows");
  return table.tape.record(
    { kind: "gather" },
    [table, ids],
    [...ids.shape, ...row],
    [(g) => scatter(g, ids, rows), null],
  );
}

/** Values [...ids, ...row] summed by their ids, each in [0, rows): [rows, ...row]. */
export function scatter(values: Tensor, ids: Tensor, rows: number): Tensor {
  floats(values);
  integers(ids);
  const rank = ids.shape.length;
  if (!sameShape(values.shape.slice(0, rank), ids.shape))
    throw new Error(`values of shape ${show(values.shape)} don't go with ids of shape ${show(ids.shape)}`);
  return values.tape.record(
    { kind: "scatter" },
    [values, ids],
    [rows, ...values.shape.slice(rank)],
    [(g) => gather(g, ids), null],
  );
}

/** 1 at each id, else 0: [...ids, depth]; ids are in [0, depth). */
export function oneHot(ids: Tensor, depth: number): Tensor {
  integers(ids);
  return ids.tape.record({ kind: "oneHot" }, [ids], [...ids.shape, depth], [null]);
}

/** 1 for the k largest along an axis, the earlier ones where they are equal; without gradient. */
export function topMask(x: Tensor, axis: number, k: number): Tensor {
  floats(x);
  const along = axisOf(x.shape, axis);
  if (!Number.isInteger(k) || k < 1 || k > x.shape[along]!)
    throw new Error(`k is ${k}; axis ${axis} of ${show(x.shape)} has ${x.shape[along]} entries`);
  return x.tape.record({ kind: "topMask", axis: along, k }, [x], x.shape, [null]);
}

/** The sum of the k largest along an axis, which goes away; they have its gradient. */
export function topSum(x: Tensor, axis: number, k: number): Tensor {
  if (k === x.shape[axisOf(x.shape, axis)]) return sum(x, [axis]);
  return sum(where(topMask(x, axis, k), x, x.tape.scalar(0)), [axis]);
}
