/** From a command's options to the settings that threads and resumed files share. */
import type { Answers, CertifySettings } from "../node/jobs/answers.js";
import type { RunSettings } from "../node/output/resume.js";
import type { CertifyFlags } from "./options.js";

export function certifySettings(flags: CertifyFlags): CertifySettings {
  return {
    task: "certify",
    model: flags.model,
    edits: flags.edits,
    method: flags.method,
    ...(flags.alphabet === undefined ? {} : { alphabet: flags.alphabet }),
    ...(flags.timeLimit === undefined ? {} : { timeLimit: flags.timeLimit }),
    ...(flags.queries === undefined ? {} : { queries: flags.queries }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
  };
}

/** What every line of a resumed file must agree with. */
export function resumeSettings(answers: Answers<unknown>, settings: CertifySettings): RunSettings {
  return {
    sha256: answers.model.identity.sha256,
    edits: settings.edits,
    alphabet: answers.alphabet!,
    method: settings.method,
  };
}
