/** Files of word vectors: the forms that are about, what is left out, and what is an error. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { UserError } from "../../src/failure.js";
import { readWordVectors } from "../../src/node/word-vectors.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-vectors-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}
const read = async (name: string, content: string | Uint8Array) =>
  readWordVectors(await written(name, content));

/** Vectors by word. */
async function table(name: string, content: string | Uint8Array): Promise<Record<string, number[]>> {
  const { words, data, size } = await read(name, content);
  expect(data).toHaveLength(words.length * size);
  return Object.fromEntries(
    words.map((word, n) => [word, Array.from(data.subarray(n * size, (n + 1) * size))]),
  );
}

const CATS = { the: [1, 2], cat: [0.5, -0.25], dog: [0, 3e-2] };
const SAME = { the: [1, 2], cat: [0.5, -0.25], dog: [0, Math.fround(0.03)] };
const LINES = "the 1 2\ncat 0.5 -.25\ndog 0 3e-2\n";
const JSON_LIST = { dimensions: 2, words: ["the", "cat", "dog"], unkVector: [9, 9, 9] };

test.each<[string, string, string | Uint8Array]>([
  ["GloVe's text", "a.txt", LINES],
  ["no line end at the end", "a.txt", LINES.trimEnd()],
  ["lines that end with CR LF, or spaces, as fastText has it", "a.vec", LINES.replaceAll("\n", " \r\n")],
  ["tabs", "a.tsv", LINES.replaceAll(" ", "\t")],
  ["several spaces, empty lines", "a.txt", `\n${LINES.replaceAll(" ", "   ").replaceAll("\n", "\n\n")}`],
  ["a first line with counts, as word2vec has it", "a.txt", `3 2\n${LINES}`],
  ["a byte order mark", "a.txt", `\ufeff3 2\n${LINES}`],
  ["gzip", "a.txt.gz", gzipSync(LINES)],
  ["JSON", "a.json", JSON.stringify(CATS)],
  ["JSON with a byte order mark", "a.json", `\ufeff${JSON.stringify(CATS)}`],
  ["JSON, gzip", "a.json.gz", gzipSync(JSON.stringify(CATS))],
  ["JSON with other facts", "a.json", JSON.stringify({ size: 3, name: "cats", ...CATS })],
  [
    "JSON as wink has it, with lengths and numbers of rows behind the vectors",
    "a.json",
    JSON.stringify({
      ...JSON_LIST,
      vectors: Object.fromEntries(Object.entries(CATS).map(([word, v], n) => [word, [...v, 1.5, n]])),
    }),
  ],
])("%s", async (_, name, content) => {
  expect(await table(name, content)).toEqual(SAME);
  const { size, words, identity } = await read(name, content);
  expect([size, words]).toEqual([2, ["the", "cat", "dog"]]);
  // Of the bytes on the disk, packed or not.
  expect(identity).toEqual({ name, sha256: createHash("sha256").update(content).digest("hex") });
});

test("words are folded; of those that fold alike the first stays", async () => {
  expect(await table("fold.txt", "Caf\u00e9 1 2\ncafe 3 4\nCAFE 5 6\n\u0441\u0430t 7 8\ncat 9 9\n")).toEqual({
    cafe: [1, 2],
    cat: [7, 8],
  });
});

test("what isn't one word is left out: several words, none, other scripts, and what isn't UTF-8", async () => {
  const odd = [
    "don't 1 2",
    "New York 1 2",
    ". . . 1 2",
    "at name@domain.com 1 2",
    ", 1 2",
    "<unk> 1 2",
    "\u65e5\u672c 1 2",
    "na\u65e5 1 2",
    " 1 2",
  ];
  expect(await table("odd.txt", `a 1 2\n${odd.join("\n")}\nb 3 4\n`)).toEqual({ a: [1, 2], b: [3, 4] });
  const bytes = Buffer.concat([Buffer.from("a 1 2\nx"), Buffer.from([0xff]), Buffer.from(" 1 2\nb 3 4\n")]);
  expect(await table("bytes.txt", bytes)).toEqual({ a: [1, 2], b: [3, 4] });
});

test("a line ends with LF, not with what else some call a line end", async () => {
  // As words of files that were made of the web have it.
  const text = "a 1 2\nx\u2028y 1 2\n\u0085 1 2\nx\ry 1 2\n\u00a0 1 2\nb 3 4\n";
  expect(await table("ends.txt", text)).toEqual({ a: [1, 2], b: [3, 4] });
});

test("in JSON, words that are numbers come last, as nothing is known of their place, unless there is a list", async () => {
  const text = '{"the": [1, 2], "2010": [3, 4], "cat": [5, 6], "7": [7, 8]}';
  expect((await read("n.json", text)).words).toEqual(["the", "cat", "7", "2010"]);
  const listed = `{"words": ["the", "2010", "nothing", 5, "cat"], "vectors": ${text}}`;
  expect((await read("n.json", listed)).words).toEqual(["the", "2010", "cat", "7"]);
  expect(await table("n.json", listed)).toEqual({ the: [1, 2], 2010: [3, 4], cat: [5, 6], 7: [7, 8] });
  expect(await table("p.json", '{"__proto__": [1, 2], "constructor": [3, 4]}')).toEqual({
    constructor: [3, 4],
  });
});

