/**
 * How a LipsLev model reads a text: every code point is lower-cased on its own and looked up; what isn't listed is dropped.
 *
 * `characterId(c)` is the id of lower(c), where lower(c) is the lower case of c standing alone; 0 ("nothing") where
 * lower(c) isn't listed. Keys are single code points, so a code point whose lower case is several (U+0130 gives "i" and
 * a combining dot) is never listed and is dropped. Standing alone, a final sigma has no word to be final in.
 *
 * THEOREM (contraction). levenshtein(read(s), read(s')) <= levenshtein(s, s'), where read(s) is the sequence of ids.
 * Proof. A code point gives at most one id, whatever stands beside it. Deleting or inserting it deletes or inserts that
 * id, or changes nothing; substituting it substitutes, deletes or inserts one id, or changes nothing. Add the steps of a
 * shortest path up. (The fold of native models has the same property and proof: text/fold.ts.)
 *
 * THEOREM (lifting). If every id that e edits write into read(s) is the id of a code point of the alphabet, then e edits of
 * s, writing only such code points, give a text that reads as the edited ids: do at the code point that the id
 * came from what is done to the id. A written code point that gives nothing is a deletion, or changes nothing, so
 * `writable` leaves nothing out.
 */
import { type Alphabet, listAlphabet } from "../edits/alphabet.js";
import { UserError } from "../failure.js";
import { codePoints } from "../text/code-points.js";
import { type JsonObject, shown } from "./json.js";

/** Id (>= 1) of each listed code point. */
export type CharacterIds = ReadonlyMap<number, number>;

/** A text as ids, before it is cut. */
export interface ReadText {
  /** Each >= 1. */
  readonly ids: Int32Array;
  /** Index in `points` of the code point that each id came from; strictly increasing. */
  readonly source: Int32Array;
  readonly points: Uint32Array;
}

/**
 * @param rows of the embedding: ids are below this
 * @throws UserError unless the object maps single code points to different integers from 1 to rows - 1
 */
export function characterIds(object: JsonObject, rows: number): CharacterIds {
  const ids = new Map<number, number>();
  const taken = new Set<number>();
  for (const [key, id] of Object.entries(object)) {
    const points = codePoints(key);
    if (points.length !== 1)
      throw new UserError(`the key ${shown(key)} is ${points.length} code points; each must be exactly one`);
    if (!Number.isInteger(id) || (id as number) < 1 || (id as number) >= rows)
      throw new UserError(
        `${shown(key)} has the id ${shown(id)}; the embedding's ${rows} rows allow 1 to ${rows - 1}`,
      );
    if (taken.has(id as number)) throw new UserError(`${shown(key)} has the id ${id}, which another key has`);
    taken.add(id as number);
    ids.set(points[0]!, id as number);
  }
  if (ids.size === 0) throw new UserError("0 characters are listed; at least 1 is needed");
  return ids;
}

/** The id of a code point, 0 if it is dropped. */
export function characterId(ids: CharacterIds, point: number): number {
  const lower = String.fromCodePoint(point).toLowerCase();
  const first = lower.codePointAt(0)!;
  return lower.length === (first > 0xffff ? 2 : 1) ? (ids.get(first) ?? 0) : 0;
}

export function readCharacters(characters: CharacterIds, text: string): ReadText {
  const points = codePoints(text);
  const ids = new Int32Array(points.length);
  const source = new Int32Array(points.length);
  let length = 0;
  points.forEach((point, i) => {
    const id = characterId(characters, point);
    if (id === 0) return;
    ids[length] = id;
    source[length++] = i;
  });
  return { ids: ids.slice(0, length), source: source.slice(0, length), points };
}

const WRITABLE = new WeakMap<CharacterIds, WeakMap<Alphabet, ReadonlyMap<number, number>>>();

/** For each id that the alphabet can write, a code point of it to write: the listed one where it may be written. */
export function writable(characters: CharacterIds, alphabet: Alphabet): ReadonlyMap<number, number> {
  let known = WRITABLE.get(characters);
  if (known === undefined) {
    known = new WeakMap();
    WRITABLE.set(characters, known);
  }
  let found = known.get(alphabet);
  if (found === undefined) {
    found = findWritable(characters, alphabet);
    known.set(alphabet, found);
  }
  return found;
}

function findWritable(characters: CharacterIds, alphabet: Alphabet): Map<number, number> {
  const found = new Map<number, number>();
  for (const [point, id] of characters)
    if (alphabet.has(point) && characterId(characters, point) === id) found.set(id, point);
  if (found.size === characters.size) return found;
  for (const point of alphabet.codePoints()) {
    const id = characterId(characters, point);
    if (id !== 0 && !found.has(id)) found.set(id, point);
  }
  return found;
}

/** The alphabet `model`: the listed characters that a text can have. */
export function characterAlphabet(characters: CharacterIds): Alphabet {
  const points = [...characters.keys()].filter(
    (point) =>
      characterId(characters, point) === characters.get(point) && !(point >= 0xd800 && point <= 0xdfff),
  );
  return listAlphabet("model", points);
}
