/** The options of `typoproof demo`; the work is in runs/demo.ts. */
import { Option } from "commander";
import type { AddCommand } from "../context.js";
import { addCommonOptions, integer } from "../options.js";
import type { DemoFlags } from "../runs/demo.js";

export const addDemo: AddCommand = (program, context) => {
  const command = program
    .command("demo")
    .summary("show the page that certifies as you type")
    .description("Serve the page that certifies as you type, on this machine, and show it in a browser.")
    .addOption(
      new Option("-p, --port <n>", "port to listen on; 0 takes any that is free")
        .default(8080)
        .argParser(integer(0, 65535)),
    )
    .option("--host <address>", "address to listen on; 0.0.0.0 lets other machines in", "127.0.0.1")
    .option("--no-open", "don't open a browser");
  addCommonOptions(command).action(async (flags: DemoFlags) => {
    const { runDemo } = await import("../runs/demo.js");
    context.exitCode = await runDemo(flags, context.io);
  });
};
