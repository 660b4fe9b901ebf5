import fc from "fast-check";
import { bytes, rowsOf, textsOf } from "./support.js";

const jsonl = { format: "jsonl" } as const;

describe("JSON lines", () => {
  it.each([1, 1000])("reads one object per line (pieces of %i bytes)", async (size) => {
    const input =
      '\ufeff{"text":"a\\nb","label":"x","more":1}\r\n{"label":1,"text":""}\n{"text":"c"}\n{"text":"d","label":null}\n\n';
    expect(await rowsOf(input, jsonl, size)).toEqual([
      { id: 0, text: "a\nb", label: "x" },
      { id: 1, text: "", label: "1" },
      { id: 2, text: "c", label: null },
      { id: 3, text: "d", label: null },
    ]);
  });

  it("makes lines that aren't what they should be errors and reads on", async () => {
    const input = bytes(
      '{"text":"a"\n[1]\nnull\n\n{"text":"ok"}\n{"text":5}\n{"other":"b"}\n{"text":"c","label":{}}\n{"text":"',
      [0xff],
      '"}\n{"text":"end"}\n',
    );
    const rows = await rowsOf(input, jsonl);
    expect(rows.map((row) => row.error ?? row.text)).toEqual([
      expect.stringMatching(/^row 0 \(line 1\): not JSON: /),
      "row 1 (line 2): not a JSON object: a list",
      "row 2 (line 3): not a JSON object: null",
      "row 3 (line 4): blank line where a JSON object should be",
      "ok",
      'row 5 (line 6): "text" is a number, not a string',
      'row 6 (line 7): no key "text"',
      'row 7 (line 8): "label" is an object, not a string or a number',
      "row 8 (line 9): not UTF-8 at byte 94",
      "end",
    ]);
    expect(rows.map((row) => row.id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rows[0]!.text).toBe('{"text":"a"');
  });

  it("takes keys by name, joined with one space", async () => {
    const input =
      '{"title":"a","description":"b","class":"x"}\n{"class":"y","title":"c","description":"d"}\n';
    const rows = await rowsOf(input, { ...jsonl, textColumn: "title,description", labelColumn: "class" });
    expect(rows).toEqual([
      { id: 0, text: "a b", label: "x" },
      { id: 1, text: "c d", label: "y" },
    ]);
  });

  it("lists the keys where one is missing", async () => {
    await expect(rowsOf('{"a":"1","b":"2"}\n', { ...jsonl, textColumn: "body" })).rejects.toThrow(
      'standard input has no text column "body" (keys: "a", "b")',
    );
    await expect(rowsOf('{"text":"1","b":"2"}\n', { ...jsonl, labelColumn: "2" })).rejects.toThrow(
      'standard input has no label column "2" (keys: "text", "b")',
    );
    await expect(rowsOf('{"a":"1","b":"2"}\n', jsonl)).rejects.toThrow("choose one with --text-column");
  });

  it("makes a missing key of a label that was asked for an error", async () => {
    const rows = await rowsOf('{"text":"a","y":"1"}\n{"text":"b"}\n', { ...jsonl, labelColumn: "y" });
    expect(rows[1]).toEqual({
      id: 1,
      text: '{"text":"b"}',
      label: null,
      error: 'row 1 (line 2): no key "y"',
    });
  });

  it("reads back any strings, lone surrogates too", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.constant("\ud800x")), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        async (texts, size) => {
          const written = texts.map((text) => `${JSON.stringify({ text })}\n`).join("");
          expect(await textsOf(written, jsonl, size)).toEqual(texts);
        },
      ),
      { numRuns: 100 },
    );
  });
});
