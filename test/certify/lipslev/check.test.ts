/** `verify` on LipsLev models: lines of one and more edits hold, and claims made false are caught. */
import { certify } from "../../../src/certify/certify.js";
import { checkCertificate } from "../../../src/certify/check-certificate.js";
import { editCosts, worstCost } from "../../../src/certify/lipslev/constants.js";
import { plainLipslevCost } from "../../../src/certify/plain-lipslev.js";
import type { ResultRecord } from "../../../src/certify/result.js";
import { listAlphabet } from "../../../src/edits/alphabet.js";
import type { LipslevModel } from "../../../src/model/lipslev.js";
import { randomString, seeded } from "../../oracle/random-model.js";
import { randomLipslev } from "./random-model.js";

// biome-ignore lint/suspicious/noExplicitAny: mutations write wrong values on purpose
type Loose = any;

const letters = [..."abcd"];
const alphabet = listAlphabet(
  "file:abcd",
  letters.map((c) => c.codePointAt(0)!),
);
const made: { readonly model: LipslevModel; readonly line: Loose }[] = [];

beforeAll(async () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = seeded(seed);
    const model = randomLipslev(random, {
      lean: (seed % 5) * 3,
      labels: 2 + (seed % 2),
      kernelSize: 1 + (seed % 3),
      p: ([1, 2, Infinity] as const)[seed % 3]!,
      maxCharacters: seed % 4 === 0 ? 9 : 50,
    });
    const text = `${randomString(random, letters, 12)}abca`;
    const method = (["auto", "auto", "exact", "enumerate", "attack"] as const)[seed % 5]!;
    const edits = method === "exact" || method === "enumerate" ? 1 : 1 + (seed % 4);
    const answer = await certify(model, text, { edits, alphabet, method });
    const row = { id: 0, text, label: null, correct: null };
    made.push({ model, line: JSON.parse(JSON.stringify({ ...row, ...answer })) });
  }
});

const problemsOf = async (model: LipslevModel, line: unknown): Promise<readonly string[]> =>
  (await checkCertificate(model, line as ResultRecord, { alphabet })).problems;

test("the constant is the method's, computed otherwise", () => {
  for (let seed = 0; seed < 60; seed++) {
    const model = randomLipslev(seeded(seed), {
      kernelSize: 1 + (seed % 4),
      p: ([1, 2, Infinity] as const)[seed % 3]!,
    });
    for (const cut of [false, true]) {
      const plain = plainLipslevCost(model, 0, 1, cut);
      const own = worstCost(editCosts(model, 0, 1), cut);
      expect([seed, plain >= own * (1 - 1e-9), plain <= own * (1 + 1e-5)]).toEqual([seed, true, true]);
    }
  }
});

test("lines as they were made hold, also of two and more edits", async () => {
  const seen = new Set<string>();
  for (const { model, line } of made) {
    expect([line.text, line.method, await problemsOf(model, line)]).toEqual([line.text, line.method, []]);
    seen.add(`${line.method} ${line.certified}`);
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([
      "lipschitz 1",
      "lipschitz 2",
      "lipschitz 3",
      "exact 1",
      "enumerate 1",
      "attack 0",
    ]),
  );
});

test("one edit more than was proven is caught", async () => {
  let tried = 0;
  for (const { model, line } of made) {
    if (line.method !== "lipschitz" || line.verdict === "refuted") continue;
    const forged = structuredClone(line);
    const most = line.certified + 8;
    Object.assign(forged, {
      verdict: "certified",
      certified: most,
      limit: most,
      broken: null,
      counterexample: null,
    });
    for (let edits = forged.margins.length; edits <= most; edits++)
      forged.margins.push({ edits, lower: 1e-9 });
    expect(await problemsOf(model, forged)).toContainEqual(
      expect.stringMatching(/couldn't be re-checked: by the constant/),
    );
    tried++;
  }
  expect(tried).toBeGreaterThan(5);
});

const CHANGES: Record<string, (line: Loose) => void> = {
  "cost of an insertion": (line) => {
    for (const kind of ["insert", "delete", "substitute"]) line.evidence.rivals[0][kind] *= 0.9;
  },
  "margin of the evidence": (line) => {
    line.evidence.rivals[0].margin += 1e-6;
  },
  "margin after one edit": (line) => {
    line.evidence.rivals[0].single = line.evidence.rivals[0].margin - 123;
  },
  rival: (line) => {
    line.evidence.rivals[0].rival = line.prediction.index;
  },
  cut: (line) => {
    line.evidence.cut = !line.evidence.cut;
  },
  allowance: (line) => {
    line.evidence.rivals[0].allowance = -1;
  },
  "last margin": (line) => {
    line.margins.at(-1).lower += 1;
  },
};

test.each(Object.entries(CHANGES))("another %s is caught", async (_, change) => {
  let tried = 0;
  for (const { model, line } of made) {
    if (line.evidence.kind !== "lipslev" || !(line.certified > 0)) continue;
    const changed = structuredClone(line);
    change(changed);
    expect(await problemsOf(model, changed)).not.toEqual([]);
    tried++;
  }
  expect(tried).toBeGreaterThan(8);
});
