/**
 * The worker's side: loads a model, then answers one ask after the other.
 *
 * Promise: every ask gets its one answer, whatever happens. While it works on one it hears of a `cancel` wherever it
 * pauses, and everywhere if page and worker share a flag. It knows no `self`: whoever runs it hands in how to reply.
 */
import { type CertifiableModel, type CertifyOptions, certify, defaultAlphabet } from "../certify/certify.js";
import { clock } from "../clock.js";
import type { Alphabet } from "../edits/alphabet.js";
import { createTally } from "../evaluate/metrics.js";
import { certifyRow } from "../evaluate/record.js";
import { UserError } from "../failure.js";
import { resultFields } from "../report/jsonl.js";
import { chosenAlphabet } from "./alphabet.js";
import { analyse } from "./analyse.js";
import { modelInfo } from "./info.js";
import { certifyWatched, type Watched, watched } from "./levels.js";
import { loadAnyModel } from "./load-model.js";
import type { Ask, CertifySettings, Message, Progress, Reply, TableProgress } from "./protocol.js";
import { readTable, type Table, tableRows } from "./table.js";

/** Milliseconds between two looks at the messages, and between two tellings of progress. */
const PAUSE = 10;
const TELL = 80;
/** What is taken apart for looking at may take this many seconds. */
const ANALYSE = 2;

/** @returns what handles a message */
export function serve(reply: (message: Reply) => void): (message: Message) => void {
  const desk = new Desk(reply);
  let last: Promise<unknown> = Promise.resolve();
  return (message) => {
    if (message.ask === "cancel") desk.cancelled.add(message.id);
    else last = last.then(() => desk.answer(message));
  };
}

class Desk {
  readonly cancelled = new Set<number>();
  private model: Watched | null = null;
  private table: Table | null = null;
  private flag: Int32Array | null = null;
  private rested = clock();

  constructor(private readonly reply: (message: Reply) => void) {}

  async answer(ask: Ask): Promise<void> {
    const { id } = ask;
    try {
      if (this.cancelled.has(id)) throw new UserError("stopped");
      this.reply({ id, reply: "done", value: await this.work(ask) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.reply({ id, reply: "failed", message, user: error instanceof UserError });
    }
    this.cancelled.delete(id);
  }

  private async work(ask: Ask): Promise<unknown> {
    if (ask.ask === "open") {
      this.flag = ask.flag;
      this.model = watched(await loadAnyModel(ask.source, ask.settings));
      return modelInfo(this.model.certifiable, ask.settings);
    }
    if (this.model === null) throw new UserError("no model is loaded");
    const model = this.model.certifiable;
    this.model.ran = () => this.pause();
    switch (ask.ask) {
      case "predict":
        return model.predict(ask.text);
      case "certify":
        return certifyWatched(this.model, ask.text, await this.options(ask.id, ask.settings), {
          progress: this.teller(ask.id),
          pause: () => this.pause(),
        });
      case "analyse": {
        // A page that has typed on meanwhile has cancelled this.
        await this.pause(0);
        const signal = this.signal(ask.id);
        if (signal.aborted) throw new UserError("stopped");
        const { alphabet, edits = 2 } = await this.options(ask.id, ask.settings);
        return analyse(model, ask.text, alphabet, edits, { seconds: ANALYSE, signal });
      }
      case "inspect": {
        const { inspect } = await import("../certify/inspect/inspect.js");
        const { alphabet, timeLimit, queries, signal } = await this.options(ask.id, ask.settings);
        const limits = {
          ...(timeLimit === undefined ? {} : { timeLimit }),
          ...(queries === undefined ? {} : { queries }),
        };
        return inspect(model, ask.text, { alphabet, signal, ...limits });
      }
      case "readTable":
        this.table = await readTable(ask.source, ask.name, model.labels);
        return this.table.shape;
      case "runTable":
        return this.run(ask, model);
    }
  }

  private async run(ask: Extract<Ask, { ask: "runTable" }>, model: CertifiableModel): Promise<unknown> {
    if (this.table === null) throw new UserError("no table is loaded");
    const rows = tableRows(this.table, ask.choice, model.labels);
    const options = await this.options(ask.id, ask.settings);
    const tally = createTally({ limit: options.edits ?? 2, labels: model.labels });
    let lines = "";
    let told = clock();
    for (const [i, row] of rows.entries()) {
      if (options.signal.aborted) throw new UserError("stopped");
      const record = await certifyRow(row, (text) => certify(model, text, options));
      tally.add(record);
      lines += `${JSON.stringify(resultFields(record))}\n`;
      if (clock() - told >= TELL || i + 1 === rows.length) {
        const value: TableProgress = { done: i + 1, of: rows.length, lines, metrics: tally.metrics() };
        this.reply({ id: ask.id, reply: "progress", value });
        lines = "";
        told = clock();
      }
      await this.pause();
    }
    return tally.metrics();
  }

  private async options(
    id: number,
    settings: CertifySettings,
  ): Promise<
    CertifyOptions & { readonly alphabet: Alphabet; readonly signal: { readonly aborted: boolean } }
  > {
    const { alphabet: choice, ...rest } = settings;
    const model = this.model!.certifiable;
    const alphabet = choice === undefined ? defaultAlphabet(model) : await chosenAlphabet(choice, model);
    return { ...rest, alphabet, signal: this.signal(id) };
  }

  private signal(id: number): { readonly aborted: boolean } {
    const { cancelled, flag } = this;
    return {
      get aborted() {
        return cancelled.has(id) || (flag !== null && Atomics.load(flag, 0) === id);
      },
    };
  }

  private teller(id: number): (progress: Progress) => void {
    let told = clock();
    return (value) => {
      if (clock() - told < TELL) return;
      told = clock();
      this.reply({ id, reply: "progress", value });
    };
  }

  /** Lets waiting messages come in, if that is some time ago. */
  private async pause(every = PAUSE): Promise<void> {
    if (clock() - this.rested < every) return;
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
    this.rested = clock();
  }
}
