/**
 * Many texts at once: a table is read, certified in a worker of its own, and counted while it runs.
 *
 * Promise: every row is counted, those that failed too; what was done when a run is stopped can be downloaded.
 */
import type {
  AlphabetChoice,
  Certifier,
  CertifySettings,
  TableProgress,
  TableShape,
} from "../src/browser/index.js";
import { showAccuracy } from "./accuracy.js";
import { byId, download, make } from "./dom.js";
import { whole } from "./numbers.js";

export interface ManyOptions {
  /** Another certifier of the model that is chosen. */
  readonly open: () => Promise<Certifier>;
  readonly settings: () => CertifySettings & { readonly alphabet?: AlphabetChoice };
}

export function many({ open, settings }: ManyOptions): {
  readonly take: (source: File | string, name: string) => Promise<void>;
} {
  const said = byId("table-said");
  const progress = byId<HTMLProgressElement>("table-progress");
  const stop = byId<HTMLButtonElement>("stop-table");
  const run = byId<HTMLButtonElement>("run");
  const save = byId<HTMLButtonElement>("download");
  let table: { readonly source: File | string; readonly name: string } | null = null;
  let lines: string[] = [];
  let running: AbortController | null = null;

  const take = async (source: File | string, name: string): Promise<void> => {
    running?.abort();
    byId("table").hidden = false;
    byId("accuracy").replaceChildren();
    save.hidden = true;
    run.disabled = true;
    said.textContent = `Reading ${name} …`;
    try {
      const certifier = await open();
      const shape = await certifier.readTable(source, name).finally(() => certifier.close());
      table = { source, name };
      offer(shape);
      const names = shape.header && shape.format !== "jsonl" ? ", the first row taken as names" : "";
      said.textContent = `${name}: ${whole(shape.rows)} ${shape.rows === 1 ? "row" : "rows"}${names}.`;
      run.disabled = false;
    } catch (error) {
      table = null;
      said.textContent = (error as Error).message;
    }
  };

  const start = async (): Promise<void> => {
    if (table === null) return;
    const controller = new AbortController();
    running = controller;
    lines = [];
    run.disabled = true;
    stop.hidden = false;
    progress.hidden = false;
    progress.removeAttribute("value");
    save.hidden = true;
    let last: TableProgress | null = null;
    let certifier: Certifier | null = null;
    try {
      certifier = await open();
      await certifier.readTable(table.source, table.name);
      const label = byId<HTMLSelectElement>("label-column").value;
      const choice = {
        text: Number(byId<HTMLSelectElement>("text-column").value),
        label: label === "" ? null : Number(label),
        labels: byId<HTMLInputElement>("label-map").value,
      };
      await certifier.runTable(choice, {
        ...settings(),
        signal: controller.signal,
        progress: (now) => {
          last = now;
          lines.push(now.lines);
          progress.max = now.of;
          progress.value = now.done;
          said.textContent = words(now);
          showAccuracy(now.metrics);
        },
      });
    } catch (error) {
      if (!controller.signal.aborted) said.textContent = (error as Error).message;
      else said.textContent = last === null ? "Stopped." : `Stopped: ${words(last)}`;
    } finally {
      certifier?.close();
      running = null;
      run.disabled = false;
      stop.hidden = true;
      progress.hidden = true;
      save.hidden = lines.length === 0;
    }
  };
  run.addEventListener("click", start);
  stop.addEventListener("click", () => running?.abort(new Error("stopped")));
  save.addEventListener("click", () => download("results.jsonl", lines, "application/jsonl"));
  const paste = byId<HTMLTextAreaElement>("paste");
  paste.addEventListener("input", () => {
    if (paste.value.trim() !== "") take(paste.value, "pasted rows");
  });
  return { take };
}

function offer({ columns, text, label }: TableShape): void {
  const option = (name: string, i: number | "", chosen: boolean) => {
    const made = make("option", { value: String(i) }, name.length > 40 ? `${name.slice(0, 39)}…` : name);
    made.selected = chosen;
    return made;
  };
  byId("text-column").replaceChildren(...columns.map((name, i) => option(name, i, i === text)));
  byId("label-column").replaceChildren(
    option("none", "", label === null),
    ...columns.map((name, i) => option(name, i, i === label)),
  );
}

function words({ done, of, metrics }: TableProgress): string {
  const failed = metrics.errors === 0 ? "" : `, ${whole(metrics.errors)} of them failed`;
  const each = done === 0 ? "" : `, ${((1000 * metrics.seconds.total) / done).toFixed(1)} ms each`;
  return `${whole(done)} of ${whole(of)} texts${failed}${each}.`;
}
