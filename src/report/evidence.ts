/**
 * The key `evidence` of a certificate, read and written by one function, so that what is written is read back and the order
 * of its keys is stable.
 *
 * Promise: what comes out has the fields of its kind (certify/evidence.ts) with the types that they say, and no others.
 */
import type { BlocksStep, EncoderEvidence, Evidence } from "../certify/evidence.js";
import { count, type Fields, list, number, object, oneOf, wrong } from "./fields.js";

const KINDS = ["exact", "native-blocks", "enumerate", "encoder-bounds", "lipslev", "attack"] as const;

/** @throws Malformed naming the field that is wrong */
export function evidenceFrom(given: object): Evidence {
  const fields = given as Fields;
  const kind = oneOf(fields.kind, KINDS, "evidence.kind");
  switch (kind) {
    case "exact":
      return {
        kind,
        least: each(fields, "least", (row, name) =>
          list(row, name).map((value, y) => (value === null ? null : number(value, `${name}[${y}]`))),
        ),
      };
    case "native-blocks":
      return { kind, tokens: count(fields.tokens, "evidence.tokens"), steps: each(fields, "steps", step) };
    case "enumerate":
      return {
        kind,
        tokens: count(fields.tokens, "evidence.tokens"),
        characters: count(fields.characters, "evidence.characters"),
        levels: each(fields, "levels", (value, name) => ({
          ...counts(value, name, ["edits", "strings", "sequences", "passes"]),
          ...numbers(value, name, ["least"]),
        })),
      };
    case "encoder-bounds":
      return {
        kind,
        ...counts(fields, "evidence", ["blocks", "exactBlocks", "sequences"]),
        worst: worst(fields.worst),
      };
    case "lipslev":
      return {
        kind,
        cut:
          typeof fields.cut === "boolean" ? fields.cut : wrong("evidence.cut", fields.cut, "true or false"),
        rivals: each(fields, "rivals", (value, name) => {
          const { single } = object(value, name);
          return {
            ...counts(value, name, ["rival"]),
            ...numbers(value, name, ["margin"]),
            single: single === null ? null : number(single, `${name}.single`),
            ...numbers(value, name, ["allowance", "substitute", "insert", "delete"]),
          };
        }),
      };
    case "attack":
      return { kind, queries: count(fields.queries, "evidence.queries") };
  }
}

function step(value: unknown, name: string): BlocksStep {
  const fields = object(value, name);
  return {
    ...counts(value, name, ["edits", "rival"]),
    ...numbers(value, name, ["words"]),
    charges: list(fields.charges, `${name}.charges`).map((charge, i) => ({
      ...counts(charge, `${name}.charges[${i}]`, ["from", "to", "edits"]),
      ...numbers(charge, `${name}.charges[${i}]`, ["charge"]),
    })),
    ...numbers(value, name, ["bias", "first", "later", "laterLoss", "slack", "rounding", "lower"]),
  };
}

function worst(value: unknown): EncoderEvidence["worst"] {
  if (value === null) return null;
  const name = "evidence.worst";
  const fields = object(value, name);
  return {
    ...counts(value, name, ["from"]),
    put: list(fields.put, `${name}.put`).map((id, i) => count(id, `${name}.put[${i}]`)),
    ...counts(value, name, ["kept"]),
    ...numbers(value, name, ["lower"]),
  };
}

function each<T>(fields: Fields, key: string, read: (value: unknown, name: string) => T): T[] {
  return list(fields[key], `evidence.${key}`).map((value, i) => read(value, `evidence.${key}[${i}]`));
}

function counts<K extends string>(value: unknown, name: string, keys: readonly K[]): Record<K, number> {
  return picked(value, name, keys, count);
}

function numbers<K extends string>(value: unknown, name: string, keys: readonly K[]): Record<K, number> {
  return picked(value, name, keys, number);
}

function picked<K extends string>(
  value: unknown,
  name: string,
  keys: readonly K[],
  read: (value: unknown, name: string) => number,
): Record<K, number> {
  const fields = object(value, name);
  return Object.fromEntries(keys.map((key) => [key, read(fields[key], `${name}.${key}`)])) as Record<
    K,
    number
  >;
}
