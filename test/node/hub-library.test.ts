/**
 * Models of the hub through transformers.js itself, from a hub on this computer. The library is an optional dependency;
 * without it these tests are skipped. It runs in a process of its own, whose settings it can change.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { encoderToOnnx } from "../../src/model/onnx/write.js";
import { referenceLogits } from "../../src/model/reference.js";
import {
  bertConfig,
  SIZE,
  tokenizerConfig,
  wordIds,
  wordTokenizerJson,
  writeFolder,
} from "../oracle/sequence-folder.js";
import { smallEncoder } from "../oracle/small-encoder.js";

/** Milliseconds; a process each, which a busy computer takes its time for. */
const LONG = 60_000;
const root = join(import.meta.dirname, "..", "..");
const built = join(root, "dist", "node", "load-model.js");
const installed = (() => {
  try {
    return createRequire(import.meta.url).resolve("@xenova/transformers") !== "";
  } catch {
    return false;
  }
})();
const encoder = smallEncoder(9, { vocabulary: SIZE, labels: 2, hidden: 8, blocks: 1, mostTokens: 10 });

let folder: string;
let server: Server;
let asked: string[];
beforeAll(async () => {
  if (!existsSync(built)) throw new Error("not built; run: npm run build");
  folder = await mkdtemp(join(tmpdir(), "typoproof-library-"));
  await writeFolder(join(folder, "hub", "owner", "tiny"), {
    "config.json": bertConfig(encoder),
    "tokenizer.json": wordTokenizerJson(),
    "tokenizer_config.json": { ...tokenizerConfig, tokenizer_class: "BertTokenizer" },
    "onnx/model.onnx": encoderToOnnx(encoder, { mask: true }),
  });
  await writeFile(join(folder, "script.mjs"), SCRIPT);
  // The hub's addresses: /owner/name/resolve/main/file
  server = createServer(async (request, response) => {
    const [, path, file] = /^\/(.*)\/resolve\/main\/(.*)$/.exec(request.url ?? "") ?? [];
    const bytes = await readFile(join(folder, "hub", path ?? "", file ?? "")).catch(() => null);
    asked.push(`${request.method} ${file} ${bytes === null ? 404 : 200}`);
    response.writeHead(bytes === null ? 404 : 200, bytes === null ? {} : { "content-length": bytes.length });
    response.end(bytes ?? "");
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true });
});

const SCRIPT = `
const [built, library, settings, ...names] = process.argv.slice(2);
process.env.ORT_DISABLE_TELEMETRY = "1";
const { env } = await import(library);
Object.assign(env, JSON.parse(settings));
const { loadModel } = await import(built);
for (const name of names) {
  const model = await loadModel(name, { backend: "native" }).catch((error) => ({ error: error.message }));
  console.log(JSON.stringify(model.error ? { error: model.error } : {
    identity: model.identity, labels: model.labels, ...(await model.predict("a good film")),
  }));
}
`;

/** What loading each of the models in turn gives, in one process. */
async function load(settings: object, ...names: string[]) {
  const library = pathToFileURL(createRequire(import.meta.url).resolve("@xenova/transformers")).href;
  const args = [pathToFileURL(built).href, library.replace(/\.cjs$/, ".mjs"), JSON.stringify(settings)];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(folder, "script.mjs"), ...args, ...names],
    { env: { PATH: process.env.PATH ?? "", HOME: folder } },
  );
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

(installed ? describe : describe.skip)("transformers.js (skipped where it isn't installed)", () => {
  const wanted = referenceLogits(encoder, Int32Array.from(wordIds("a good film")));
  const right = {
    identity: { name: "owner/tiny", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    labels: ["label 0", "label 1"],
    scores: Array.from(wanted, (value) => expect.closeTo(value, 4)),
  };

  test(
    "fetches a model once",
    async () => {
      const { port } = server.address() as AddressInfo;
      const settings = {
        remoteHost: `http://127.0.0.1:${port}/`,
        cacheDir: join(folder, "cache"),
        localModelPath: join(folder, "none"),
      };
      const found = await load(settings, "hub:owner/tiny", "hub:owner/tiny", "hub:owner/other");
      expect(found).toMatchObject([
        right,
        right,
        { error: expect.stringMatching(/^the hub's model owner\/other can't be loaded: /) },
      ]);
      expect(asked.filter((line) => line.startsWith("GET onnx/model.onnx"))).toEqual([
        "GET onnx/model.onnx 200",
      ]);
      const files = await readdir(join(folder, "cache"), { recursive: true, withFileTypes: true });
      expect(
        files
          .filter((file) => file.isFile())
          .map(({ name }) => name)
          .sort(),
      ).toEqual(["config.json", "model.onnx", "tokenizer.json", "tokenizer_config.json"]);
    },
    LONG,
  );

  test(
    "finds a model in its folder without asking anyone",
    async () => {
      const settings = {
        localModelPath: join(folder, "hub"),
        cacheDir: join(folder, "no"),
        allowRemoteModels: false,
      };
      expect(await load(settings, "hub:owner/tiny", "hub:owner/other")).toMatchObject([
        right,
        {
          error: expect.stringMatching(
            /^owner\/other isn't in .* and fetching models is turned off \(env\.allowRemoteModels\)$/,
          ),
        },
      ]);
      expect(asked).toEqual([]);
    },
    LONG,
  );
});
