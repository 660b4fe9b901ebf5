/** Numbers as people read them: times, shares and scores, short and without false precision. */
import type { Rate } from "../evaluate/wilson.js";

/** A score or margin, three digits: 6.2 as "6.20", 1234.5 as "1235". */
export function score(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

/** A time: "0.9 ms", "12 ms", "1.24 s", "3 min 05 s". */
export function duration(seconds: number): string {
  const ms = seconds * 1000;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (seconds < 99.995) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** A share in percent with one digit, or "-" where there is none. */
export function percent(share: Rate | null): string {
  return share === null ? "-" : `${(100 * share.value).toFixed(1)} %`;
}

/** The 95 % interval of a share: "97.1 - 98.9". */
export function interval(share: Rate | null): string {
  return share === null ? "-" : `${(100 * share.low).toFixed(1)} - ${(100 * share.high).toFixed(1)}`;
}

/** "1 text", "2 texts". */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** 21185 as "21,185"; huge numbers as "1.2e+21". */
export function whole(n: number): string {
  if (Math.abs(n) >= 1e15) return n.toPrecision(2);
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}
