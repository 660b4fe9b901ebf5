/**
 * Code points: the unit in which every edit is counted.
 *
 * Promise: `codePoints(s)` holds exactly the code points of `[...s]`; a lone surrogate is one code point.
 * `fromCodePoints(codePoints(s)) === s` for every string, whatever its length.
 *
 * The other direction has one gap, which JavaScript strings make unavoidable: a high surrogate directly
 * followed by a low surrogate IS one code point once both stand in a string. `roundTrips` tells whether a
 * sequence survives. Sequences that come from a string always do; only deleting what stands between two
 * lone surrogates can make one that doesn't. Distances are between strings, so such a result is judged by
 * the code points of the string that comes out.
 */

/** The code points of `[...text]`. */
export function codePoints(text: string): Uint32Array {
  const points = new Uint32Array(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    points[count++] = point;
  }
  return points.slice(0, count);
}

/** Small enough for the argument limit of every engine. */
const CHUNK = 4096;

/** The string of these code points, each in 0..0x10FFFF (a `RangeError` otherwise). */
export function fromCodePoints(points: ArrayLike<number>): string {
  let text = "";
  for (let start = 0; start < points.length; start += CHUNK) {
    const chunk: number[] = [];
    const end = Math.min(points.length, start + CHUNK);
    for (let i = start; i < end; i++) chunk.push(points[i]!);
    text += String.fromCodePoint(...chunk);
  }
  return text;
}

export function isHighSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdbff;
}

export function isLowSurrogate(point: number): boolean {
  return point >= 0xdc00 && point <= 0xdfff;
}

/** Whether `codePoints(fromCodePoints(points))` gives `points` back: no high surrogate right before a low one. */
export function roundTrips(points: ArrayLike<number>): boolean {
  for (let i = 1; i < points.length; i++) {
    if (isHighSurrogate(points[i - 1]!) && isLowSurrogate(points[i]!)) return false;
  }
  return true;
}
