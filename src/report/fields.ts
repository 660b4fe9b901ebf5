/**
 * Reads fields of JSON values one by one.
 *
 * Promise: each function gives the value with the type that it says, or throws `Malformed` with the field's name, what was seen
 * and what is allowed.
 */

export class Malformed extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

export function wrong(name: string, value: unknown, allowed: string): never {
  const seen = value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)).slice(0, 60);
  throw new Malformed(`${name} is ${seen}; allowed is ${allowed}`);
}

export function object(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return wrong(name, value, "an object");
  return value as Fields;
}

export function list(value: unknown, name: string): readonly unknown[] {
  return Array.isArray(value) ? value : wrong(name, value, "a list");
}

export function string(value: unknown, name: string): string {
  return typeof value === "string" ? value : wrong(name, value, "a string");
}

export function number(value: unknown, name: string): number {
  return typeof value === "number" ? value : wrong(name, value, "a number");
}

export function count(value: unknown, name: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : wrong(name, value, "an integer from 0 up");
}

export function exactly<T extends string>(value: unknown, allowed: T, name: string): T {
  return oneOf(value, [allowed], name);
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], name: string): T {
  return (
    allowed.find((each) => each === value) ??
    wrong(name, value, allowed.map((each) => JSON.stringify(each)).join(" or "))
  );
}
