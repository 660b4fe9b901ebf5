import { type DoubleArray, doubleArray } from "../../src/tokenizer/double-array.js";
import { seeded } from "../oracle/random-model.js";

const child = ({ base, check }: DoubleArray, node: number, symbol: number): number => {
  const at = base[node]! + symbol;
  if (at >= check.length) throw new Error(`${at} is beyond the ${check.length} places`);
  return check[at] === node ? at : 0;
};

test("walks are those of a plain set of keys, for keys and all else", () => {
  const random = seeded(3);
  for (let n = 0; n < 100; n++) {
    const symbols = 1 + Math.floor(random() * 5);
    const draw = (most: number) =>
      Uint8Array.from({ length: 1 + Math.floor(random() * most) }, () => Math.floor(random() * symbols));
    const unique = new Map<string, Uint8Array>();
    for (let i = Math.floor(random() * 60); i > 0; i--) {
      const key = draw(7);
      unique.set(key.join(), key);
    }
    const keys = [...unique.values()].map((key) => (random() < 0.1 ? null : key));
    const value = new Map(keys.flatMap((key, i) => (key === null ? [] : [[key.join(), i] as const])));
    const beginnings = new Set<string>([""]);
    for (const key of keys)
      if (key !== null) key.forEach((_, i) => void beginnings.add(key.slice(0, i + 1).join()));
    const trie = doubleArray(keys, symbols);
    expect(trie.longest).toBe(Math.max(0, ...keys.map((key) => key?.length ?? 0)));
    for (const walk of [...unique.values(), ...Array.from({ length: 100 }, () => draw(9))]) {
      let node = trie.root;
      for (let i = 0; i < walk.length; i++) {
        node = child(trie, node, walk[i]!);
        const read = walk.slice(0, i + 1).join();
        const right =
          (node !== 0) === beginnings.has(read) &&
          trie.value[node] === (value.get(read) ?? -1) &&
          child(trie, node, symbols) === 0;
        if (!right) throw new Error(`the walk of ${read} leads to node ${node}`);
      }
    }
    // Every place but those of node 0 and the root has one parent.
    expect(trie.check.filter((parent) => parent !== -1).length).toBe(beginnings.size - 1);
    expect(trie.check).not.toContain(0);
  }
});

test("tens of thousands of words take little more room than they have nodes", () => {
  const random = seeded(4);
  const unique = new Map<string, Uint8Array>();
  while (unique.size < 30_000) {
    // Letters of very different frequency, as in words.
    const key = Uint8Array.from({ length: 3 + Math.floor(random() * 4) }, () =>
      Math.floor(37 * random() ** 3),
    );
    unique.set(key.join(), key);
  }
  const began = performance.now();
  const trie = doubleArray([...unique.values()], 38);
  expect(performance.now() - began).toBeLessThan(5000);
  const nodes = trie.check.filter((parent) => parent !== -1).length;
  expect(trie.check.length).toBeLessThan(1.2 * nodes);
});
