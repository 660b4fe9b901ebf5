import { Readable } from "node:stream";
import { wholeLines } from "../../../src/node/output/lines.js";

async function linesOf(chunks: readonly string[]) {
  const lines = wholeLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));
  const seen: { text: string; number: number; end: number }[] = [];
  for (;;) {
    const step = await lines.next();
    if (step.done) return { seen, torn: step.value.toString() };
    seen.push(step.value);
  }
}

test.each([
  [["a\nbc\n"], ["a", "bc"], ""],
  [["a", "\n", "b", "c", "\nd"], ["a", "bc"], "d"],
  [["no line feed"], [], "no line feed"],
  [["\n\n"], ["", ""], ""],
  [[], [], ""],
  [["x\r\n"], ["x\r"], ""],
])("%j", async (chunks, lines, torn) => {
  const found = await linesOf(chunks);
  expect(found.seen.map((line) => line.text)).toEqual(lines);
  expect(found.seen.map((line) => line.number)).toEqual(lines.map((_, i) => i + 1));
  expect(found.torn).toBe(torn);
});

test("the ends are in bytes, and a character may lie across two blocks", async () => {
  const bytes = Buffer.from("é\n日本\n");
  const lines = wholeLines(Readable.from([...bytes].map((byte) => Buffer.from([byte]))));
  const seen: unknown[] = [];
  for await (const line of lines) seen.push(line);
  expect(seen).toEqual([
    { text: "é", number: 1, end: 3 },
    { text: "日本", number: 2, end: 10 },
  ]);
});
