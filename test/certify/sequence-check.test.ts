/** `verify` on results of method `enumerate`: lines as they were made hold, and every claim made false is caught. */
import { certify } from "../../src/certify/certify.js";
import { checkSequenceRecord } from "../../src/certify/check-sequence.js";
import type { ResultRecord } from "../../src/certify/result.js";
import { type Alphabet, listAlphabet } from "../../src/edits/alphabet.js";
import { threat } from "../../src/edits/threat.js";
import type { Backend } from "../../src/model/backend.js";
import { referenceBackend } from "../../src/model/reference.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { parseResult } from "../../src/report/parse.js";
import { huggingfaceTokenizer } from "../../src/tokenizer/huggingface.js";
import { randomEncoder } from "../oracle/random-encoder.js";
import { seeded } from "../oracle/random-model.js";
import { tinyWordPiece } from "../oracle/tiny-tokenizer-files.js";

// biome-ignore lint/suspicious/noExplicitAny: mutations write wrong values on purpose
type Loose = any;

const alphabet = listAlphabet(
  "few",
  [..." aefilmrt.S"].map((c) => c.codePointAt(0)!),
);
const TEXTS = ["the free film", "a film.", "unaffable", "free free film the", "fi lm", "the un the"];

function open(seed: number, rounded = false): SequenceModel {
  const tokenizer = huggingfaceTokenizer(tinyWordPiece, {}, { most: 16, where: "tiny" });
  const { encoder } = randomEncoder(seeded(seed), {
    layout: "bert",
    vocabulary: tokenizer.size,
    mostTokens: 16,
    labels: 2 + (seed % 2),
    gain: 0.5 + (seed % 4) / 2,
  });
  const reference = referenceBackend(encoder);
  const float32: Backend = {
    ...reference,
    arithmetic: "float32",
    logits: async (all) => (await reference.logits(all)).map((row) => row.map(Math.fround)),
  };
  return new SequenceModel({
    identity: { name: `tiny ${seed}`, sha256: seed.toString(16).padStart(64, "0") },
    labels: encoder.labels,
    tokenizer,
    backend: rounded ? float32 : reference,
    encoder,
  });
}

async function lineOf(model: SequenceModel, text: string, written: Alphabet = alphabet): Promise<Loose> {
  const answer = await certify(model, text, { edits: 1, method: "enumerate", alphabet: written });
  const label = model.labels[0]!;
  const row = { id: 3, text, label, correct: answer.prediction.label === label };
  return JSON.parse(JSON.stringify({ ...row, ...answer }));
}

const problemsOf = async (model: SequenceModel, line: Loose, written: Alphabet = alphabet) =>
  (await checkSequenceRecord(model, line as ResultRecord, written)).problems;

const made: { readonly model: SequenceModel; readonly line: Loose }[] = [];
const one = (verdict: string) => {
  const found = made.find(({ line }) => line.verdict === verdict)!;
  return { model: found.model, line: structuredClone(found.line) as Loose };
};

beforeAll(async () => {
  for (let seed = 0; seed < 18; seed++) {
    const model = open(seed, seed % 3 === 0);
    made.push({ model, line: await lineOf(model, TEXTS[seed % TEXTS.length]!) });
  }
});

test("lines as they were made hold, of both verdicts and both arithmetics", async () => {
  const seen = new Set<string>();
  for (const { model, line } of made) {
    expect([line.text, await problemsOf(model, line)]).toEqual([line.text, []]);
    expect(parseResult(JSON.stringify(line))).toEqual(line);
    seen.add(`${line.verdict} ${line.arithmetic}`);
  }
  expect([...seen].sort()).toEqual([
    "certified float32",
    "certified float64",
    "refuted float32",
    "refuted float64",
  ]);
});

