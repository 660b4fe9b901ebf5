/**
 * Makes characters that can't be seen, or that would steer a terminal, visible.
 *
 * Promise: what comes back holds no control character, no format character, no line break and no lone
 * surrogate, so printing it can't change anything but the place where it stands.
 */

/** Controls, format characters, surrogates, private and unassigned ones, line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
/** Invisible on their own or hard to tell from a neighbour: marks, spaces other than the plain one. */
const UNCLEAR = /[\p{M}\p{Zs}]/u;

/** The code point in the notation of the Unicode standard, such as U+200B. */
export function codePointName(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Running text on one line: line breaks and tabs become a space, other unseen characters <U+200B>. */
export function visible(text: string): string {
  let shown = "";
  for (const character of text.replace(/\r\n|[\n\r\t]/g, " ")) {
    shown += UNSEEN.test(character) ? `<${codePointName(character)}>` : character;
  }
  return shown;
}

/**
 * Characters that matter one by one, as in an edit: unseen and unclear ones by their code point, and what
 * looks like ASCII but may not be with the code point behind it.
 */
export function explicit(text: string): string {
  let shown = "";
  for (const character of text) {
    const ascii = character >= " " && character <= "~";
    if (ascii) shown += character;
    else if (UNSEEN.test(character) || UNCLEAR.test(character)) shown += `<${codePointName(character)}>`;
    else shown += `${character}<${codePointName(character)}>`;
  }
  return shown;
}

/** At most `length` code points, the last one "…" if something was cut. */
export function shorten(text: string, length: number): string {
  let taken = 0;
  let end = 0;
  let cut = 0;
  for (const character of text) {
    taken++;
    if (taken === length) cut = end;
    if (taken > length) return `${text.slice(0, cut)}…`;
    end += character.length;
  }
  return text;
}
