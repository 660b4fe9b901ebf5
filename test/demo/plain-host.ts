/** A host of static files like many: no headers of its own, so pages aren't isolated; it can lack a file. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export interface PlainHost {
  readonly address: string;
  /** Paths that were asked for so far. */
  readonly asked: readonly string[];
  close(): void;
}

/** @param lacks files that aren't there */
export async function plainHost(
  folder: string,
  lacks: (path: string) => boolean = () => false,
): Promise<PlainHost> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(request.url!);
    const path = decodeURIComponent(/^[^?#]*/.exec(request.url!)![0]);
    const file = path.endsWith("/") ? `${path}index.html` : path;
    const bytes = lacks(path) ? null : await readFile(join(folder, file)).catch(() => null);
    if (bytes === null) response.writeHead(404, { "Content-Type": "text/plain" }).end("no");
    else
      response
        .writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" })
        .end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://localhost:${port}/`,
    asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
