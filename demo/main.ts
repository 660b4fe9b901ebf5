/**
 * The page that certifies as you type: what is asked (text, model, settings) goes to a worker at every key, and what comes
 * back is shown. A newer question ends the older one.
 */
import type { Certification, CertifySettings, ModelInfo } from "../src/browser/index.js";
import { busy as busyBox } from "./busy.js";
import { controls as settingControls } from "./controls.js";
import { counterexamples } from "./counterexample.js";
import { showCurve } from "./curve.js";
import { byId, make } from "./dom.js";
import { dropping } from "./drop.js";
import { editor as textEditor } from "./editor.js";
import { showInspection } from "./inspection.js";
import { many as manyTexts } from "./many.js";
import { models as modelChoice } from "./models.js";
import { keepOffline } from "./offline.js";
import { FIRST, fromHash, type Question, toHash } from "./question.js";
import { type Answered, sharing } from "./share.js";
import { ranWords, showVerdict, waiting } from "./verdict.js";
import { showWords } from "./words.js";

const EXAMPLES: readonly (readonly [string, string])[] = [
  ["a prize", FIRST.text],
  ["lunch", "See you at lunch"],
  ["a bank", "Your account was suspended. Call 08001234567 now to claim it back"],
];
/** Milliseconds after the last change until the address follows; browsers allow few changes of it. */
const SETTLED = 400;

const models = modelChoice();
const busy = busyBox();
let question: Question = fromHash(location.hash, FIRST);
let answered: Answered | null = null;
let asking: AbortController | null = null;
let settling: ReturnType<typeof setTimeout> | undefined;

function settings({ edits, alphabet, characters, method }: Question): CertifySettings {
  const choice = alphabet === "characters" ? { characters } : alphabet;
  return { edits, method, ...(choice === "" ? {} : { alphabet: choice }) };
}

function ask(change: Partial<Question>): void {
  question = { ...question, ...change };
  clearTimeout(settling);
  settling = setTimeout(() => {
    try {
      history.replaceState(null, "", `#${toHash(question)}`);
    } catch {
      // A text too long for an address has no link.
    }
  }, SETTLED);
  answer(question);
}

async function answer(asked: Question): Promise<void> {
  asking?.abort(new Error("a newer question"));
  const controller = new AbortController();
  asking = controller;
  const { signal } = controller;
  let stopped = false;
  waiting();
  busy.begin(() => {
    stopped = true;
    controller.abort();
  });
  try {
    const certifier = await models.choose(asked.model);
    signal.throwIfAborted();
    controls.fit(certifier.model);
    const progress = (now: Parameters<typeof busy.tell>[0]) => busy.tell(now, asked.edits);
    const given = { ...settings(asked), signal };
    const result = await certifier.certify(asked.text, { ...given, progress });
    show(asked, result, certifier.model);
    const edits = Math.max(0, result.margins.length - 1);
    const analysis = await certifier.analyse(asked.text, { ...given, edits });
    const inspect = () => {
      certifier.inspect(asked.text, given).then(showInspection, (error: Error) => {
        if (!signal.aborted) problem(error.message);
      });
    };
    editor.showPlaces(asked.text, analysis.places, analysis.missing);
    showCurve(result, analysis);
    showWords(result.prediction.label, analysis, inspect);
  } catch (error) {
    if (stopped) byId("proven").textContent = "Stopped before there was an answer.";
    else if (!signal.aborted) failed(asked, error as Error);
  } finally {
    if (asking === controller) busy.end();
  }
}

function show(asked: Question, result: Certification, model: ModelInfo): void {
  busy.end();
  answered = { question: asked, result };
  problem(model.notes.join(" "));
  showVerdict(asked.text, result);
  showBreaks(asked.text, result);
  const threads =
    model.kind !== "sequence"
      ? "in a worker of one thread"
      : `${model.threads === 1 ? "one thread" : `${model.threads} threads`}${model.isolated ? "" : " (browsers allow more only to pages that are isolated from other origins)"}`;
  byId("ran").textContent = `${ranWords(result)}; ${model.backend}, ${threads}.`;
  // For those who measure: when the last verdict was shown.
  performance.clearMarks("verdict");
  performance.mark("verdict");
  document.documentElement.dataset.answered = String(
    Number(document.documentElement.dataset.answered ?? 0) + 1,
  );
}

function failed(asked: Question, error: Error): void {
  problem(error.message);
  // A model that can't be had leaves the one before it.
  if (answered !== null && answered.question.model !== asked.model) {
    question = { ...question, model: answered.question.model };
    controls.show(question);
    byId("verdict").classList.remove("stale");
  } else byId("proven").textContent = "There is no answer.";
}

function problem(message: string): void {
  const box = byId("problem");
  box.textContent = message;
  box.hidden = message === "";
}

const editor = textEditor((text) => ask({ text }));
const put = (text: string) => {
  editor.set(text);
  editor.focus();
  ask({ text });
};
const showBreaks = counterexamples({ put });
const controls = settingControls(ask);
sharing(() => answered);
const table = manyTexts({ open: () => models.another(question.model), settings: () => settings(question) });
dropping({
  model: (files) => {
    models.add(files);
    ask({ model: files.name });
    controls.show(question);
  },
  table: (file) => {
    byId("many").scrollIntoView({ block: "nearest" });
    table.take(file, file.name);
  },
  neither: problem,
});
for (const [name, text] of EXAMPLES) {
  const button = make("button", { type: "button", class: "link" }, name);
  button.addEventListener("click", () => put(text));
  byId("examples").append(button);
}

function take(hash: string): void {
  question = fromHash(hash, FIRST);
  if (!models.has(question.model)) {
    problem(
      `The link is about the model ${question.model}, which this page doesn't have; drop its folder here.`,
    );
    question = { ...question, model: FIRST.model };
  }
  controls.show(question);
  editor.set(question.text);
  answer(question);
}
addEventListener("hashchange", () => take(location.hash));
take(location.hash);
// What the first answer needs comes first.
addEventListener("load", () => setTimeout(keepOffline, 0));
