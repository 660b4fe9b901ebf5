import { createHash } from "node:crypto";
import { loadModelFrom } from "../../src/browser/load-model.js";
import { UserError } from "../../src/failure.js";
import { writeModelFolder } from "../../src/model/folder.js";
import { identityBytes } from "../../src/model/identity.js";
import type { NativeModel } from "../../src/model/native.js";
import { randomModel, seeded } from "../oracle/random-model.js";

const model = randomModel(seeded(4), "patterns", 2);
const files = writeModelFolder(model);

function server(answer: (file: string) => Response | null = () => null) {
  const asked: string[] = [];
  const fetch = async (url: string) => {
    asked.push(url);
    const file = url.slice(url.lastIndexOf("/") + 1);
    const bytes = files.get(file);
    return answer(file) ?? new Response(bytes && new Uint8Array(bytes), { status: bytes ? 200 : 404 });
  };
  return { asked, fetch };
}

test.each(["https://a.b/models/tiny", "https://a.b/models/tiny//"])(
  "loads the three files under %s",
  async (base) => {
    const { asked, fetch } = server();
    const loaded = await loadModelFrom(base, { fetch });
    expect(asked.sort()).toEqual([
      "https://a.b/models/tiny/config.json",
      "https://a.b/models/tiny/model.safetensors",
      "https://a.b/models/tiny/vocab.txt",
    ]);
    expect(loaded.identity).toEqual({
      name: "tiny",
      sha256: createHash("sha256").update(identityBytes(model)).digest("hex"),
    });
    expect((loaded as NativeModel).evidence).toEqual(model.evidence);
  },
);

test("takes another name", async () => {
  expect((await loadModelFrom("m", { ...server(), name: "mine" })).identity.name).toBe("mine");
});

test.each<[string, (file: string) => Response | null, string]>([
  [
    "a missing file",
    (file) => (file === "vocab.txt" ? new Response("", { status: 404 }) : null),
    "m has no vocab.txt; a model folder needs config.json, vocab.txt, model.safetensors",
  ],
  [
    "a server's error",
    () => new Response("", { status: 503, statusText: "Service Unavailable" }),
    "m/config.json answered 503 Service Unavailable",
  ],
  [
    "a page in place of a file",
    (file) => (file === "config.json" ? new Response("<!doctype html>\n") : null),
    "m/config.json isn't JSON",
  ],
])("tells of %s in one line", async (_, answer, message) => {
  const error = await loadModelFrom("m", server(answer)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).not.toContain("\n");
});

test("tells of a network that fails", async () => {
  const fetch = () => Promise.reject(new TypeError("fetch failed"));
  await expect(loadModelFrom("m", { fetch })).rejects.toThrow(
    new UserError("m/config.json can't be loaded: fetch failed"),
  );
});

test("an abort comes out as the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  const fetch = (_: string, init: { signal?: AbortSignal }) => Promise.reject(init.signal?.reason);
  await expect(loadModelFrom("m", { fetch, signal })).rejects.toThrow("enough");
});