const CHANGES: Readonly<Record<string, (line: Loose) => void>> = {
  text: (line) => {
    line.text = `${line.text} the`;
  },
  "the text's first letter": (line) => {
    line.text = `.${line.text}`;
  },
  "model hash": (line) => {
    line.model.sha256 = "f".repeat(64);
  },
  alphabet: (line) => {
    line.threat.alphabet = "ascii";
  },
  unit: (line) => {
    line.threat.unit = "byte";
  },
  distance: (line) => {
    line.threat.distance = "hamming";
  },
  method: (line) => {
    line.method = "smoothing";
  },
  arithmetic: (line) => {
    line.arithmetic = "float16";
  },
  correct: (line) => {
    line.correct = !line.correct;
  },
  label: (line) => {
    line.label = line.correct ? "label 1" : line.prediction.label;
  },
  "predicted label": (line) => {
    line.prediction.label = "label 9";
  },
  "predicted index": (line) => {
    line.prediction.index = 1 - Math.min(1, line.prediction.index);
  },
  "a score": (line) => {
    line.prediction.scores[1] += 0.01;
  },
  "number of scores": (line) => line.prediction.scores.push(0),
  "unedited margin": (line) => {
    line.margins[0].lower += 0.01;
  },
  "a margin's edits": (line) => {
    line.margins[0].edits = 1;
  },
  certified: (line) => {
    line.certified = 1 - line.certified;
  },
  limit: (line) => {
    line.limit = 0;
  },
  verdict: (line) => {
    line.verdict = "unknown";
  },
};
const CERTIFIED: typeof CHANGES = {
  "least margin": (line) => {
    line.margins[1].lower += 0.01;
  },
  "least margin left out": (line) => line.margins.pop(),
  "one edit more": (line) => {
    line.limit = 2;
    line.certified = 2;
    line.margins.push({ edits: 2, lower: 0.1 });
  },
  broken: (line) => {
    line.broken = 1;
  },
};
const REFUTED: typeof CHANGES = {
  "counterexample that isn't one": (line) => {
    line.counterexample.text = line.text;
  },
  "counterexample further away": (line) => {
    line.counterexample.text += " film film";
  },
  "counterexample's edits": (line) => {
    line.counterexample.edits = 0;
  },
  "counterexample's label": (line) => {
    line.counterexample.prediction = structuredClone(line.prediction);
  },
  "counterexample left out": (line) => {
    line.counterexample = null;
  },
  broken: (line) => {
    line.broken = 2;
  },
};

describe.each(["certified", "refuted"])("a %s line is caught with a changed", (verdict) => {
  const own = verdict === "certified" ? CERTIFIED : REFUTED;
  test.each(Object.entries({ ...CHANGES, ...own }))("%s", async (_, change) => {
    const { model, line } = one(verdict);
    expect(await problemsOf(model, line)).toEqual([]);
    change(line);
    expect(await problemsOf(model, line)).not.toEqual([]);
  });
});

test("a broken text sold as certified is caught by trying its neighbours", async () => {
  for (const { model, line } of made.filter(({ line }) => line.verdict === "refuted")) {
    const forged = structuredClone(line);
    Object.assign(forged, { verdict: "certified", certified: 1, broken: null, counterexample: null });
    forged.margins.push({ edits: 1, lower: forged.margins[0].lower / 2 });
    forged.evidence.levels.push({
      edits: 1,
      strings: 1,
      sequences: 2,
      passes: 2,
      least: forged.margins[1].lower,
    });
    expect(await problemsOf(model, forged)).toContain("certified is 1, but 1 edit can change the answer");
  }
});

