/**
 * Edit script: a minimal alignment of two texts as plain data, to mark the characters that changed.
 *
 * Promise: the `from` of all segments joined give a, the `to` give b; `same` segments cost nothing, the others
 * one edit per code point of the longer side, and the costs add up to levenshtein(a, b). No segment is empty,
 * neighbours differ in kind, and the same two texts always give the same script.
 *
 * Memory is bounded: up to DIRECT edits the way back is read from the furthest-reaching cells; beyond, the
 * problem is halved first (Hirschberg 1975), which takes time |a| |b| for the parts that differ.
 */
import { codePoints, fromCodePoints } from "../text/code-points.js";
import { furthestReaching, UNREACHED, valueAt } from "./diagonals.js";
import { commonPrefix, commonSuffix } from "./distance.js";

// Looking up a global for every cell is slow in a sandbox, such as a test runner's.
const { min } = Math;

export type SegmentKind = "same" | "substitute" | "insert" | "delete";

export interface Segment {
  readonly kind: SegmentKind;
  /** What stands in a; empty for an insertion. */
  readonly from: string;
  /** What stands in b; empty for a deletion. In a substitution as many code points as `from`. */
  readonly to: string;
}

/** Largest distance for which all rows are kept: 4 million integers. */
const DIRECT = 2048;

/** The minimal alignment of a and b. */
export function editScript(a: string, b: string): Segment[] {
  const x = codePoints(a);
  const y = codePoints(b);
  const runs: { kind: SegmentKind; count: number }[] = [];
  align(x, y, (kind, count) => {
    if (count === 0) return;
    const last = runs.at(-1);
    if (last?.kind === kind) last.count += count;
    else runs.push({ kind, count });
  });
  let i = 0;
  let j = 0;
  return runs.map(({ kind, count }) => {
    const from = kind === "insert" ? "" : fromCodePoints(x.subarray(i, i + count));
    const to = kind === "delete" ? "" : fromCodePoints(y.subarray(j, j + count));
    if (kind !== "insert") i += count;
    if (kind !== "delete") j += count;
    return { kind, from, to };
  });
}

type Emit = (kind: SegmentKind, count: number) => void;

function align(a: Uint32Array, b: Uint32Array, emit: Emit): void {
  const prefix = commonPrefix(a, b);
  const suffix = commonSuffix(a, b, prefix);
  const x = a.subarray(prefix, a.length - suffix);
  const y = b.subarray(prefix, b.length - suffix);
  emit("same", prefix);
  if (x.length === 0) emit("insert", y.length);
  else if (y.length === 0) emit("delete", x.length);
  else {
    const rows: Int32Array[] = [];
    if (furthestReaching(x, y, DIRECT, rows) !== null) walkBack(x, y, rows, emit);
    else halve(x, y, emit);
  }
  emit("same", suffix);
}

/** From the end to the start along cells whose exact distance is known: D[i][j] <= e iff F[e][j - i] >= i. */
function walkBack(a: Uint32Array, b: Uint32Array, rows: readonly Int32Array[], emit: Emit): void {
  const steps: SegmentKind[] = [];
  let i = a.length;
  let j = b.length;
  let e = rows.length - 1;
  const furthest = (edits: number, k: number) => (edits < 0 ? UNREACHED : valueAt(rows[edits]!, k + edits));
  while (i > 0 || j > 0) {
    const k = j - i;
    if (i > 0 && j > 0 && a[i - 1] === b[j - 1]) {
      steps.push("same");
      i--;
      j--;
      continue;
    }
    e--;
    if (i > 0 && j > 0 && furthest(e, k) >= i - 1) {
      steps.push("substitute");
      i--;
      j--;
    } else if (i > 0 && furthest(e, k + 1) >= i - 1) {
      steps.push("delete");
      i--;
    } else {
      steps.push("insert");
      j--;
    }
  }
  for (let s = steps.length - 1; s >= 0; s--) emit(steps[s]!, 1);
}

/** Some optimal alignment passes through (middle of a, j) for the j where the two halves cost least. */
function halve(a: Uint32Array, b: Uint32Array, emit: Emit): void {
  const middle = a.length >> 1;
  const head = lastRow(a.subarray(0, middle), b);
  const tail = lastRow(a.slice(middle).reverse(), b.slice().reverse());
  let best = 0;
  for (let j = 1; j <= b.length; j++) {
    if (head[j]! + tail[b.length - j]! < head[best]! + tail[b.length - best]!) best = j;
  }
  align(a.subarray(0, middle), b.subarray(0, best), emit);
  align(a.subarray(middle), b.subarray(best), emit);
}

/** Distances between all of a and every beginning of b. */
function lastRow(a: Uint32Array, b: Uint32Array): Uint32Array {
  const row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const substitute = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j]!;
      row[j] = min(substitute, diagonal + 1, row[j - 1]! + 1);
    }
  }
  return row;
}
