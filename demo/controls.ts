/** Model, number of edits, alphabet and method: what the page shows of a question, and what a user changes of it. */
import { type MethodName, MOST_EDITS, type ModelInfo } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import type { Question } from "./question.js";

const METHOD_WORDS: Readonly<Record<MethodName, string>> = {
  auto: "auto: what suits the model",
  exact: "exact: the shortest path",
  lipschitz: "lipschitz: bounds of layers",
  enumerate: "enumerate: every single edit",
  attack: "attack: proves nothing, may break",
};

export interface Controls {
  readonly show: (question: Question) => void;
  /** Offers what can do the model. */
  readonly fit: (model: ModelInfo) => void;
}

export function controls(ask: (change: Partial<Question>) => void): Controls {
  const model = byId<HTMLSelectElement>("model");
  const edits = byId<HTMLInputElement>("edits");
  const alphabet = byId<HTMLSelectElement>("alphabet");
  const characters = byId<HTMLInputElement>("characters");
  const method = byId<HTMLSelectElement>("method");
  let shown: Question | null = null;
  let fitted = "";
  const change = (what: Partial<Question>) => {
    if (shown !== null) shown = { ...shown, ...what };
    ask(what);
  };
  const setEdits = (value: number) => {
    const least = Math.min(MOST_EDITS, Math.max(0, Math.round(value)));
    edits.value = String(least);
    change({ edits: least });
  };
  const row = () => {
    byId("characters-row").hidden = alphabet.value !== "characters";
  };
  model.addEventListener("change", () => change({ model: model.value }));
  byId("fewer").addEventListener("click", () => setEdits(Number(edits.value) - 1));
  byId("more").addEventListener("click", () => setEdits(Number(edits.value) + 1));
  edits.addEventListener("input", () => {
    // Half-typed numbers wait for the rest.
    if (/^\d+$/.test(edits.value) && Number(edits.value) <= MOST_EDITS)
      change({ edits: Number(edits.value) });
  });
  edits.addEventListener("blur", () => {
    edits.value = String(shown?.edits ?? 2);
  });
  alphabet.addEventListener("change", () => {
    row();
    change({ alphabet: alphabet.value as Question["alphabet"] });
  });
  characters.addEventListener("input", () => change({ characters: characters.value }));
  method.addEventListener("change", () => change({ method: method.value as MethodName }));
  const panel = document.querySelector<HTMLDetailsElement>(".options")!;
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !panel.open) return;
    panel.open = false;
    panel.querySelector("summary")?.focus();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!panel.contains(target as Node)) panel.open = false;
  });
  const offer = (methods: readonly MethodName[]) => {
    if (methods.join() === fitted) return;
    fitted = methods.join();
    method.replaceChildren(...methods.map((name) => make("option", { value: name }, METHOD_WORDS[name])));
  };
  return {
    show(question) {
      shown = question;
      model.value = question.model;
      edits.value = String(question.edits);
      alphabet.value = question.alphabet;
      characters.value = question.characters;
      if (fitted === "") offer(["auto"]);
      method.value = question.method;
      row();
    },
    fit({ methods }) {
      offer(methods);
      const wanted = shown?.method ?? "auto";
      // A method that can't do this model isn't asked for again.
      if (methods.includes(wanted)) method.value = wanted;
      else change({ method: "auto" });
    },
  };
}
