/**
 * Serves a folder of static files over HTTP, with the headers that let a page use several threads.
 *
 * Promise: only files inside the folder are given out, whatever is asked for; nothing is written, nothing else is listened
 * to. Pages are isolated from other origins (COOP, COEP) and may load nothing from them (CSP).
 */
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, sep } from "node:path";
import { UserError } from "../failure.js";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

const HEADERS: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

export interface PageServer {
  /** `http://localhost:8080/typoproof/` */
  readonly address: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0 takes any that is free. */
  readonly port?: number;
  /** Who may connect; by default this machine alone. */
  readonly host?: string;
}

/**
 * What stands before every path. The page's service worker answers for all paths below its own, also after this server has
 * ended and another one has its port, so it mustn't be at the root.
 */
const BASE = "/typoproof/";

/** @throws UserError if the port can't be had */
export async function servePage(folder: string, options: ServeOptions = {}): Promise<PageServer> {
  const { port = 0, host = "127.0.0.1" } = options;
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await listening(server, port, host);
  const { port: taken } = server.address() as AddressInfo;
  return {
    // Browsers treat `localhost` as secure, so the page may keep itself for use without a network.
    address: `http://${host === "127.0.0.1" ? "localhost" : host}:${taken}${BASE}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? "it is in use; give another one, or 0 for any that is free"
          : error.code === "EACCES"
            ? "permission denied; allowed to all are 1024 to 65535"
            : error.message;
      reject(new UserError(`can't listen on port ${port}: ${why}`));
    });
    server.listen(port, host, resolve);
  });
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { ...HEADERS, Allow: "GET, HEAD" }).end();
    return;
  }
  if (request.url === "/") {
    response.writeHead(302, { ...HEADERS, Location: BASE }).end();
    return;
  }
  const found = await fileOf(root, request.url ?? "/");
  if (found === null) {
    response.writeHead(404, { ...HEADERS, "Content-Type": "text/plain; charset=utf-8" }).end("not found\n");
    return;
  }
  response.writeHead(200, {
    ...HEADERS,
    "Content-Type": TYPES[extname(found.path).toLowerCase()] ?? "application/octet-stream",
    "Content-Length": String(found.size),
    // Names with a hash never change their contents.
    "Cache-Control": /-[\w-]{8}\.\w+$/.test(found.path) ? "max-age=31536000, immutable" : "no-cache",
  });
  if (request.method === "HEAD") response.end();
  else
    createReadStream(found.path)
      .on("error", () => response.destroy())
      .pipe(response);
}

async function fileOf(root: string, url: string): Promise<{ path: string; size: number } | null> {
  let path: string;
  try {
    path = decodeURIComponent(/^[^?#]*/.exec(url)![0]);
  } catch {
    return null;
  }
  if (path.includes("\0") || !path.startsWith(BASE)) return null;
  const below = path.slice(BASE.length - 1);
  const file = await realpath(join(root, below.endsWith("/") ? `${below}index.html` : below)).catch(
    () => null,
  );
  // Links that lead out of the folder count as nothing.
  if (file === null || !file.startsWith(root + sep)) return null;
  const about = await stat(file);
  return about.isFile() ? { path: file, size: about.size } : null;
}
