/**
 * A model in a worker of its own, asked from the page: certification that never blocks, with progress, that can be stopped.
 *
 * Promise: calls are answered in order, each by what the same call of `certify` gives. A call that is aborted rejects at
 * once with the signal's reason. The worker hears of it when it pauses, or at once if the page is isolated; one that doesn't
 * hear within `GRACE` is ended and another one takes its place, with the same model, before the next call.
 */
import type { Inspection } from "../certify/inspect/inspection.js";
import type { Certification } from "../certify/result.js";
import type { Metrics } from "../evaluate/metrics.js";
import { UserError } from "../failure.js";
import type { Prediction } from "../model/classifier.js";
import type { ModelSource } from "./files.js";
import type {
  Analysis,
  Ask,
  AskName,
  AskOf,
  CertifySettings,
  GivenBy,
  Message,
  ModelInfo,
  OpenSettings,
  Progress,
  Reply,
  TableProgress,
} from "./protocol.js";
import type { TableChoice, TableShape } from "./table.js";

/** Milliseconds that a worker may take to hear that its work isn't wanted. */
const GRACE = 250;

export interface CallOptions<P = Progress> {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: P) => void;
}

export interface OpenCertifierOptions extends OpenSettings {
  readonly signal?: AbortSignal;
  /** Makes the worker; by default the one that comes with the package. */
  readonly worker?: () => Worker;
}

export interface Certifier {
  readonly model: ModelInfo;
  predict(text: string, options?: CallOptions): Promise<Prediction>;
  /** How many character edits does the prediction for `text` withstand? */
  certify(text: string, options?: CertifySettings & CallOptions): Promise<Certification>;
  /** The worst edit at each character, curves by rival, what each word says. */
  analyse(text: string, options?: CertifySettings & CallOptions): Promise<Analysis>;
  /** What each layer and each place contributes to the bound of one edit, for every kind of model. */
  inspect(text: string, options?: CertifySettings & CallOptions): Promise<Inspection>;
  /** Reads a table, which `runTable` is then about. */
  readTable(source: Blob | string, name: string, options?: CallOptions): Promise<TableShape>;
  runTable(choice: TableChoice, options?: CertifySettings & CallOptions<TableProgress>): Promise<Metrics>;
  /** Ends the worker; calls under way are rejected. */
  close(): void;
}

/**
 * Loads a model into a worker.
 * @throws UserError if the source holds no model, or nothing here runs it rightly
 */
export async function openCertifier(
  source: ModelSource,
  options: OpenCertifierOptions = {},
): Promise<Certifier> {
  const { signal, worker = ownWorker, ...settings } = options;
  const line = new Line(worker, absolute(source), withAddresses(settings));
  try {
    const model = await line.open(signal);
    return {
      model,
      predict: (text, given = {}) => line.call("predict", { text }, given),
      certify: (text, given = {}) => line.call("certify", { text, settings: plain(given) }, given),
      analyse: (text, given = {}) => line.call("analyse", { text, settings: plain(given) }, given),
      inspect: (text, given = {}) => line.call("inspect", { text, settings: plain(given) }, given),
      readTable: (table, name, given = {}) => line.call("readTable", { source: table, name }, given),
      runTable: (choice, given = {}) => line.call("runTable", { choice, settings: plain(given) }, given),
      close: () => line.close(),
    };
  } catch (error) {
    line.close();
    throw error;
  }
}

function ownWorker(): Worker {
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}

/** A worker's addresses are relative to itself, so it is told whole ones. */
function absolute(source: ModelSource): ModelSource {
  return typeof source === "string" ? address(source) : source;
}

function withAddresses(settings: OpenSettings): OpenSettings {
  if (settings.runtime === undefined) return settings;
  const { mjs, wasm } = settings.runtime;
  return { ...settings, runtime: { mjs: address(mjs), wasm: address(wasm) } };
}

const address = (url: string): string => new URL(url, globalThis.document?.baseURI ?? location.href).href;

function plain({
  signal: _,
  progress: __,
  ...settings
}: CertifySettings & CallOptions<never>): CertifySettings {
  return settings;
}

