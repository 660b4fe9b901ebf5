/**
 * What a tokenizer's tokens are spelled with: the claims from which a superset of the tokens that edits can cause is
 * made without trying the edits.
 *
 * `units(text)` is what the text has become where tokens are matched: folded symbols, characters after the normaliser,
 * bytes. A tokenizer that offers a spelling claims for all texts u and v (distances are Levenshtein's)
 *
 *     1. distance(units(u), units(v)) <= spread * distance(u, v)
 *     2. each token of ids(u) has spelling null or one that is a substring of units(u)
 *     3. if distance(u, v) <= e then ids(u) has between `tokens(v, e).least` and `.most` tokens
 *
 * derived from its parts. Tokens with spelling null (unknown, special, bytes that stand for characters without a
 * token) can come from anything.
 */
export interface Spelling {
  units(text: string): ArrayLike<number>;
  readonly spread: number;
  /** Units of a token, or null. */
  of(id: number): ArrayLike<number> | null;
  /** How many tokens a text within `edits` edits of `text` has. */
  tokens(text: string, edits: number): { readonly least: number; readonly most: number };
}
