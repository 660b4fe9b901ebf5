/** Singular values by one-sided Jacobi rotations: slow, accurate to a few units in the last place, and nothing like src/numeric. */

/** @param rows any shape; the singular values come largest first, min(rows, columns) of them. */
export function singularValues(rows: readonly (readonly number[])[]): number[] {
  const tall = rows.length >= (rows[0]?.length ?? 0) ? rows.map((r) => [...r]) : turned(rows);
  const columns = turned(tall);
  for (let sweep = 0; sweep < 60; sweep++) {
    let turnedAny = false;
    for (let p = 0; p < columns.length; p++)
      for (let q = p + 1; q < columns.length; q++) turnedAny = rotate(columns[p]!, columns[q]!) || turnedAny;
    if (!turnedAny) break;
  }
  return columns.map((column) => Math.hypot(...column)).sort((a, b) => b - a);
}

function turned(rows: readonly (readonly number[])[]): number[][] {
  return (rows[0] ?? []).map((_, j) => rows.map((r) => r[j]!));
}

function rotate(x: number[], y: number[]): boolean {
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += x[i]! * x[i]!;
    yy += y[i]! * y[i]!;
    xy += x[i]! * y[i]!;
  }
  if (Math.abs(xy) <= 1e-16 * Math.sqrt(xx * yy)) return false;
  const zeta = (yy - xx) / (2 * xy);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]!, y[i]!];
    x[i] = c * a - c * t * b;
    y[i] = c * t * a + c * b;
  }
  return true;
}
