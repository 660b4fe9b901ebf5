/** Numbers as the page writes them. */
import { codePoints } from "../src/browser/index.js";

/** A margin: three digits, with a real minus. */
export function margin(value: number): string {
  // Sums of rounded numbers leave crumbs, which say nothing.
  if (Math.abs(value) < 1e-9) return "0";
  const text = Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
  return text.replaceAll("-", "−");
}

export function duration(seconds: number): string {
  const ms = seconds * 1000;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 999.5 ? `${ms.toFixed(0)} ms` : `${seconds.toFixed(2)} s`;
}

export const whole = (n: number): string => n.toLocaleString("en-US");
export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

/**
 * The power of ten below the number of texts that `edits` substitutions alone make of a text: choosing that many places and
 * another character for each, all of which are different texts.
 */
export function textsExponent(text: string, edits: number, characters: number): number {
  const { length } = codePoints(text);
  let log = 0;
  for (let j = 0; j < Math.min(edits, length); j++)
    log += Math.log10((length - j) / (j + 1)) + Math.log10(Math.max(1, characters - 1));
  return Math.floor(log);
}

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";
export const powerOfTen = (exponent: number): string =>
  `10${[...String(exponent)].map((digit) => SUPERSCRIPT[Number(digit)]).join("")}`;

/** A character that can be told from its neighbours: quoted, or by its number where it can't be seen. */
export function character(point: number): string {
  const text = String.fromCodePoint(point);
  if (text === " ") return "a space";
  if (/[\p{C}\p{Z}\p{M}]/u.test(text)) return `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  return `“${text}”`;
}
