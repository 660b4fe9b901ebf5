/**
 * What one edit can make of the embedded words of a text: of one word, of two neighbours that are joined, of a gap.
 *
 * Theorem. Let a folded text be words w_0 .. w_m, empty ones included, with a separator between each two. One edit that writes only
 * allowed symbols makes one of: a word w_i another word or two (`ofWord`), two neighbours one (`ofJoin`), an empty word a word of one
 * symbol (`ofWord` of ""). In each case the rows that come in place of the rows of the words concerned are in the list given.
 * Proof. Deleting, writing over or inserting a letter of a word, a separator written over a letter or inserted, which ends the
 * word there and begins another; a separator deleted or written over by a letter. There are no other single edits.
 * Lists are in the order of the text. They hold each distinct set of rows once, each distinct order of them where the model knows one, and
 * none that are the rows there were. That nothing embedded comes is listed wherever
 * it changes anything: only words that are embedded are looked for, so that no other change has to be written out.
 */
import { isWindowed } from "../../layers/windows.js";
import type { NativeTransformer } from "../../model/native-transformer.js";
import { SEPARATOR, SYMBOL_CHARACTERS, WORD_SYMBOLS } from "../../text/symbols.js";
import { type Added, EmbeddedWords } from "./embedded-words.js";
import { byTwo, type Pieces, pieces } from "./many-changes.js";

/** Lists, or crowds, kept by each of the maps. */
const MOST_KEPT = 2_000_000;

export class WordChanges {
  private readonly letters: ReadonlySet<number>;
  private readonly splits: boolean;
  /** Whether lists of the same rows in another order are others. */
  private readonly ordered: boolean;
  private readonly known = new Map<string, readonly Added[]>();
  private readonly joins = new Map<string, readonly Added[]>();
  private readonly twos = new Map<string, readonly Added[]>();
  private readonly crowds = new Map<string, readonly Pieces[]>();
  private readonly words: EmbeddedWords;

  /** @param allowed [symbols] 1 for those that may be written */
  constructor(
    private readonly model: NativeTransformer,
    allowed: Uint8Array,
  ) {
    const letters = SYMBOL_CHARACTERS.slice(0, WORD_SYMBOLS).filter((_, symbol) => allowed[symbol] === 1);
    this.letters = new Set(letters.map((letter) => letter.charCodeAt(0)));
    this.splits = allowed[SEPARATOR] === 1;
    this.ordered = model.blocks.some(({ attention }) => isWindowed(attention));
    this.words = new EmbeddedWords(model);
  }

  /** One or two edits that make neighbouring words one block. */
  of(words: readonly string[], edits: number): readonly Added[] {
    if (edits === 1) return words.length === 1 ? this.ofWord(words[0]!) : this.ofJoin(words[0]!, words[1]!);
    const joined = words.join("");
    return kept(this.twos, `${words.length} ${joined}`, () =>
      byTwo(this.model, this.words, joined, words.length, this.splits, this.ordered),
    );
  }

  /** Three and more edits that make neighbouring words one block, or two. */
  pieces(words: readonly string[], edits: number): readonly Pieces[] {
    const joined = words.join("");
    return kept(this.crowds, `${edits} ${words.length} ${joined}`, () =>
      pieces(this.words, joined, words.length, edits),
    );
  }

  /** One edit inside a word, or where there is none (""). */
  ofWord(word: string): readonly Added[] {
    return kept(this.known, word, () => this.changes(word));
  }

  /** Two neighbouring words made one: the separator between them deleted or written over. */
  ofJoin(before: string, after: string): readonly Added[] {
    return kept(this.joins, `${before} ${after}`, () => {
      const found = new Distinct(rowsOf(this.model.rowOf(before), this.model.rowOf(after)), this.ordered);
      found.add([]);
      const node = this.words.follow(0, before, 0);
      if (node < 0) return found.lists;
      found.add(rowsOf(this.words.rowAt(this.words.follow(node, after, 0)), -1));
      this.written(found, node, after, 0, 0);
      return found.lists;
    });
  }

  private changes(word: string): readonly Added[] {
    const { words, model } = this;
    const found = new Distinct(rowsOf(model.rowOf(word), -1), this.ordered);
    found.add([]);
    // [i] row of what begins with letter i.
    const suffixes = Array.from({ length: word.length + 1 }, (_, i) =>
      word.length - i > words.longest ? -1 : model.rowOf(word.slice(i)),
    );
    let node = 0;
    let before = -1;
    for (let i = 0; i <= word.length; i++) {
      if (node >= 0) {
        this.written(found, node, word, i, Math.min(i + 1, word.length));
        if (i < word.length) found.add(rowsOf(words.rowAt(words.follow(node, word, i + 1)), -1));
        before = words.rowAt(node);
      } else before = -1;
      if (this.splits) {
        found.add(rowsOf(before, suffixes[i]!));
        if (i < word.length) found.add(rowsOf(before, suffixes[i + 1]!));
      }
      if (i < word.length && node >= 0) node = words.child(node, word.charCodeAt(i));
    }
    return found.lists;
  }

  /** What a letter written at a node makes, with what is left of `word` from `from` or from `to` on. */
  private written(found: Distinct, node: number, word: string, from: number, to: number): void {
    const { words } = this;
    for (let child = words.first(node); child >= 0; child = words.next(child)) {
      if (!this.letters.has(words.letter(child))) continue;
      found.add(rowsOf(words.rowAt(words.follow(child, word, from)), -1));
      if (to !== from) found.add(rowsOf(words.rowAt(words.follow(child, word, to)), -1));
    }
  }
}

function kept<T extends { readonly length: number }>(known: Map<string, T>, key: string, make: () => T): T {
  let found = known.get(key);
  if (found === undefined) {
    found = make();
    KEPT.set(known, (KEPT.get(known) ?? 0) + 1 + found.length);
    if (KEPT.get(known)! > MOST_KEPT) {
      known.clear();
      KEPT.set(known, found.length);
    }
    known.set(key, found);
  }
  return found;
}

/** Lists in each of the maps. */
const KEPT = new WeakMap<Map<string, unknown>, number>();

function rowsOf(a: number, b: number): Added {
  if (a >= 0) return b >= 0 ? [a, b] : [a];
  return b >= 0 ? [b] : [];
}

/** Distinct lists of at most two rows: in whatever order, or in theirs. */
class Distinct {
  readonly lists: Added[] = [];
  private readonly seen = new Set<number>();

  constructor(
    unchanged: Added,
    private readonly ordered: boolean,
  ) {
    this.seen.add(this.keyOf(unchanged));
  }

  add(rows: Added): void {
    const key = this.keyOf(rows);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.lists.push(rows);
  }

  private keyOf(rows: Added): number {
    const [a = -1, b = -1] = rows;
    return this.ordered ? a * 2 ** 26 + b : Math.min(a, b) * 2 ** 26 + Math.max(a, b);
  }
}
