import fc from "fast-check";
import Papa from "papaparse";
import { bytes, rowsOf, textsOf } from "./support.js";

const csv = { format: "csv" } as const;

describe("CSV", () => {
  const whole = 'text,label\r\n"a, ""b""\r\nc",ham\r\n plain ,spam\r\n"","x"\r\n';
  it.each([1, 2, 3, 7, 1000])("reads quotes, line ends and CR LF in pieces of %i bytes", async (size) => {
    expect(await rowsOf(whole, csv, size)).toEqual([
      { id: 0, text: 'a, "b"\r\nc', label: "ham" },
      { id: 1, text: " plain ", label: "spam" },
      { id: 2, text: "", label: "x" },
    ]);
  });

  it.each([1, 2, 1000])("drops a byte order mark, also before a quote (pieces of %i)", async (size) => {
    expect(await textsOf('\ufeff"text"\n\ufeffa\n', csv, size)).toEqual(["\ufeffa"]);
  });

  it("needs no line end at the end", async () => {
    expect(await textsOf('text\na\n"b"', csv)).toEqual(["a", "b"]);
  });

  it("keeps a lone CR as a character, in and out of quotes", async () => {
    expect(await textsOf('text,label\na\rb,x\n"c\rd",x\n', csv)).toEqual(["a\rb", "c\rd"]);
  });

  it("keeps quotes inside a field that doesn't begin with one", async () => {
    expect(await textsOf('text,label\n5" disk,x\nsay "hi",x\n', csv)).toEqual(['5" disk', 'say "hi"']);
  });

  it("makes a record with broken quoting one error and reads on", async () => {
    const rows = await rowsOf('text,label\n"a "b" c",x\ngood,y\n"a"\r,z\nlast,w\n', csv);
    expect(rows).toEqual([
      {
        id: 0,
        text: '"a "b" c",x',
        label: null,
        error: "row 0 (line 2): a quote inside a quoted field must be doubled",
      },
      { id: 1, text: "good", label: "y" },
      {
        id: 2,
        text: '"a"\r,z',
        label: null,
        error: expect.stringContaining("row 2 (line 4): a quote inside"),
      },
      { id: 3, text: "last", label: "w" },
    ]);
  });

  it("says which lines a quote that is never closed swallows", async () => {
    expect(await rowsOf('text,label\na,x\n"b,y\nc,z\n', csv)).toEqual([
      { id: 0, text: "a", label: "x" },
      {
        id: 1,
        text: '"b,y',
        label: null,
        error: "row 1 (line 3): a quote is never closed in the record of lines 3 to 4",
      },
    ]);
  });

  it("makes ragged rows and blank lines in the middle errors, and ignores blank lines at the end", async () => {
    const rows = await rowsOf("text,label\na\n\nb,x,extra\nc,y\n\n\r\n", csv);
    expect(rows).toEqual([
      { id: 0, text: "a", label: null, error: "row 0 (line 2): 1 column where the header has 2" },
      { id: 1, text: "", label: null, error: "row 1 (line 3): blank line where 2 columns should be" },
      { id: 2, text: "b,x,extra", label: null, error: "row 2 (line 4): 3 columns where the header has 2" },
      { id: 3, text: "c", label: "y" },
    ]);
  });

  it("takes blank lines as empty texts where there is one column", async () => {
    expect(await textsOf("text\na\n\n\n", csv)).toEqual(["a", "", ""]);
  });

  it("gives the row and the byte of what isn't UTF-8, and reads on", async () => {
    const input = bytes("text,label\nok,x\nb", [0xc3], "d,y\n", '"e\n', [0xff], '",z\nend,w\n');
    for (const size of [1, 1000]) {
      expect(await rowsOf(input, csv, size)).toEqual([
        { id: 0, text: "ok", label: "x" },
        { id: 1, text: "b", label: null, error: "row 1 (line 3): not UTF-8 at byte 17" },
        { id: 2, text: '"e\n', label: null, error: "row 2 (line 4): not UTF-8 at byte 25" },
        { id: 3, text: "end", label: "w" },
      ]);
    }
  });

  it("refuses a header that can't be read", async () => {
    await expect(rowsOf(bytes("te", [0xff], "xt\na\n"), csv)).rejects.toThrow(
      "standard input, line 1: not UTF-8 at byte 2 (the first record fixes the columns)",
    );
    await expect(rowsOf("\ntext\na\n", csv)).rejects.toThrow(
      "the first line is blank where the header should be",
    );
  });

  it("reads a quoted text of 1 MB with line ends, in small pieces", async () => {
    const long = 'line\r\nof "text", é\n'.repeat(60_000);
    const input = `text,label\n"${long.replaceAll('"', '""')}",x\nnext,y\n`;
    expect(await textsOf(input, csv, 4096)).toEqual([long, "next"]);
  });

  it("reads back what papaparse writes, in pieces of any size", async () => {
    const cell = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", " ", "\ufeff", "\u{1f600}") }),
    );
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (rows, newline, quotes, size) => {
          const width = rows[0]!.length;
          const header = Array.from({ length: width }, (_, i) => `c${i}`);
          const written = Papa.unparse([header, ...rows], { newline, quotes }) + newline;
          for (let i = 1; i <= width; i++) {
            const texts = await textsOf(written, { ...csv, textColumn: `${i}` }, size);
            expect(texts).toEqual(rows.map((row) => row[i - 1]));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("gives as many rows as papaparse on any sound table, and never throws on junk", async () => {
    const junk = fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a") });
    await fc.assert(
      fc.asyncProperty(junk, fc.integer({ min: 1, max: 5 }), async (text, size) => {
        const input = `x,y\n${text}\nlast,row\n`;
        const one = await rowsOf(input, { ...csv, textColumn: "x" });
        expect(await rowsOf(input, { ...csv, textColumn: "x" }, size)).toEqual(one);
        if (one.every((row) => row.error === undefined)) {
          const parsed = Papa.parse<string[]>(input, {
            newline: input.includes("\r\n") ? "\r\n" : "\n",
            delimiter: ",",
          });
          if (!input.includes("\r"))
            expect(one.map((row) => row.text)).toEqual(parsed.data.slice(1, -1).map((row) => row[0]));
        }
      }),
      { numRuns: 300 },
    );
  });
});