test("a certificate over few characters sold as one over more of the same name is caught", async () => {
  // The alphabet with the line's name is given by whoever checks; here it holds more than was certified.
  const [narrow, wide] = [[0x2e], [...alphabet.codePoints()]].map((points) => listAlphabet("few", points));
  let caught = 0;
  for (const { model, line } of made.filter(({ line }) => line.verdict === "refuted")) {
    const other = await lineOf(model, line.text, narrow!);
    if (other.verdict !== "certified") continue;
    expect(await problemsOf(model, other, narrow!)).toEqual([]);
    // An alphabet's name says what is in it, so that the narrow one can't be taken for the wide one.
    expect(await problemsOf(model, other, wide!)).not.toEqual([]);
    other.threat = threat(wide!);
    expect(await problemsOf(model, other, wide!)).toContain(
      "certified is 1, but 1 edit can change the answer",
    );
    caught++;
  }
  expect(caught).toBeGreaterThan(0);
});

test("float64 is compared more closely than float32", async () => {
  const { model, line } = made.find(
    ({ line }) => line.verdict === "certified" && line.arithmetic === "float64",
  )!;
  const changed = structuredClone(line);
  changed.margins[1].lower += 1e-6;
  changed.evidence.levels[0].least += 1e-6;
  expect(await problemsOf(model, changed)).toEqual([
    expect.stringMatching(/^the margin at 1 edits is said to be/),
  ]);
});

test("a margin that is said to be a bound may be lower, but not higher", async () => {
  const { model, line } = one("certified");
  const bounded = (lower: number): Loose => {
    const { blocks } = model.encoder!;
    const worst = { from: line.evidence.tokens, put: [], kept: 0, lower };
    const evidence = { kind: "encoder-bounds", blocks: blocks.length, exactBlocks: 0, worst };
    const changed = { ...structuredClone(line), method: "lipschitz" };
    changed.margins[1].lower = lower;
    return { ...changed, evidence: { ...evidence, sequences: line.work.sequences } };
  };
  const { lower } = line.margins[1];
  expect(await problemsOf(model, bounded(lower - 0.1))).toEqual([]);
  expect(await problemsOf(model, bounded(lower + 0.1))).not.toEqual([]);
});

test("two edits of short texts are tried, and one sequence of the evidence is run again", async () => {
  const tiny = listAlphabet("tiny", [0x61, 0x20, 0x65]);
  const seen = new Set<number>();
  for (const seed of [1, 34]) {
    const model = open(seed);
    const text = ["a fi", "film", "free"][seed % 3]!;
    const answer = await certify(model, text, { edits: 2, method: "enumerate", alphabet: tiny });
    const line: Loose = JSON.parse(JSON.stringify({ id: 0, text, label: null, correct: null, ...answer }));
    expect(await problemsOf(model, line, tiny)).toEqual([]);
    if (line.certified !== 0) seen.add(line.certified);
    if (line.broken !== 2) continue;
    const forged = structuredClone(line);
    Object.assign(forged, { verdict: "certified", certified: 2, broken: null, counterexample: null });
    forged.margins.push({ edits: 2, lower: 1e-3 });
    forged.evidence.levels.push({ ...line.evidence.levels[0], edits: 2, least: 1e-3 });
    expect(await problemsOf(model, forged, tiny)).toContain(
      "certified is 2, but 2 edits can change the answer",
    );
    seen.add(-2);
  }
  expect([...seen]).toEqual(expect.arrayContaining([1, 2, -2]));
  for (let seed = 0; seed < 6; seed++) {
    const model = open(seed);
    const answer = await certify(model, TEXTS[seed]!, { edits: 1, method: "lipschitz", alphabet });
    const line: Loose = JSON.parse(
      JSON.stringify({ id: 0, text: TEXTS[seed], label: null, correct: null, ...answer }),
    );
    expect(await problemsOf(model, line)).toEqual([]);
    line.evidence.worst.lower = 1e6;
    if (line.margins.length > 1) line.margins[1].lower = line.margins[0].lower;
    expect(await problemsOf(model, line)).toContainEqual(
      expect.stringMatching(/^evidence\.worst is said to keep a margin/),
    );
    line.evidence.worst.put = [1e6];
    expect(await problemsOf(model, line)).toContainEqual(
      expect.stringMatching(/the token 1000000, which there isn't/),
    );
  }
});
