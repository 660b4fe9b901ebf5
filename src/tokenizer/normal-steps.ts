/**
 * A normaliser as steps that a character is followed through, whatever stands around it.
 *
 * A step tells of a text t (what the character has become) that for all L and R its function f gives
 *
 *     f(L t R) = X `text` Y,   where X and Y depend on L, on R and on `seen`, but not otherwise on t,    if `more`;
 *     f(L t R) = f(L `text` R)                                                                          if not.
 *
 * So two characters that reach a step with equal texts, having been seen alike, give equal results in every place, and
 * so do those of which a step says `more: false` with equal texts. An empty `text` ends the way: what follows sees
 * nothing of it.
 */
import { isReordered, standsAlone } from "./composing.js";
import { type Part, sequence } from "./huggingface-parts.js";

export interface Stepped {
  readonly text: string;
  readonly more: boolean;
  readonly seen?: string;
}

export type Step = (text: string) => Stepped;

/** The steps of a normaliser; one that isn't known lets nothing through. */
export function stepsOf(normalizer: Part | null): readonly Step[] {
  return sequence(normalizer, "normalizers").flatMap(partSteps);
}

function partSteps({ type, ...options }: Part): readonly Step[] {
  switch (type) {
    case "BertNormalizer":
      return bertSteps(options);
    case "Lowercase":
      return [lower];
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return [unicodeForm(type)];
    case "StripAccents":
      return [each((character) => (/\p{M}/u.test(character) ? "" : character))];
    case "Strip":
      return [strip];
    case "Precompiled":
      return [each(precompiled), apartFrom("\uff5e"), unicodeForm("NFKC")];
    case "Replace": {
      const wanted = (options.pattern as { String?: unknown } | null | undefined)?.String;
      return [typeof wanted === "string" && wanted !== "" ? apartFrom(wanted) : stop];
    }
  }
  return [stop];
}

const stop: Step = (text) => ({ text, more: false });

/** A function of single characters (code points). */
const each =
  (change: (character: string) => string): Step =>
  (text) => ({ text: Array.from(text, change).join(""), more: true });

/** A function that leaves everything but these characters as it is, without looking at anything else. */
const apartFrom =
  (characters: string): Step =>
  (text) => ({ text, more: ![...text].some((character) => characters.includes(character)) });

/** The ends are trimmed. A text that has no white space at its own ends stops it, as any other does. */
const strip: Step = (text) => ({ text, more: text.trim() === text });

/**
 * The only rule that looks at neighbours makes a sigma final, by which of them are cased and which are ignored for that.
 * A small sigma is like any other letter.
 */
const lower: Step = (text) =>
  text.includes("\u03a3")
    ? { text, more: false }
    : {
        text: text.toLowerCase(),
        more: true,
        seen: Array.from(
          text,
          (c) => `${Number(/\p{Cased}/u.test(c))}${Number(/\p{Case_Ignorable}/u.test(c))}`,
        ).join(),
      };

/** Texts with equal decompositions have equal forms, whatever stands around them: so decomposing comes first. */
function unicodeForm(form: "NFC" | "NFD" | "NFKC" | "NFKD"): Step {
  const decomposed = form === "NFC" ? "NFD" : form === "NFKC" ? "NFKD" : form;
  const composes = form !== decomposed;
  return (text) => {
    const parts = text.normalize(decomposed);
    return { text: parts, more: standsAlone(parts, composes) };
  };
}

/**
 * NFD and then no \p{Mn}. Reordering is stable, so a mark that is reordered changes nothing of the others' order, and is dropped in
 * the end. (One of combining class 0 would keep marks apart.)
 */
const withoutAccents: Step = (text) => {
  const kept = [...text.normalize("NFD")].filter((c) => !/\p{Mn}/u.test(c) || !isReordered(c)).join("");
  return { text: kept, more: standsAlone(kept, false) };
};

function bertSteps(options: Readonly<Record<string, unknown>>): readonly Step[] {
  const { clean_text, handle_chinese_chars, lowercase, strip_accents } = options;
  const accents = lowercase ? strip_accents !== false : Boolean(strip_accents);
  return [
    ...(clean_text ? [each(cleaned)] : []),
    ...(handle_chinese_chars ? [each(spacedChinese)] : []),
    ...(lowercase ? [lower] : []),
    ...(accents ? [withoutAccents] : []),
  ];
}

function cleaned(character: string): string {
  if (/[\t\n\r]/.test(character)) return " ";
  if (/[\ufffd\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(character)) return "";
  return /^\s$/.test(character) ? " " : character;
}

/** The library looks at UTF-16 units, so characters beyond U+FFFF get no spaces. */
function spacedChinese(character: string): string {
  return /^[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff]$/.test(character) ? ` ${character} ` : character;
}

function precompiled(character: string): string {
  const point = character.codePointAt(0)!;
  if ((point >= 1 && point <= 8) || point === 0x0b || (point >= 0x0e && point <= 0x1f)) return "";
  if (point === 0x7f || point === 0x8f || point === 0x9f) return "";
  return /[\t\n\f\r\u00A0\u1680\u2000-\u200F\u2028\u2029\u202F\u205F\u2581\u3000\uFEFF\uFFFD]/.test(character)
    ? " "
    : character;
}
