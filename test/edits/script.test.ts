import fc from "fast-check";
import { levenshtein } from "../../src/edits/distance.js";
import { editScript, type Segment } from "../../src/edits/script.js";
import { codePoints } from "../../src/text/code-points.js";
import { text } from "../text/arbitraries.js";

const count = (s: string) => codePoints(s).length;
const cost = (script: readonly Segment[]) =>
  script.reduce(
    (sum, { kind, from, to }) => sum + (kind === "same" ? 0 : Math.max(count(from), count(to))),
    0,
  );

function expectScript(a: string, b: string) {
  const script = editScript(a, b);
  expect(script.map((s) => s.from).join("") === a).toBe(true);
  expect(script.map((s) => s.to).join("") === b).toBe(true);
  const wellFormed = script.every(({ kind, from, to }, i) => {
    if (from + to === "" || kind === script[i - 1]?.kind) return false;
    if (kind === "same") return from === to;
    if (kind === "substitute") return count(from) === count(to);
    return (kind === "insert" ? from : to) === "";
  });
  expect(wellFormed).toBe(true);
  return script;
}

test("replays both texts at the cost of their distance", () => {
  const close = fc.string({ unit: fc.constantFrom("a", "b", "😀"), maxLength: 20 });
  const pair = fc.oneof(fc.tuple(close, close), fc.tuple(text(), text()));
  fc.assert(
    fc.property(pair, ([a, b]) => {
      expect(cost(expectScript(a, b))).toBe(levenshtein(a, b));
    }),
    { numRuns: 1000 },
  );
});

test.each<[string, string, string]>([
  ["", "", ""],
  ["abc", "abc", "=abc"],
  ["", "ab", "+ab"],
  ["free money", "fr3e m0ney", "=fr ~e>3 =e m ~o>0 =ney"],
  ["hello", "helo", "=hel -l =o"],
  ["call now", "call me now", "=call  +me  =now"],
  ["paypal", "раypal", "~pa>ра =ypal"],
])("%j to %j", (a, b, expected) => {
  const sign = { same: "=", substitute: "~", insert: "+", delete: "-" };
  const shown = editScript(a, b).map(({ kind, from, to }) => {
    return sign[kind] + (kind === "substitute" ? `${from}>${to}` : from || to);
  });
  expect(shown.join(" ")).toBe(expected);
});

test("a long text with few edits", () => {
  const half = "lorem ipsum dolor ".repeat(27_778);
  const script = expectScript(half + half, `x${half}y${half.slice(0, -1)}`);
  expect(script.map(({ kind }) => kind)).toEqual(["insert", "same", "insert", "same", "delete"]);
  expect(cost(script)).toBe(3);
});

test("texts further apart than the rows that are kept are halved, and the cost is still the distance", () => {
  const noise = (length: number, seed: number) => {
    let state = seed;
    const letters: string[] = [];
    for (let i = 0; i < length; i++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      letters.push(String.fromCharCode(97 + ((state >>> 16) % 26)));
    }
    return letters.join("");
  };
  const a = noise(3200, 1);
  const b = noise(3000, 2);
  const distance = levenshtein(a, b);
  expect(distance).toBeGreaterThan(2048);
  expect(cost(expectScript(a, b))).toBe(distance);
});
