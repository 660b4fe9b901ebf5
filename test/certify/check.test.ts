/** Every claim of a saved line, made false in turn. */
import fc from "fast-check";
import { certifyExactly as certify } from "../../src/certify/certify-exactly.js";
import { checkRecord } from "../../src/certify/check.js";
import type { Certification, ResultRecord } from "../../src/certify/result.js";
import { asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { threat } from "../../src/edits/threat.js";
import type { NativeModel } from "../../src/model/native.js";
import { parseResult } from "../../src/report/parse.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { seeded } from "../oracle/random-model.js";
import { randomAlphabet, wordedModel, wordedText } from "../oracle/worded-model.js";

type Line = Certification & { id: number; text: string; label: string | null; correct: boolean | null };
// biome-ignore lint/suspicious/noExplicitAny: mutations write wrong values on purpose
type Loose = any;

function lineOf(model: NativeModel, text: string, label: string | null, options = {}): Line {
  const answer = certify(model, text, options);
  const correct = label === null ? null : label === answer.prediction.label;
  return { id: 7, text, label, correct, ...answer };
}

/** Lines of all verdicts, as they come back from a file. */
const cases = (() => {
  const random = seeded(12);
  const found: { model: NativeModel; line: Line; alphabet: ReturnType<typeof randomAlphabet> }[] = [];
  for (const kind of VOCABULARY_KINDS)
    for (let n = 0; n < 25; n++) {
      const { model, words } = wordedModel(random, kind, 40, 2 + (n % 3));
      const alphabet = randomAlphabet(random, model);
      const text = wordedText(random, words, 8 + Math.floor(random() * 20));
      const edits = n % 3;
      const label = [null, "label 0", "label 1"][n % 3]!;
      const limits = n % 5 === 0 ? { stateLimit: 20 + 40 * (n % 2) } : {};
      const line = lineOf(model, text, label, { edits: edits + 1, alphabet, ...limits });
      found.push({ model, line: JSON.parse(JSON.stringify(line)), alphabet });
    }
  return found;
})();

const problemsOf = (model: NativeModel, line: unknown, alphabet?: Loose) =>
  checkRecord(model, line as ResultRecord, alphabet === undefined ? {} : { alphabet }).problems;

test("lines as they were made hold, and there are some of every verdict", () => {
  const seen = new Set<string>();
  for (const { model, line, alphabet } of cases) {
    expect([line.text, problemsOf(model, line, alphabet)]).toEqual([line.text, []]);
    expect(checkRecord(model, line, { alphabet }).holds).toBe(true);
    expect(parseResult(JSON.stringify(line))).toEqual(line);
    seen.add(line.verdict);
  }
  expect(seen).toEqual(new Set(["certified", "refuted", "unknown"]));
});

const { model, words } = wordedModel(seeded(5), "patterns", 60, 3);
const texts = Array.from({ length: 40 }, (_, n) => wordedText(seeded(100 + n), words, 20));
const lines = texts.map((text) => lineOf(model, text, "label 1", { edits: 2 }));
const refuted = lines.find((line) => line.broken === 2)!;
const certified = lines.find((line) => line.verdict === "certified")!;
const copy = (line: Line): Loose => structuredClone(line);

describe("what is said of a line whose claim is false", () => {
  const mutations: [string, () => Loose, RegExp][] = [
    [
      "text",
      () => ({ ...copy(refuted), text: `${refuted.text} ${words[0]}` }),
      /^prediction\.scores\[0\] is .*, but computed is /,
    ],
    [
      "model hash",
      () => ({ ...copy(certified), model: { name: "worded", sha256: "1".repeat(64) } }),
      /sha256 1{64}, but this model's is 0{64}/,
    ],
    [
      "alphabet that is unknown",
      () => ({ ...copy(certified), threat: { ...certified.threat, alphabet: "file:12" } }),
      /couldn't be re-checked: the alphabet "file:12" isn't built in and wasn't given/,
    ],
    [
      "distance",
      () => ({ ...copy(certified), threat: { ...certified.threat, distance: "damerau" } }),
      /threat\.distance is "damerau"/,
    ],
    [
      "unit",
      () => ({ ...copy(certified), threat: { ...certified.threat, unit: "byte" } }),
      /threat\.unit is "byte"/,
    ],
    ["arithmetic", () => ({ ...copy(certified), arithmetic: "float32" }), /arithmetic is "float32"/],
    ["method", () => ({ ...copy(certified), method: "lipschitz" }), /method is "lipschitz"/],
    ["limit", () => ({ ...copy(certified), limit: 3 }), /the verdict is "certified", but certified is 2/],
    ["limit below", () => ({ ...copy(refuted), limit: 1 }), /broken is 2, but the limit was 1/],
    [
      "certified too high",
      () => ({
        ...copy(refuted),
        verdict: "certified",
        certified: 2,
        broken: null,
        counterexample: null,
      }),
      /certified is 2, but 2 edits can change the answer/,
    ],
    [
      "certified too low",
      () => ({ ...copy(certified), verdict: "unknown", certified: 1, reason: "tired" }),
      /certified is 1, but the margins listed prove 2/,
    ],
    ["certified as a fraction", () => ({ ...copy(certified), certified: 1.5 }), /no number of edits/],
    [
      "margin",
      () => {
        const line = copy(certified);
        line.margins[1].lower += 2 ** -20;
        return line;
      },
      /^the margin at 1 edits is said to be .*, but computed is /,
    ],
    [
      "margin left out",
      () => {
        const line = copy(certified);
        line.margins.pop();
        return line;
      },
      /margins are listed up to 1 edits, but 2 were decided/,
    ],
    [
      "margin of another k",
      () => {
        const line = copy(certified);
        line.margins[1].edits = 2;
        return line;
      },
      /margin 1 is said to be at 2 edits/,
    ],
    [
      "last bit of a score",
      () => {
        const line = copy(certified);
        const bits = new DataView(new ArrayBuffer(8));
        bits.setFloat64(0, line.prediction.scores[0]);
        bits.setUint8(7, bits.getUint8(7) ^ 1);
        line.prediction.scores[0] = bits.getFloat64(0);
        return line;
      },
      /^prediction\.scores\[0\] is /,
    ],
    [
      "predicted index",
      () => {
        const line = copy(certified);
        line.prediction.index = (line.prediction.index + 1) % 3;
        return line;
      },
      /^prediction\.index is /,
    ],
    [
      "predicted label",
      () => {
        const line = copy(certified);
        line.prediction.label = "label 9";
        return line;
      },
      /^prediction\.label is "label 9"/,
    ],
    [
      "a score left out",
      () => {
        const line = copy(certified);
        line.prediction.scores.pop();
        return line;
      },
      /has 2 numbers, but the model has 3 labels/,
    ],
    ["correct", () => ({ ...copy(certified), correct: !certified.correct }), /^correct is /],
    ["correct without label", () => ({ ...copy(certified), label: null, correct: true }), /it must be null/],
    [
      "verdict swapped",
      () => ({ ...copy(refuted), verdict: "certified" }),
      /the verdict is "certified", but certified is 1, broken 2 and limit 2/,
    ],
    [
      "counterexample that breaks nothing",
      () => {
        const line = copy(refuted);
        line.counterexample.text = line.text;
        return line;
      },
      /like the text, so it shows nothing/,
    ],
    [
      "counterexample further away",
      () => {
        const line = copy(refuted);
        line.counterexample.text = `${line.counterexample.text}....`;
        return line;
      },
      /^counterexample\.edits is 2, but its distance from the text is more than 2$/,
    ],
    [
      "edits of the counterexample",
      () => {
        const line = copy(refuted);
        line.counterexample.edits = 1;
        return line;
      },
      /^counterexample\.edits is 1, but its distance from the text is 2$/,
    ],
    [
      "prediction of the counterexample",
      () => {
        const line = copy(refuted);
        line.counterexample.prediction.scores[2] += 1;
        return line;
      },
      /^counterexample\.prediction\.scores\[2\]/,
    ],
    [
      "counterexample missing",
      () => ({ ...copy(refuted), counterexample: null }),
      /broken is 2, but there is no counterexample/,
    ],
  ];
  test.each(mutations)("%s", (_name, mutated, said) => {
    const { holds, problems } = checkRecord(model, mutated());
    expect(holds).toBe(false);
    expect(problems.filter((problem) => said.test(problem))).not.toEqual([]);
    for (const problem of problems) expect(problem).not.toMatch(/\n|undefined/);
  });
});

test("a counterexample must be written with the alphabet", () => {
  // Half of ascii, the other half of it unwritable: the same radius or a larger one, another counterexample.
  const line = lines.find(({ broken, counterexample, text }) => {
    const written = [...(counterexample?.text ?? "")].filter((c) => !text.includes(c));
    return broken === 1 && written.length > 0;
  })!;
  const written = [...line.counterexample!.text].find((c) => !line.text.includes(c))!;
  const alphabet = listAlphabet(
    "file:few",
    [...asciiAlphabet().codePoints()].filter((point) => point !== written.codePointAt(0)),
  );
  const claimed = { ...line, threat: threat(alphabet) };
  expect(problemsOf(model, claimed, alphabet)).toContain(
    "the counterexample needs characters outside the alphabet file:few, but broken is 1",
  );
  expect(problemsOf(model, claimed, unicodeAlphabet())).toContain(
    'the line is about the alphabet "file:few", but the one given is "unicode"',
  );
});

test("an alphabet given can't stand for one that is built in", () => {
  const weak = listAlphabet("unicode", [0x200b]);
  const { certified: radius, margins } = certify(model, refuted.text, { edits: 2, alphabet: weak });
  const claimed = {
    ...refuted,
    certified: radius,
    margins,
    broken: null,
    counterexample: null,
    verdict: "certified",
  };
  expect(problemsOf(model, claimed, weak)).not.toEqual([]);
});

test("an error line claims nothing", () => {
  const line = { id: 0, text: "", label: null, correct: null, error: "no such row" };
  expect(checkRecord(model, line)).toEqual({ holds: true, problems: [] });
});

test("what the plain search can't finish is a problem", () => {
  const { problems } = checkRecord(model, certified, { limits: { states: 5 } });
  expect(problems).toEqual(["couldn't be re-checked: the limit of 5 states of the plain search was reached"]);
});

/**
 * Any single field replaced by another value. A mutated line may hold only if it is what an honest run would have
 * written: the same but for what is no claim (id, seconds, model.name, reason), for the input (a text
 * or a label replaced makes a line about that input, which is true if all the rest is), and for a `limit` that lies
 * elsewhere beyond what was decided.
 */
test("a line with one field mutated is refused, unless it is true all the same", () => {
  const paths = (value: unknown, path: (string | number)[] = []): (string | number)[][] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) =>
          paths(inner, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : [path];
  let refusals = 0;
  let runs = 0;
  const accepted = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom(...cases),
      fc.nat(),
      fc.oneof(
        fc.constantFrom<unknown>(
          null,
          0,
          1,
          2,
          3,
          -1,
          0.5,
          1000,
          "",
          "certified",
          "refuted",
          "unknown",
          true,
          false,
        ),
        fc.constantFrom("ascii", "unicode", "model", "label 0", "label 1", "a", "free word"),
        fc.constantFrom("+1", "-1", "bit", "append"),
      ),
      (chosen, where, how) => {
        const line: Loose = structuredClone(chosen.line);
        const all = paths(line);
        const path = all[where % all.length]!;
        const owner = path.slice(0, -1).reduce((value: Loose, key) => value[key], line);
        const key = path.at(-1)!;
        const old = owner[key];
        if (how === "+1" && typeof old === "number") owner[key] = old + 1;
        else if (how === "-1" && typeof old === "number") owner[key] = old - 1;
        else if (how === "bit" && typeof old === "number") owner[key] = old + 2 ** -20;
        else if (how === "append" && typeof old === "string") owner[key] = `${old} a`;
        else owner[key] = how;
        if (Object.is(owner[key], old)) return;
        runs++;
        const parsed = parseResult(JSON.stringify(line));
        const wrong = "problem" in parsed || problemsOf(chosen.model, parsed, chosen.alphabet).length > 0;
        if (wrong) {
          refusals++;
          return;
        }
        accepted.add(String(path[0]));
        const name = path.join(".");
        if (["id", "seconds", "model.name", "reason"].includes(name)) return;
        // A least margin over a label that isn't the nearest may be left out.
        if (path[0] === "evidence" && owner[key] === null) return;
        // It holds: then an honest run on what it says it is about must say the same.
        const options = { edits: line.limit, alphabet: chosen.alphabet };
        const honest: Loose =
          line.threat.alphabet === chosen.alphabet.name ? certify(chosen.model, line.text, options) : null;
        if (name === "threat.alphabet") {
          // Another alphabet may give the same numbers; the counterexample was checked against it.
          expect(["unicode", "ascii", "model"]).toContain(line.threat.alphabet);
          return;
        }
        expect([name, honest.prediction]).toEqual([name, line.prediction]);
        if (line.verdict === "unknown") {
          expect(["text", "label", "limit"]).toContain(name);
          expect(line.certified).toBeLessThanOrEqual(honest.certified);
          return;
        }
        expect([name, honest.verdict, honest.certified, honest.broken]).toEqual([
          name,
          line.verdict,
          line.certified,
          line.broken,
        ]);
        expect([name, honest.margins]).toEqual([name, line.margins]);
        expect(["text", "label", "limit", "counterexample"]).toContain(path[0]);
      },
    ),
    { numRuns: 1500, seed: 20 },
  );
  expect(refusals).toBeGreaterThan(runs * 0.7);
  expect(
    [...accepted].filter((field) =>
      ["prediction", "margins", "certified", "broken", "verdict"].includes(field),
    ),
  ).toEqual([]);
});
