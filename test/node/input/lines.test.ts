import fc from "fast-check";
import { decodeUtf8 } from "../../../src/node/input/utf8.js";
import { bytes, rowsOf, textsOf } from "./support.js";

const txt = { format: "txt" } as const;
const tsv = { format: "tsv" } as const;

describe("plain text", () => {
  it.each([1, 2, 5, 1000])("is one text per line, LF or CR LF (pieces of %i bytes)", async (size) => {
    expect(await textsOf("\ufeffa\r\n\n b \rc\r\n\r\nlast", txt, size)).toEqual([
      "a",
      "",
      " b \rc",
      "",
      "last",
    ]);
  });

  it("makes no further text of the last line end, and keeps empty texts before it", async () => {
    expect(await textsOf("a\n", txt)).toEqual(["a"]);
    expect(await textsOf("a\n\n", txt)).toEqual(["a", ""]);
    expect(await textsOf("\n", txt)).toEqual([""]);
  });

  it("keeps a CR at the very end, which ends no line", async () => {
    expect(await textsOf("a\r", txt)).toEqual(["a\r"]);
  });

  it("has no labels and no columns", async () => {
    expect(await rowsOf("a,b\n", txt)).toEqual([{ id: 0, text: "a,b", label: null }]);
    await expect(rowsOf("a\n", { ...txt, labelColumn: "2" })).rejects.toThrow(
      "plain text, which has no columns",
    );
  });

  it("gives the byte of what isn't UTF-8, counting a byte order mark, and reads on", async () => {
    const input = bytes("\ufeffok\nab", [0xed, 0xa0, 0x80], "\n", [0xf0, 0x9f], "\nend\n");
    expect(await rowsOf(input, txt)).toEqual([
      { id: 0, text: "ok", label: null },
      { id: 1, text: "ab", label: null, error: "row 1 (line 2): not UTF-8 at byte 8" },
      { id: 2, text: "", label: null, error: "row 2 (line 3): not UTF-8 at byte 12" },
      { id: 3, text: "end", label: null },
    ]);
  });

  it("keeps U+FFFD, U+FEFF and NUL that stand in the file", async () => {
    expect(await textsOf("a\ufffd\n\ufeffb\0\n", txt)).toEqual(["a\ufffd", "\ufeffb\0"]);
  });

  it.each([
    ["little", [0xff, 0xfe, 0x61, 0]],
    ["big", [0xfe, 0xff, 0, 0x61]],
  ])("refuses UTF-16 (%s endian)", async (_, input) => {
    await expect(rowsOf(bytes(input), txt)).rejects.toThrow("standard input is UTF-16; save it as UTF-8");
  });

  it.each(["", "\ufeff"])("refuses an empty input (%j)", async (input) => {
    await expect(rowsOf(input, txt)).rejects.toThrow("standard input is empty");
  });

  it("reads a line of 1 MB in small pieces", async () => {
    const long = "añ😀".repeat(150_000);
    expect(await textsOf(`${long}\nb\n`, txt, 1000)).toEqual([long, "b"]);
  });

  it("refuses a line that never ends", async () => {
    const piece = new Uint8Array(2 ** 24).fill(0x61);
    await expect(rowsOf(Buffer.concat([piece, piece, piece, piece, piece]), txt, 2 ** 22)).rejects.toThrow(
      "the record at byte 0 is longer than 67108864 bytes",
    );
  });

  it("reads back any lines, in pieces of any size", async () => {
    const line = fc.string({ unit: "binary" }).map((s) => s.replace(/\n|\r$/g, "_"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1 }),
        fc.constantFrom("\n", "\r\n"),
        fc.integer({ min: 1, max: 9 }),
        async (lines, end, size) => {
          const first = lines[0]!.replace(/^\ufeff/, "");
          const all = [first, ...lines.slice(1)];
          expect(await textsOf(all.map((l) => l + end).join(""), txt, size)).toEqual(all);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("TSV", () => {
  it.each([1, 1000])("parts at TABs and knows no quoting (pieces of %i bytes)", async (size) => {
    const rows = await rowsOf('sentence\tlabel\r\n"a\t0\r\nb "" \\t \t1\n', tsv, size);
    expect(rows).toEqual([
      { id: 0, text: '"a', label: "0" },
      { id: 1, text: 'b "" \\t ', label: "1" },
    ]);
  });

  it("makes ragged rows and rows that aren't UTF-8 errors and reads on", async () => {
    const input = bytes("text\tlabel\na\nb\tx\ty\nc", [0x80], "\tx\nd\tz\n\n");
    expect(await rowsOf(input, tsv)).toEqual([
      { id: 0, text: "a", label: null, error: "row 0 (line 2): 1 column where the header has 2" },
      { id: 1, text: "b\tx\ty", label: null, error: "row 1 (line 3): 3 columns where the header has 2" },
      { id: 2, text: "c", label: null, error: "row 2 (line 4): not UTF-8 at byte 20" },
      { id: 3, text: "d", label: "z" },
    ]);
  });

  it("goes by the first row's columns where there is no header", async () => {
    const rows = await rowsOf("ham\thello\nspam\n", {
      ...tsv,
      header: false,
      textColumn: "2",
      labelColumn: "1",
    });
    expect(rows).toEqual([
      { id: 0, text: "hello", label: "ham" },
      { id: 1, text: "spam", label: null, error: "row 1 (line 2): 1 column where the first row has 2" },
    ]);
  });
});

describe("decodeUtf8", () => {
  it("agrees with the platform about what is UTF-8, and the part before the bad byte is", () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0xe0, 0xed, 0xf0, 0xf4, 0x80, 0xa0, 0xc1, 0xc2, 0xf5));
    const part = fc.oneof(
      fc.array(byte, { maxLength: 4 }),
      fc.string({ unit: "binary" }).map((s) => [...Buffer.from(s)]),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const input = Uint8Array.from(parts.flat());
        const decoder = () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
        const { text, invalidAt } = decodeUtf8(input);
        if (invalidAt === null) {
          expect(Buffer.from(text).equals(Buffer.from(input))).toBe(true);
          return;
        }
        expect(() => decoder().decode(input)).toThrow();
        expect(text).toBe(decoder().decode(input.subarray(0, invalidAt)));
        // Nothing that begins at the bad byte is well formed.
        for (let n = 1; n <= 4 && invalidAt + n <= input.length; n++) {
          expect(() => decoder().decode(input.subarray(invalidAt, invalidAt + n))).toThrow();
        }
      }),
      { numRuns: 500 },
    );
  });
});
