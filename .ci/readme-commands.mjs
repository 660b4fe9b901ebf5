/** Prints the commands of the README's `sh` blocks, one per line, in order: what .ci/run runs as they stand. */
import { readFileSync } from "node:fs";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
for (const [, body] of readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)) process.stdout.write(body);
