/**
 * What operators on expressions have in common: their type, and how known values fit them.
 */
import type { Expr, Symbolic, Value } from "./expression.js";
import { broadcast, type Known, sameShape } from "./known.js";
import type { AttributeValue } from "./parse.js";

export type Attributes = ReadonlyMap<string, AttributeValue>;
export type Operator = (
  inputs: readonly Value[],
  attributes: Attributes,
  outputs: number,
  input: InputShape,
) => readonly (Symbolic | Known)[] | null;

/** Of the ids. */
export interface InputShape {
  readonly batch: number;
  readonly tokens: number;
}

export const symbolic = (shape: readonly number[], expr: Expr | null): readonly Symbolic[] | null =>
  expr === null ? null : [{ kind: "symbolic", shape, expr }];

export const isSymbolic = (x: Value | undefined): x is Symbolic => x?.kind === "symbolic";
export const isKnown = (x: Value | undefined): x is Known => x?.kind === "known";

/** Whether a known value changes no shape when it is combined with x, and doesn't depend on the ids. */
export const fits = (x: Symbolic, by: Known): boolean => {
  const shape = broadcast(x.shape, by.shape);
  return shape !== null && sameShape(shape, x.shape) && !by.usesIds;
};

/** A vector along the last axis of tokens, be it written with leading dimensions of 1. */
export const isVector = (x: Symbolic, by: Known): boolean =>
  x.shape.length <= 3 &&
  fits(x, by) &&
  by.data.length > 1 &&
  by.data.length === by.shape.at(-1) &&
  by.data.length === x.shape.at(-1);
