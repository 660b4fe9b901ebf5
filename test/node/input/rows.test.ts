import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../src/failure.js";
import { type InputOptions, readRows } from "../../../src/node/input/rows.js";
import { memoryInUse } from "../../garbage.js";
import { collect, inPieces, rowsOf } from "./support.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-input-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const ids = async (options: Omit<InputOptions, "path">, input = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n") =>
  (await rowsOf(input, options)).map((row) => row.id);

describe("readRows", () => {
  it.each([
    ["a.csv", "text\nx\n"],
    ["a.tsv", "text\nx\n"],
    ["a.jsonl", '{"text":"x"}\n'],
    ["a.NDJSON", '{"text":"x"}\n'],
    ["a.txt", "x\n"],
  ])("knows %s by its name", async (name, content) => {
    expect(await collect(readRows({ path: await file(name, content) }))).toEqual([
      { id: 0, text: "x", label: null },
    ]);
  });

  it("refuses names and formats that it doesn't know", async () => {
    const path = await file("a.dat", "x\n");
    await expect(collect(readRows({ path }))).rejects.toThrow(
      `can't tell the format of ${path} from its name (.csv, .tsv, .jsonl, .ndjson, .txt); give --input-format csv|tsv|jsonl|txt`,
    );
    await expect(collect(readRows({ path, format: "xml" as "csv" }))).rejects.toThrow(
      'input format "xml" is none of csv, tsv, jsonl, txt',
    );
    expect(await collect(readRows({ path, format: "txt" }))).toHaveLength(1);
  });

  it("says in one line that there is no such file, or that it is a folder, or empty", async () => {
    const missing = join(folder, "none.txt");
    const read = (path: string) => collect(readRows({ path, format: "txt" }));
    await expect(read(missing)).rejects.toThrow(new UserError(`no such file: ${missing}`));
    await expect(read(folder)).rejects.toThrow(new UserError(`${folder} is a folder; give a file`));
    const empty = await file("empty.txt", "");
    await expect(read(empty)).rejects.toThrow(new UserError(`${empty} is empty`));
    await expect(read("")).rejects.toThrow("the input path is empty");
  });

  it("counts ids from the input's first row, whatever offset and limit leave out", async () => {
    expect(await ids({ offset: 3, limit: 2 })).toEqual([3, 4]);
    expect(await ids({ offset: 8 })).toEqual([8, 9]);
    expect(await ids({ offset: 80 })).toEqual([]);
    expect(await ids({ limit: 0 })).toEqual([]);
    expect(await ids({ limit: 100 })).toHaveLength(10);
    expect(await ids({ format: "csv", offset: 1, limit: 1 }, "text\na\nb\nc\n")).toEqual([1]);
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 60])("refuses %p as offset and as limit", async (value) => {
    await expect(ids({ offset: value })).rejects.toThrow(
      `--offset is ${value}; an integer from 0 is allowed`,
    );
    await expect(ids({ limit: value })).rejects.toThrow(`--limit is ${value}; an integer from 0 is allowed`);
  });

  it("keeps what the filter keeps; offset and limit count those rows", async () => {
    expect(await ids({ keep: { every: 5, remainder: 0 } })).toEqual([4, 9]);
    expect(await ids({ keep: { every: 5, others: true } })).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
    expect(await ids({ keep: { every: 5, others: true }, offset: 3, limit: 2 })).toEqual([3, 5]);
    expect(await ids({ keep: { first: 3 } })).toEqual([0, 1, 2]);
    expect(await ids({ keep: { first: 0 } })).toEqual([]);
    const path = await file("unwanted.txt", "2\n5\nx\n");
    expect(await ids({ keep: { first: 7, notIn: { path } } })).toEqual([0, 1, 3, 4, 6]);
    await expect(ids({ keep: { every: 0 } })).rejects.toThrow('"every" is 0; an integer from 1');
    await expect(ids({ keep: { every: 3, remainder: 3 } })).rejects.toThrow('"remainder" is 3; 0 to 2');
  });

  it("never drops a row that can't be read because of its text", async () => {
    const path = await file("unwanted.csv", "text\na\nb\n");
    const rows = await rowsOf("text,label\na,x\nb\nc,x\n", { format: "csv", keep: { notIn: { path } } });
    expect(rows.map((row) => row.id)).toEqual([1, 2]);
    expect(rows[0]!.error).toBeDefined();
  });

  it("asks for no more than was taken, and lets go of the input when the taker stops", async () => {
    let asked = 0;
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.from(`row ${asked++}\n`.repeat(10));
      } finally {
        closed = true;
      }
    }
    let taken = 0;
    for await (const row of readRows({ path: "-" }, endless())) {
      expect(row.id).toBe(taken++);
      expect(asked).toBeLessThanOrEqual(Math.ceil(taken / 10));
      if (taken === 1000) break;
    }
    expect(closed).toBe(true);
    expect(await collect(readRows({ path: "-", limit: 20 }, endless()))).toHaveLength(20);
    expect(asked).toBe(102);
  });

  it.each(["csv", "tsv", "jsonl", "txt"] as const)(
    "streams 100,000 rows of %s in bounded memory",
    async (format) => {
      const rows = 100_000;
      const text = "some words to read, ".repeat(10).trim();
      const line = {
        csv: `"${text}",x\n`,
        tsv: `${text}\tx\n`,
        jsonl: `{"text":"${text}","label":"x"}\n`,
        txt: `${text}\n`,
      }[format];
      async function* source() {
        if (format === "csv") yield Buffer.from("text,label\n");
        if (format === "tsv") yield Buffer.from("text\tlabel\n");
        for (let i = 0; i < rows; i += 400) yield Buffer.from(line.repeat(400));
      }
      let seen = 0;
      let most = 0;
      const before = memoryInUse().arrayBuffers;
      for await (const row of readRows({ path: "-", format }, source())) {
        if (row.error !== undefined || row.text !== text) throw new Error(`row ${row.id}`);
        if (++seen % 20_000 === 0) most = Math.max(most, memoryInUse().arrayBuffers - before);
      }
      expect(seen).toBe(rows);
      // The input is 20 MB; what is held of it must stay well below.
      expect(most).toBeLessThan(5e6);
    },
  );

  it("gives a row as soon as its line has ended, be it ever so short", async () => {
    async function* stuck() {
      yield Buffer.from("\n");
      throw new Error("asked for more");
    }
    expect(await collect(readRows({ path: "-", limit: 1 }, stuck()))).toEqual([
      { id: 0, text: "", label: null },
    ]);
  });

  it("reads standard input, plain text by default", async () => {
    const real = Object.getOwnPropertyDescriptor(process, "stdin")!;
    Object.defineProperty(process, "stdin", { value: inPieces(Buffer.from("a,b\n"), 2), configurable: true });
    try {
      expect(await collect(readRows({ path: "-" }))).toEqual([{ id: 0, text: "a,b", label: null }]);
    } finally {
      Object.defineProperty(process, "stdin", real);
    }
  });

  it("reads a stream of a child process to its end", async () => {
    const child = execFile(
      process.execPath,
      ["-e", "for (let i = 0; i < 50000; i++) console.log('text ' + i)"],
      {
        maxBuffer: 2 ** 26,
      },
    );
    const rows = await collect(
      readRows(
        { path: "-", offset: 49_999 },
        child.stdout!.map((s) => Buffer.from(s)),
      ),
    );
    expect(rows).toEqual([{ id: 49_999, text: "text 49999", label: null }]);
  });
});
