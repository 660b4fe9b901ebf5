import type { Certification } from "../../src/certify/result.js";
import {
  explain,
  explainPrediction,
  marginCurve,
  sentence,
  wordsReporter,
  workWords,
} from "../../src/report/words.js";
import {
  certification,
  certified,
  ham,
  model,
  record,
  refuted,
  spam,
  unknown,
} from "../evaluate/examples.js";

const gap = (from: number, broken: number): Certification =>
  certification(
    {
      verdict: "unknown",
      certified: from,
      broken,
      counterexample: { text: "xyz", edits: broken, prediction: ham },
      reason: "1000 states reached",
    },
    { limit: 9 },
  );

test.each<[string, Certification, string]>([
  ["certified", certified(2), "Any 2 character edits leave this 'spam'. Nothing was tried beyond 2."],
  ["certified, one", certified(1), "Any 1 character edit leaves this 'spam'. Nothing was tried beyond 1."],
  ["certified, none asked for", certified(0), "This is 'spam'. No edits were tried."],
  ["refuted", refuted(2, "x"), "Any 2 character edits leave this 'spam'. 3 can break it."],
  ["refuted after one", refuted(1, "x"), "Any 1 character edit leaves this 'spam'. 2 can break it."],
  ["refuted at once", refuted(0, "x"), "This is 'spam' as it stands. 1 character edit can break it."],
  [
    "unknown",
    unknown(2, "the time limit of 1 s is reached"),
    "Any 2 character edits leave this 'spam'. Beyond that nothing is known: the time limit of 1 s is reached.",
  ],
  [
    "unknown from the start",
    unknown(0, "1000 states reached."),
    "This is 'spam' as it stands. Beyond that nothing is known: 1000 states reached.",
  ],
  [
    "nothing proven",
    unknown(null, "two labels have the same score"),
    "This is 'spam', but nothing is proven. The reason: two labels have the same score.",
  ],
  [
    "a gap of one",
    gap(1, 3),
    "Any 1 character edit leaves this 'spam'. 3 can break it. Whether 2 can is unknown: 1000 states reached.",
  ],
  [
    "a gap of two",
    gap(1, 4),
    "Any 1 character edit leaves this 'spam'. 4 can break it. Whether 2 or 3 can is unknown: 1000 states reached.",
  ],
  [
    "a gap of more",
    gap(0, 5),
    "This is 'spam' as it stands. 5 character edits can break it. Whether 1 to 4 can is unknown: 1000 states reached.",
  ],
])("%s", (_, result, expected) => {
  expect(sentence(result, "some text")).toBe(expected);
});

test.each<[Certification, string]>([
  [certified(3), "Any 3 character edits leave the empty text 'spam'. Nothing was tried beyond 3."],
  [refuted(0, "x"), "The empty text is 'spam' as it stands. 1 character edit can break it."],
  [certified(0), "The empty text is 'spam'. No edits were tried."],
])("the empty text: %#", (result, expected) => {
  expect(sentence(result, "")).toBe(expected);
});

test("a label can't smuggle control characters into a sentence", () => {
  const result = certified(1, { prediction: { ...spam, label: "a\u001b[2Jb" } });
  expect(sentence(result, "t")).toBe(
    "Any 1 character edit leaves this 'a<U+001B>[2Jb'. Nothing was tried beyond 1.",
  );
});

test("the block for a text that can be broken", () => {
  expect(explain(record(0, "Free entry", refuted(2, "Frexe enry!"), "spam"))).toBe(
    `"Free entry"
  Any 2 character edits leave this 'spam'. 3 can break it:
    Fre{+x+}e en[-t-]ry{+!+}
    is 'ham' (score 0.250, best other -0.250)
  Margin at least 6.20 unedited, 4.40 after 1 edit, 2.90 after 2
  0.9 ms, method exact, alphabet unicode, model tiny
`,
  );
});

test("the block for a text that is proven, with another label in the input", () => {
  expect(explain(record(0, "Free entry", certified(2), "ham"))).toBe(
    `"Free entry"
  The label in the input is 'ham'.
  Any 2 character edits leave this 'spam'. Nothing was tried beyond 2.
  Margin at least 6.20 unedited, 4.40 after 1 edit, 2.90 after 2
  0.9 ms, method exact, alphabet unicode, model tiny
`,
  );
});

test("the block for a text that failed", () => {
  expect(explain({ id: 0, text: "a\nb", label: null, correct: null, error: "not\u0007 good" })).toBe(
    `"a b"\n  failed: not<U+0007> good\n`,
  );
});

test("what a run of the model took", () => {
  const work = {
    backend: "onnxruntime-node 1.30.0",
    strings: 21185,
    sequences: 249,
    passes: 250,
    guard: 0.01,
  };
  expect(explain(record(0, "Free entry", certified(1, { work })))).toContain(
    "\n  21,185 strings, 249 token sequences, 250 forward passes by onnxruntime-node 1.30.0\n",
  );
  expect(workWords({ ...work, strings: 1, sequences: 1, passes: 1 })).toBe(
    "1 string, 1 token sequence, 1 forward pass by onnxruntime-node 1.30.0",
  );
});

test("a caller's own marks", () => {
  const mark = {
    removed: (text: string) => `<del>${text}</del>`,
    added: (text: string) => `<ins>${text}</ins>`,
    strong: (text: string) => `<b>${text}</b>`,
    faint: (text: string) => `<i>${text}</i>`,
  };
  expect(explain(record(0, "abc", refuted(0, "abd", { margins: [] })), { mark })).toBe(
    `"abc"
  This is <b>'spam'</b> as it stands. 1 character edit can break it:
    ab<del>c</del><ins>d</ins>
    is <b>'ham'</b> (score 0.250, best other -0.250)
  <i>0.9 ms, method exact, alphabet unicode, model tiny</i>
`,
  );
});

test("a megabyte of text stays a short block", () => {
  const text = "spam ".repeat(200_000);
  const block = explain(record(0, text, refuted(0, `${text.slice(0, 500_000)}X${text.slice(500_000)}`)));
  expect(block.length).toBeLessThan(600);
  expect(block).toContain("…m spam spam spam spam spam spam {+X+}spam spam spam spam spam spam sp…");
});

test("long curves keep their ends", () => {
  const margins = Array.from({ length: 12 }, (_, edits) => ({ edits, lower: 12 - edits }));
  expect(marginCurve(certified(11, { margins }))).toBe(
    "Margin at least 12.0 unedited, 11.0 after 1 edit, 10.0 after 2, 9.00 after 3, 8.00 after 4, …, 2.00 after 10, 1.00 after 11",
  );
  expect(marginCurve(certified(0, { margins: [] }))).toBe("");
});

test("blocks are set apart by one blank line", () => {
  const reporter = wordsReporter();
  const failed = (id: number) => ({ id, text: "x", label: null, correct: null, error: "e" });
  expect([reporter.begin(), reporter.record(failed(0)), reporter.record(failed(1))]).toEqual([
    "",
    `"x"\n  failed: e\n`,
    `\n"x"\n  failed: e\n`,
  ]);
});

test("a prediction", () => {
  const row = { id: 0, text: "Win now", label: "ham", correct: false, prediction: spam, model };
  expect(explainPrediction(row)).toBe(
    `"Win now"\n  'spam' (score 3.10, best other -3.10) The label in the input is 'ham'.\n`,
  );
});