test("many words in many pieces, held in float32", async () => {
  // More than the room that is made at first.
  const [size, count] = [120, 9_000];
  const numbers = Array.from({ length: 19 }, (_, n) =>
    Array.from({ length: size }, (_, c) => ((7 * n + c) % 19) / 8 - 1),
  );
  const rows = Array.from({ length: count }, (_, n) => ({ word: `w${n}`, numbers: numbers[n % 19]! }));
  const texts = numbers.map((row) => row.join(" "));
  const lines = rows.map(({ word }, n) => `${word} ${texts[n % 19]}\n`).join("");
  const { words, data } = await read("many.txt.gz", gzipSync(lines, { level: 1 }));
  expect(words).toEqual(rows.map(({ word }) => word));
  const expected = Float32Array.from(rows.flatMap(({ numbers }) => numbers));
  expect(data).toHaveLength(expected.length);
  expect(data.findIndex((value, k) => value !== expected[k])).toBe(-1);
}, 20_000);

test.each<[string, string, string | Uint8Array, string]>([
  ["nothing in it", "e.txt", "", "no vector of a word is in it"],
  ["nothing in it, packed", "e.txt.gz", gzipSync(""), "no vector of a word is in it"],
  ["only counts", "e.txt", "0 100\n", "no vector of a word is in it"],
  ["no words", "e.txt", ", 1 2\n. 1 2\n", "no vector of a word is in it"],
  ["too few numbers", "e.txt", "a 1 2\n\nb 3\n", "line 3 has 1 numbers; allowed are 2, as many as all have"],
  ["too many", "e.txt", "a 1 2\nb 3 4 5\n", "line 2 has 3 numbers; allowed are 2, as many as all have"],
  [
    "fewer than the counts say",
    "e.txt",
    "9 3\na 1 2\n",
    "line 2 has 2 numbers; allowed are 3, as many as all have",
  ],
  ["a list of words", "e.txt", "a\nb\n", "line 1 has 0 numbers; allowed are at least 2"],
  ["vectors of one number", "e.txt", "5 1\na 1\n", "vectors of 1 numbers; allowed are from 2 to 100000"],
  ["text for a number", "e.txt", "a 1 2\nb 3 four\n", 'line 2 has "four" where a number is wanted'],
  ["no number", "e.txt", "a 1 2\nb nan 4\n", 'line 2 has "nan" where a number is wanted'],
  ["the infinite", "e.txt", "a 1 Infinity\n", 'line 1 has "Infinity" where a number is wanted'],
  ["more than float32 has", "e.txt", "a 1 2\nb 1e39 4\n", 'line 2 has "1e39" where a number is wanted'],
  [
    "a bad number of a word that is left out",
    "e.txt",
    "a 1 2\n, 3 x\n",
    'line 2 has "x" where a number is wanted',
  ],
  ["commas", "e.txt", "a,1,2\n", "line 1 has 0 numbers; allowed are at least 2"],
  [
    "a long text",
    "e.txt",
    `a 1 ${"x".repeat(99)}\n`,
    `line 1 has "${"x".repeat(39)}... where a number is wanted`,
  ],
  ["JSON that is a list", "e.json", "[[1, 2]]", 'no JSON object of words, as in {"word": [0.1, 0.2]}'],
  ["JSON that is null", "e.json", "null", 'no JSON object of words, as in {"word": [0.1, 0.2]}'],
  ["JSON without lists", "e.json", '{"a": 1, "vectors": 3}', "no vector of a word is in it"],
  ["a word without a list", "e.json", '{"vectors": {"a": [1, 2], "b": 3}}', '"b" has no list of numbers'],
  [
    "lists of two lengths",
    "e.json",
    '{"a": [1, 2], "b": [3]}',
    '"b" has 1 numbers; allowed are 2, as many as all have',
  ],
  [
    "a longer list",
    "e.json",
    '{"a": [1, 2], "b": [3, 4, 5]}',
    '"b" has 3 numbers; allowed are 2, as many as all have',
  ],
  [
    "fewer than it says",
    "e.json",
    '{"dimensions": 3, "a": [1, 2]}',
    '"a" has 2 numbers; allowed are 3, as many as all have',
  ],
  [
    "odd dimensions",
    "e.json",
    '{"dimensions": 1.5, "a": [1, 2]}',
    "vectors of 1.5 numbers; allowed are from 2 to 100000",
  ],
  ["null for a number", "e.json", '{"a": [1, null]}', '"a" has null where a number is wanted'],
  ["text for a number in JSON", "e.json", '{"a": [1, "2"]}', '"a" has "2" where a number is wanted'],
  ["an archive", "e.zip", "PK", "a zip archive; unpack it first"],
])("%s is refused in one line", async (_, name, content, said) => {
  const path = await written(name, content);
  const error = await readWordVectors(path).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toBe(`word vectors ${path}: ${said}`);
});

test.each<[string, string, string | Uint8Array | null, RegExp]>([
  ["a missing file", "none.txt", null, /^no such file: .*none\.txt$/],
  ["a folder", ".", null, /^.* is a folder; give a file$/],
  [
    "a packed file that ends too soon",
    "t.gz",
    gzipSync(LINES).subarray(0, 20),
    /^can't read the word vectors .*t\.gz: unexpected end of file$/,
  ],
  [
    "a packed file that is none",
    "p.gz",
    LINES,
    /^can't read the word vectors .*p\.gz: incorrect header check$/,
  ],
  ["no JSON", "x.json", "the 1 2", /^word vectors .*x\.json: no JSON: Unexpected token/],
])("%s is refused", async (_, name, content, said) => {
  const path = content === null ? join(folder, name) : await written(name, content);
  const error = await readWordVectors(path).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toMatch(said);
});
