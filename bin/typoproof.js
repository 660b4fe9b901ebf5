#!/usr/bin/env node
import("../dist/cli/main.js").then((cli) => cli.main(process.argv), notBuilt);

function notBuilt(error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  process.stderr.write(
    "error: typoproof can't be loaded; in a clone of the sources run: npm install && npm run build\n",
  );
  process.exitCode = 1;
}
