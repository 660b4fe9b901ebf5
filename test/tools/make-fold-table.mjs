/**
 * Makes src/text/fold-table.ts, the table that sends every Unicode code point to one symbol or to nothing.
 *
 *     node test/tools/make-fold-table.mjs            writes the table
 *     node test/tools/make-fold-table.mjs --check    exit status 1 if the table in the repository differs
 *
 * The result depends only on this file, on the Unicode version of Node (process.versions.unicode) and on the
 * confusables in the package `unhomoglyph`. It is committed, so that the fold is the same fixed function in
 * every engine. A new table changes what models see and what certificates mean: raise FOLD_VERSION and the
 * pinned hash in test/text/fold-table.test.ts.
 *
 * The first rule that applies decides:
 *  1. ASCII: letters to the lower case letter, digits to themselves, "$" to OTHER, all else to the separator.
 *  2. Currency signs (Sc): OTHER.
 *  3. Marks (Mn, Mc, Me), format characters (Cf) and default ignorables (zero width, bidi, soft hyphen,
 *     variation selectors, tags, Hangul fillers): nothing.
 *  4. LOOK_ALIKES below, chosen by hand. They come before decomposition and confusables because the data
 *     sometimes chooses what a reader wouldn't: it takes capital Greek iota for l.
 *  5. The base: NFKD without marks. If that is ONE ASCII character, what rule 1 says of it (accents,
 *     full-width, mathematical letters, superscripts, circled letters; a spacing accent is a separator).
 *  6. Decimal digits (Nd) of any script: the digit of their value, even if they look like something else
 *     (Bengali four looks like 8, Arabic one like l): in a number the value is what is meant.
 *  7. LOOK_ALIKES of the base, if it is one code point.
 *  8. Confusables of the code point or else of its base: if the target without marks is one ASCII letter or digit,
 *     that one, lower-cased; if it is in LOOK_ALIKES, what stands there. Never for ASCII sources, so 0, 1
 *     and l stay apart.
 *  9. Punctuation (P), spaces (Z), controls (Cc), mathematical symbols (Sm): the separator.
 * 10. Everything else (other letters, emoji, unassigned, private use, surrogates, ligatures of several
 *     letters, fractions): OTHER.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const FOLD_VERSION = "fold-1";
const FILE = new URL("../../src/text/fold-table.ts", import.meta.url);
const require = createRequire(import.meta.url);
const confusables = require("unhomoglyph/data.json");
const confusablesVersion = require("unhomoglyph/package.json").version;

const OTHER = "?";
const SEPARATOR = "_";
const NOTHING = "-";

/** Symbol to the characters that are drawn like it, or are used in its place. */
const LOOK_ALIKES = {
  a: "æÆᴀɑⱭɐȺⱥ" + "аАӕӔ" + "αΑ",
  b: "ʙƀɃɓƁƄƅ" + "вВьЬ" + "βΒϐ",
  c: "ᴄƈƇȼȻɕ" + "сС" + "ϲϹ",
  d: "ᴅđĐðÐɖƉɗƊȡƌƋ" + "ԁԀ",
  e: "ᴇəƏǝƎɘɛƐɇɆ" + "еЕєЄэЭ" + "εΕϵ",
  f: "ꜰƒƑ",
  g: "ɢɡɠƓǥǤ",
  h: "ʜħĦɦⱨⱧ" + "һҺнНԋ" + "Η",
  i: "ɪıɩƖɨƗ" + "іІ" + "ιΙ",
  j: "ᴊȷɉɈ" + "јЈ" + "ϳͿ",
  k: "ᴋĸƙƘⱪⱩ" + "кКқҚҝҜ" + "κΚϰ",
  l: "ʟłŁƚȽɫɬɭⱢ" + "ӏӀ",
  m: "ᴍɱⱮ" + "мМ" + "Μ",
  n: "ɴŋŊɲƝƞȠȵɳ" + "пП" + "ηΝ",
  o: "ᴏœŒøØɵƟɔƆ" + "оОөӨ" + "οΟσ",
  p: "ᴘþÞƥƤᵽⱣ" + "рР" + "ρΡϱ",
  q: "ꞯɋɊʠ" + "ԛԚ",
  r: "ʀɍɌɽⱤɾɼ" + "гГяЯ",
  s: "ꜱßẞſʂȿ" + "ѕЅ" + "ς",
  t: "ᴛŧŦƫƭƬʈƮȾⱦȶ" + "тТ" + "τΤ",
  u: "ᴜʉɄ" + "цЦ" + "υμ",
  v: "ᴠʋƲ" + "ѵѴ" + "ν",
  w: "ᴡɯʍⱳⱲ" + "ԝԜшШ" + "ω",
  x: "хХҳҲ" + "χΧ",
  y: "ʏƴƳɏɎ" + "уУүҮұҰ" + "γΥ",
  z: "ᴢƶƵȥȤɀⱬⱫʐʑ" + "Ζ",
  3: "зЗʒƷ",
  // Braille blank; modifier letters that stand for an apostrophe or a stress mark.
  [SEPARATOR]: "\u2800\u02B9\u02BA\u02BB\u02BC\u02BD\u02C8\u02CA\u02CB\uA78C",
};
const ranges = [
  [0x249c, 26], // parenthesised small letters
  [0x1f110, 26], // parenthesised capital letters
  [0x1f150, 26], // negative circled capital letters
  [0x1f170, 26], // negative squared capital letters
  [0x1f1e6, 26], // regional indicators, of which flags are made
];

