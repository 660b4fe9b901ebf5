/** Every string within k edits of a string, over a tiny alphabet, by repeating all single edits. Slow on purpose. */
export function allWithin(text: string, alphabet: readonly string[], k: number): string[][] {
  const seen = new Set([text]);
  const layers: string[][] = [[text]];
  for (let j = 1; j <= k; j++) {
    const layer: string[] = [];
    const meet = (t: string) => {
      if (seen.has(t)) return;
      seen.add(t);
      layer.push(t);
    };
    for (const t of layers[j - 1]!) {
      for (let i = 0; i <= t.length; i++) {
        for (const c of alphabet) {
          meet(t.slice(0, i) + c + t.slice(i));
          if (i < t.length) meet(t.slice(0, i) + c + t.slice(i + 1));
        }
        if (i < t.length) meet(t.slice(0, i) + t.slice(i + 1));
      }
    }
    layers.push(layer);
  }
  return layers;
}
