/**
 * What one edit can make of the embedded words of a text: of one word, of two neighbours that are joined, of a gap.
 *
 * Theorem. Let a folded text be words w_0 .. w_m, empty ones included, with a separator between each two. One edit that writes only
 * allowed symbols makes one of: a word w_i another word or two (`ofWord`), two neighbours one (`ofJoin`), an empty word a word of one
 * symbol (`ofWord` of ""). In each case the rows that come in place of the rows of the words concerned are in the list given.
 * Proof. Deleting, writing over or inserting a letter of a word, a separator written over a letter or inserted, which ends the
 * word there and begins another; a separator deleted or written over by a letter. There are no other single edits.
 * Lists hold each distinct set of rows once, and none that are the rows there were.
 */
import type { NativeTransformer } from "../../model/native-transformer.js";
import { SEPARATOR, SYMBOL_CHARACTERS, WORD_SYMBOLS } from "../../text/symbols.js";

/** Rows that come in place of others. */
export type Added = readonly number[];

const MOST_KEPT = 50_000;

export class WordChanges {
  private readonly letters: readonly string[];
  private readonly splits: boolean;
  private readonly known = new Map<string, readonly Added[]>();

  /** @param allowed [symbols] 1 for those that may be written */
  constructor(
    private readonly model: NativeTransformer,
    allowed: Uint8Array,
  ) {
    this.letters = SYMBOL_CHARACTERS.slice(0, WORD_SYMBOLS).filter((_, symbol) => allowed[symbol] === 1);
    this.splits = allowed[SEPARATOR] === 1;
  }

  /** One edit inside a word, or where there is none (""). */
  ofWord(word: string): readonly Added[] {
    let found = this.known.get(word);
    if (found === undefined) {
      found = this.changes(word);
      if (this.known.size >= MOST_KEPT) this.known.clear();
      this.known.set(word, found);
    }
    return found;
  }

  /** Two neighbouring words made one: the separator between them deleted or written over. */
  ofJoin(before: string, after: string): readonly Added[] {
    const found = new Distinct(this.rows(before, after));
    found.add(this.rows(before + after));
    for (const letter of this.letters) found.add(this.rows(before + letter + after));
    return found.lists;
  }

  private changes(word: string): readonly Added[] {
    const found = new Distinct(this.rows(word));
    for (let i = 0; i <= word.length; i++) {
      const before = word.slice(0, i);
      const after = word.slice(i);
      for (const letter of this.letters) found.add(this.rows(before + letter + after));
      if (this.splits) found.add(this.rows(before, after));
      if (i === word.length) break;
      const rest = word.slice(i + 1);
      found.add(this.rows(before + rest));
      for (const letter of this.letters) found.add(this.rows(before + letter + rest));
      if (this.splits) found.add(this.rows(before, rest));
    }
    return found.lists;
  }

  private rows(...words: readonly string[]): number[] {
    const rows: number[] = [];
    for (const word of words) {
      const row = this.model.rowOf(word);
      if (row >= 0) rows.push(row);
    }
    return rows;
  }
}

/** Distinct lists of at most two rows, in whatever order. */
class Distinct {
  readonly lists: Added[] = [];
  private readonly seen = new Set<number>();

  constructor(unchanged: Added) {
    this.seen.add(keyOf(unchanged));
  }

  add(rows: Added): void {
    const key = keyOf(rows);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.lists.push(rows);
  }
}

function keyOf(rows: Added): number {
  const [a = -1, b = -1] = rows;
  return Math.min(a, b) * 2 ** 26 + Math.max(a, b);
}
