/** The definition of Levenshtein distance, word for word: exponential time, so only for a few characters. */
export function slowLevenshtein(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0) return b.length;
  if (b.length === 0) return a.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return slowLevenshtein(restA, restB);
  return 1 + Math.min(slowLevenshtein(restA, restB), slowLevenshtein(restA, b), slowLevenshtein(a, restB));
}
