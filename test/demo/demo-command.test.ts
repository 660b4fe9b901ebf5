/** `typoproof demo`: what is served, with which headers, and what isn't. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { Io } from "../../src/cli/io.js";
import { run } from "../../src/cli/run.js";
import { type PageServer, servePage } from "../../src/node/page-server.js";

/** A request whose path is sent as it is; `fetch` would tidy it up. */
function raw(
  address: string,
  path: string,
  method = "GET",
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(address);
    const asked = request({ host: "127.0.0.1", port, path, method }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (piece) => {
        body += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    asked.on("error", reject).end();
  });
}

describe("the server", () => {
  let folder: string;
  let server: PageServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "typoproof-serve-"));
    await mkdir(join(folder, "site", "sub"), { recursive: true });
    await writeFile(join(folder, "secret.txt"), "secret");
    await writeFile(join(folder, "site", "index.html"), "<p>hello");
    await writeFile(join(folder, "site", "a b.txt"), "spaced");
    await writeFile(join(folder, "site", "sub", "index.html"), "<p>below");
    await writeFile(join(folder, "site", "main-0aB_3-xY.js"), "1;");
    await symlink(join(folder, "secret.txt"), join(folder, "site", "link.txt"));
    server = await servePage(join(folder, "site"));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test("gives out files with their types, isolated, never cached for long unless their names change", async () => {
    const page = await raw(server.address, "/typoproof/");
    expect([page.status, page.body]).toEqual([200, "<p>hello"]);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "content-security-policy": expect.stringContaining("default-src 'self'"),
      "cache-control": "no-cache",
    });
    const script = await raw(server.address, "/typoproof/main-0aB_3-xY.js?x=1");
    expect(script.headers["cache-control"]).toContain("immutable");
    expect((await raw(server.address, "/typoproof/a%20b.txt")).body).toBe("spaced");
    expect((await raw(server.address, "/typoproof/sub/")).body).toBe("<p>below");
    expect(await raw(server.address, "/typoproof/", "HEAD")).toMatchObject({ status: 200, body: "" });
  });

  test.each([
    "/../secret.txt",
    "/typoproof/../secret.txt",
    "/typoproof/../../secret.txt",
    "/typoproof/%2e%2e/secret.txt",
    "/typoproof/..%2fsecret.txt",
    "/typoproof/sub/..%2f..%2fsecret.txt",
    "/typoproof/link.txt",
    "/typoproof//secret.txt",
    "/typoproof/%00",
    "/typoproof/nothing",
    "/typoproof/sub",
    "/index.html",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/sub/..%2f..%2fsecret.txt",
    "/link.txt",
    "//secret.txt",
    "/%00",
    "/%",
    "/nothing",
    "/sub",
  ])("gives nothing for %s", async (path) => {
    const { status, body } = await raw(server.address, path);
    expect([status, body.includes("secret")]).toEqual([404, false]);
  });

  test("the root leads to the page, which leaves the root to others", async () => {
    expect(await raw(server.address, "/")).toMatchObject({
      status: 302,
      headers: { location: "/typoproof/" },
    });
  });

  test("takes nothing", async () => {
    expect((await raw(server.address, "/", "POST")).status).toBe(405);
  });

  test("a port in use is told in one line", async () => {
    const port = Number(new URL(server.address).port);
    await expect(servePage(folder, { port })).rejects.toThrow(`can't listen on port ${port}: it is in use`);
  });
});

test("the command serves until it is interrupted", async () => {
  let said = "";
  let interrupt = () => {};
  const stdout = new Writable({
    write(chunk, _, done) {
      said += String(chunk);
      done();
    },
  });
  const io: Io = {
    stdin: Readable.from([]),
    stdout,
    stderr: stdout,
    env: {},
    onInterrupt(callback) {
      interrupt = callback;
      return () => {};
    },
  };
  const ended = run(["demo", "--port", "0", "--no-open"], io);
  while (!said.includes("\n")) await new Promise((resolve) => setTimeout(resolve, 10));
  const [address] = /http:\/\/localhost:\d+\/typoproof\//.exec(said)!;
  expect((await raw(address, "/typoproof/")).body).toContain("<title>typoproof");
  expect((await raw(address, "/typoproof/models/sms-spam/config.json")).status).toBe(200);
  interrupt();
  expect(await ended).toBe(0);
  await expect(raw(address, "/")).rejects.toThrow();
});

test.each([
  [["demo", "--port", "70000"], /70000.*Allowed is an integer from 0 to 65535/],
  [["demo", "--prot", "1"], /unknown option '--prot'/],
])("%j is refused in one line", async (args, said) => {
  let told = "";
  const stderr = new Writable({
    write(chunk, _, done) {
      told += String(chunk);
      done();
    },
  });
  const io: Io = { stdin: Readable.from([]), stdout: stderr, stderr, env: {}, onInterrupt: () => () => {} };
  expect(await run(args, io)).toBe(2);
  expect(told).toMatch(said);
  expect(told.trim()).not.toContain("\n");
});
