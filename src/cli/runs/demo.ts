/** `typoproof demo`: serves the built page until it is interrupted, and shows it in a browser. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../failure.js";
import { packageRoot } from "../../node/package-root.js";
import { servePage } from "../../node/page-server.js";
import type { Io } from "../io.js";
import { print } from "../print.js";

export interface DemoFlags {
  readonly port: number;
  readonly host: string;
  /** False with `--no-open`. */
  readonly open: boolean;
}

export async function runDemo(flags: DemoFlags, io: Io): Promise<number> {
  const folder = join(await packageRoot(), "dist", "page");
  if (!existsSync(join(folder, "index.html")))
    throw new UserError(
      `the page isn't built: there is no ${folder}; in a clone of the sources run: npm run build`,
    );
  const { port, host } = flags;
  const server = await servePage(folder, { port, host });
  await print(
    io,
    `The page is at ${server.address} (Ctrl-C ends it). What is typed there stays in the browser.\n`,
  );
  if (flags.open) show(server.address);
  await new Promise<void>((resolve) => {
    const release = io.onInterrupt(() => {
      release();
      resolve();
    });
  });
  await server.close();
  return 0;
}

/** Opens the address in the user's browser, if there is one; the address was printed, so nothing is lost if not. */
function show(address: string): void {
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open", address]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", address]
        : ["xdg-open", address];
  const child = spawn(program!, args, { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
