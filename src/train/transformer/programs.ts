/** The opened programs of a run: each graph is built and opened once, when it is first asked for. */
import type { OpenProgram, Program } from "../autodiff/program.js";

export interface Runtime {
  readonly open: OpenProgram;
  readonly threads: number;
}

export class Programs {
  private readonly opened = new Map<string, Promise<Program>>();

  constructor(private readonly runtime: Runtime) {}

  /** @param key equal keys mean equal graphs */
  get(key: string, graph: () => Uint8Array): Promise<Program> {
    let program = this.opened.get(key);
    if (program === undefined) {
      program = this.runtime.open(graph(), this.runtime.threads);
      this.opened.set(key, program);
    }
    return program;
  }

  async close(): Promise<void> {
    const programs = await Promise.allSettled(this.opened.values());
    this.opened.clear();
    for (const program of programs) if (program.status === "fulfilled") await program.value.close();
  }
}
