import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { fileSink, ReaderGone, streamSink } from "../../../src/node/output/sinks.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-sinks-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a file holds each piece as soon as it is written", async () => {
  const path = join(folder, "a");
  const sink = await fileSink(path);
  await sink.write("one\n");
  expect(await readFile(path, "utf8")).toBe("one\n");
  await sink.write("zwei ü\n");
  await sink.close();
  const more = await fileSink(path, { append: true });
  await more.write("three\n");
  await more.close();
  expect(await readFile(path, "utf8")).toBe("one\nzwei ü\nthree\n");
  await (await fileSink(path)).close();
  expect(await readFile(path, "utf8")).toBe("");
});

test("a path that can't be written gives one line", async () => {
  await expect(fileSink(join(folder, "no", "file"))).rejects.toThrow(
    /^can't write .*: the folder doesn't exist; allowed is a file in an existing, writable folder$/,
  );
  await expect(fileSink(folder)).rejects.toThrow("it is a folder");
});

test("a slow stream slows the writer down", async () => {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk, _, done) {
      taken.push(String(chunk));
      waiting.push(done);
    },
  });
  const sink = streamSink(slow);
  let written = 0;
  const run = (async () => {
    for (const text of ["a", "b", "c"]) {
      await sink.write(text);
      written++;
    }
  })();
  await new Promise(setImmediate);
  expect([taken, written]).toEqual([["a"], 0]);
  waiting.shift()!();
  await new Promise(setImmediate);
  expect([taken, written]).toEqual([["a", "b"], 1]);
  waiting.shift()!();
  await new Promise(setImmediate);
  waiting.shift()!();
  await run;
  expect(written).toBe(3);
});

test("a reader that goes away is told apart from other failures", async () => {
  const failing = (code: string) =>
    streamSink(
      new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error("broken"), { code })),
      }),
    );
  await expect(failing("EPIPE").write("x")).rejects.toBeInstanceOf(ReaderGone);
  await expect(failing("EIO").write("x")).rejects.toThrow("broken");
});