const lookAlikes = new Map();
const claim = (point, symbol) => {
  if (point < 0x80 || lookAlikes.has(point))
    throw new Error(`look-alike U+${point.toString(16)} twice or ASCII`);
  lookAlikes.set(point, symbol);
};
for (const [symbol, characters] of Object.entries(LOOK_ALIKES)) {
  for (const character of characters) claim(character.codePointAt(0), symbol);
}
for (const [first, count] of ranges) {
  for (let i = 0; i < count; i++) claim(first + i, String.fromCharCode(97 + i));
}

const one = (text) => ([...text].length === 1 ? text.codePointAt(0) : -1);
const ascii = (point) => {
  const character = String.fromCharCode(point);
  if (/[A-Za-z0-9]/.test(character)) return character.toLowerCase();
  return character === "$" ? OTHER : SEPARATOR;
};
const isNothing = /^[\p{Mn}\p{Mc}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;
const isMark = /[\p{Mn}\p{Mc}\p{Me}]/gu;
const isSeparator = /^[\p{P}\p{Z}\p{Cc}\p{Sm}]$/u;

/** Digits come in runs of ten, in order of their value. */
const digitValue = new Map();
for (let point = 0, run = 0; point <= 0x110000; point++) {
  if (point < 0x110000 && /^\p{Nd}$/u.test(String.fromCodePoint(point))) digitValue.set(point, run++ % 10);
  else if (run % 10 !== 0) throw new Error(`digits before U+${point.toString(16)} are no multiple of ten`);
  else run = 0;
}

function foldOf(point) {
  if (point < 0x80) return ascii(point);
  const character = String.fromCodePoint(point);
  if (/^\p{Sc}$/u.test(character)) return OTHER;
  if (isNothing.test(character)) return NOTHING;
  if (lookAlikes.has(point)) return lookAlikes.get(point);
  const base = character.normalize("NFKD").replace(isMark, "");
  const basePoint = one(base);
  if (basePoint >= 0 && basePoint < 0x80) return ascii(basePoint);
  if (digitValue.has(point)) return String(digitValue.get(point));
  if (lookAlikes.has(basePoint)) return lookAlikes.get(basePoint);
  const target = confusables[character] ?? (basePoint >= 0 ? confusables[base] : undefined);
  if (target !== undefined) {
    const bare = target.normalize("NFD").replace(isMark, "");
    if (/^[A-Za-z0-9]$/.test(bare)) return bare.toLowerCase();
    const known = lookAlikes.get(one(bare));
    if (known !== undefined && known !== SEPARATOR) return known;
  }
  return isSeparator.test(character) ? SEPARATOR : OTHER;
}

/** Runs of one symbol: its character, then the length in base 26 with digits A to Z; no length means 1. */
function encode() {
  const base26 = (n) => (n < 26 ? "" : base26(Math.floor(n / 26))) + String.fromCharCode(65 + (n % 26));
  let text = "";
  let previous = foldOf(0);
  let length = 1;
  for (let point = 1; point <= 0x110000; point++) {
    const symbol = point < 0x110000 ? foldOf(point) : "";
    if (symbol === previous) {
      length++;
      continue;
    }
    // Two of the same are shorter written twice.
    text += length === 2 ? previous + previous : previous + (length === 1 ? "" : base26(length));
    previous = symbol;
    length = 1;
  }
  return text;
}

const lines = encode().match(/.{1,100}/g);
const source = `/**
 * The table of the fold. GENERATED by test/tools/make-fold-table.mjs, which states the rules; don't edit.
 *
 * Promise: a fixed function from all 0x110000 code points to symbols, the same in every engine. Nothing at run
 * time uses normalize(), toLowerCase() or Unicode property escapes, since their answers change with the
 * engine's Unicode version and with neighbouring characters. A test pins the hash of the whole mapping.
 *
 * Made with Unicode ${process.versions.unicode} and the confusables of unhomoglyph ${confusablesVersion}. Derived from data files
 * of Unicode, Inc. (Unicode License v3).
 */

/** Changes whenever any code point folds to something else. Part of a model's identity. */
export const FOLD_VERSION = "${FOLD_VERSION}";

/**
 * Runs in order of code points: a character for the symbol (a..z, 0..9, "${OTHER}" OTHER, "${SEPARATOR}" the separator, "${NOTHING}" nothing),
 * then the length of the run in base 26 with the digits A..Z; no length means 1.
 */
export const FOLD_RUNS: string = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`;

if (process.argv.includes("--check")) {
  if (readFileSync(FILE, "utf8") !== source) {
    process.stderr.write("src/text/fold-table.ts isn't what make-fold-table.mjs makes\n");
    process.exitCode = 1;
  }
} else {
  writeFileSync(FILE, source);
  process.stdout.write(`${source.length} characters\n`);
}
