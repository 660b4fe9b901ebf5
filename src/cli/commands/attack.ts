/** The options of `typoproof attack`; the work is in runs/attack.ts. */
import type { AddCommand } from "../context.js";
import {
  addAttackOptions,
  addCommonOptions,
  addInputOptions,
  addOutputOptions,
  addRunOptions,
  modelOption,
  nothingToRead,
} from "../options.js";
import type { AttackCommandFlags } from "../runs/attack.js";

export const addAttack: AddCommand = (program, context) => {
  const command = program
    .command("attack")
    .summary("look for the shortest change that breaks a prediction")
    .description(
      "Look for the shortest change of each text that gets another label. What isn't found may still be there: nothing is proven.",
    )
    .argument("[texts...]", "the texts; - reads them from standard input, one per line")
    .addOption(modelOption());
  addAttackOptions(command);
  addInputOptions(command);
  addOutputOptions(command);
  addRunOptions(command);
  addCommonOptions(command);
  command.action(async (texts: string[], flags: AttackCommandFlags) => {
    if (nothingToRead(texts, flags, context.io.stdin)) return command.help({ error: true });
    const { runAttack } = await import("../runs/attack.js");
    context.exitCode = await runAttack(texts, flags, context.io);
  });
};