interface Call {
  readonly ask: Ask;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly progress: ((progress: never) => void) | undefined;
  readonly release: () => void;
  settled: boolean;
}

class Line {
  private worker: Worker | null = null;
  /** Holds the id of the call that is cancelled, where memory can be shared. */
  private readonly flag: Int32Array<SharedArrayBuffer> | null =
    globalThis.crossOriginIsolated === true ? new Int32Array(new SharedArrayBuffer(4)) : null;
  private ids = 0;
  private running: Call | null = null;
  private readonly waiting: Call[] = [];
  private closed = false;

  constructor(
    private readonly make: () => Worker,
    private readonly source: ModelSource,
    private readonly settings: OpenSettings,
  ) {}

  open(signal?: AbortSignal): Promise<ModelInfo> {
    const { source, settings, flag } = this;
    return this.call("open", { source, settings, flag }, signal === undefined ? {} : { signal });
  }

  call<N extends AskName>(name: N, what: AskOf<N>, options: CallOptions<never>): Promise<GivenBy<N>> {
    const { signal, progress } = options;
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new UserError("the certifier is closed"));
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => this.abort(call, signal!.reason);
      const call: Call = {
        ask: { id: ++this.ids, ask: name, ...what } as unknown as Ask,
        resolve,
        reject,
        progress,
        release: () => signal?.removeEventListener("abort", abort),
        settled: false,
      };
      signal?.addEventListener("abort", abort);
      this.waiting.push(call);
      this.next();
    });
  }

  close(): void {
    this.closed = true;
    this.end(new UserError("the certifier is closed"));
  }

  private next(): void {
    if (this.running !== null || this.waiting.length === 0) return;
    if (this.worker === null && this.waiting[0]!.ask.ask !== "open") this.reopen();
    const call = this.waiting.shift()!;
    this.running = call;
    this.post(call.ask);
  }

  private post(message: Message): void {
    if (this.worker === null) {
      const worker = this.make();
      worker.onmessage = ({ data }: MessageEvent<Reply>) => this.hear(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.end(new UserError(`the worker can't run: ${event.message ?? "its file can't be loaded"}`));
      };
      this.worker = worker;
    }
    this.worker.postMessage(message);
  }

  private hear(reply: Reply): void {
    const call = this.running;
    if (call === null || reply.id !== call.ask.id) return;
    if (reply.reply === "progress") {
      if (!call.settled) call.progress?.(reply.value as never);
      return;
    }
    this.running = null;
    if (reply.reply === "done") this.settle(call, () => call.resolve(reply.value as never));
    else
      this.settle(call, () =>
        call.reject(reply.user ? new UserError(reply.message) : new Error(reply.message)),
      );
    this.next();
  }

  private abort(call: Call, reason: unknown): void {
    const at = this.waiting.indexOf(call);
    if (at >= 0) this.waiting.splice(at, 1);
    this.settle(call, () => call.reject(reason));
    if (call !== this.running) return;
    if (this.flag !== null) Atomics.store(this.flag, 0, call.ask.id);
    this.post({ ask: "cancel", id: call.ask.id });
    setTimeout(() => {
      if (this.running === call && !this.closed) this.replace();
    }, GRACE);
  }

  /** Ends a worker that doesn't hear; the next call makes another one. */
  private replace(): void {
    this.worker?.terminate();
    this.worker = null;
    this.running = null;
    this.next();
  }

  /** A new worker has no model yet. */
  private reopen(): void {
    const { source, settings, flag } = this;
    const id = ++this.ids;
    const failed = (error: unknown) => this.end(error);
    const ask: Ask = { id, ask: "open", source, settings, flag };
    this.waiting.unshift({
      ask,
      resolve: () => {},
      reject: failed,
      progress: undefined,
      release: () => {},
      settled: false,
    });
  }

  private settle(call: Call, how: () => void): void {
    if (call.settled) return;
    call.settled = true;
    call.release();
    how();
  }

  private end(error: unknown): void {
    this.worker?.terminate();
    this.worker = null;
    const calls = [...(this.running === null ? [] : [this.running]), ...this.waiting.splice(0)];
    this.running = null;
    for (const call of calls) this.settle(call, () => call.reject(error));
  }
}
