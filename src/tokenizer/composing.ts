/**
 * Which characters take part in canonical composition or reordering.
 *
 * Theorem. Let d be a text of characters that are their own decomposition and for which `standsAlone` is true. Then, for
 * all L and R, NFC(L d R) = NFC(L) d NFC(R), and so for NFD, NFKC and NFKD.
 * Proof. Characters outside \p{M} have combining class 0, so nothing is reordered across one. A composition replaces two
 * characters by a third, whose canonical decomposition begins with the full decomposition of the one and ends with that
 * of the other. `TAKING_PART` holds all characters of full decompositions of others, and a character that
 * isn't its own decomposition isn't in d. So no character of d composes with anything, and as starters they keep what is
 * before from what is behind. (Decomposing alone needs only the first.)
 */

let takingPart: ReadonlySet<number> | undefined;

/** @param composes whether the form is NFC or NFKC */
export function standsAlone(text: string, composes: boolean): boolean {
  if (/\p{M}/u.test(text)) return false;
  if (!composes) return true;
  takingPart ??= partsOfComposites();
  for (const character of text) if (takingPart.has(character.codePointAt(0)!)) return false;
  return true;
}

function partsOfComposites(): ReadonlySet<number> {
  const found = new Set<number>();
  for (let point = 0; point < 0x110000; point++) {
    const character = String.fromCodePoint(point);
    const parts = character.normalize("NFD");
    if (parts !== character) for (const part of parts) found.add(part.codePointAt(0)!);
  }
  return found;
}

/**
 * Whether a character has a canonical combining class other than 0, asked of `normalize`: U+0334 has class 1, U+0345 has
 * 240, the highest; of two with such classes the lower one comes first.
 */
export function isReordered(character: string): boolean {
  const behind = `${character}\u0334`;
  const before = `\u0345${character}`;
  return behind.normalize("NFD") !== behind || before.normalize("NFD") !== before;
}
