/**
 * `inspect` of a LipsLev model: the constant of one edit by embedding, convolution and head, and what single edits really do.
 *
 * Promise: `bound` is margin less the cost of any one edit (certify/lipslev/constants.ts) and what rounding may take, over the worst rival; `certified`
 * is that of the method `lipschitz`, which looks at every single edit where the constant isn't enough.
 */
import type { Alphabet } from "../../edits/alphabet.js";
import type { LipslevModel } from "../../model/lipslev.js";
import { writable } from "../../model/lipslev-characters.js";
import { multiplyUp, subtractDown } from "../../numeric/rounding.js";
import type { TextEdit } from "../../tokenizer/reach.js";
import { type Budget, LimitReached } from "../exact/budget.js";
import { editCosts, normCosts, worstCost } from "../lipslev/constants.js";
import { certifyLipslev } from "../lipslev/lipslev.js";
import { roundingAllowance } from "../lipslev/rounding.js";
import { type IdEdit, SingleEdits } from "../lipslev/single-edits.js";
import type { Findings, NeededChange } from "./inspection.js";
import { marginChange, shared, siteChange } from "./inspection.js";
import { headNorm, lipslevLayers } from "./lipslev-chain.js";
import { Places, SiteTable } from "./places.js";

export function inspectLipslev(
  model: LipslevModel,
  text: string,
  alphabet: Alphabet,
  budget: Budget,
  limits: {
    readonly seconds?: number | undefined;
    readonly signal?: { readonly aborted: boolean } | undefined;
  },
): Findings {
  const read = model.read(text);
  const { ids } = read;
  const logits = model.logits(ids);
  const prediction = model.prediction(logits);
  const winner = prediction.index;
  const rivals = model.labels.map((_, y) => y).filter((y) => y !== winner);
  const over = (rival: number) => logits[winner]! - logits[rival]!;
  const cut = ids.length + 1 > model.maxCharacters;
  const bounds = rivals.map((rival) => {
    const cost = worstCost(editCosts(model, winner, rival), cut);
    const allowance = 2 * roundingAllowance(model, winner, rival, ids.length + 2);
    const bound = subtractDown(subtractDown(over(rival), multiplyUp(1, cost)), allowance);
    return { rival, cost, allowance, bound };
  });
  const least = bounds.reduce((a, b) => (b.bound < a.bound ? b : a));
  const { rival, bound } = least;
  const notes: string[] = [];
  const sites = new SiteTable(new Places(text));
  const codePointOf = writable(model.characters, alphabet);
  let worst: { edit: IdEdit; margin: number } | null = null;
  let found = Number.POSITIVE_INFINITY;
  let complete = true;
  try {
    const search = new SingleEdits(model, ids, winner, rivals, [...codePointOf.keys()]);
    const r = rivals.indexOf(rival);
    search.run((kind, at, id, margins) => {
      if (id === 0 || id === codePointOf.keys().next().value) budget.check();
      const edit: IdEdit = kind === "delete" ? { kind, at } : { kind, at, id };
      if (worst === null || margins[r]! < worst.margin) worst = { edit, margin: margins[r]! };
      let lowest = 0;
      for (let y = 1; y < margins.length; y++) if (margins[y]! < margins[lowest]!) lowest = y;
      found = Math.min(found, margins[lowest]!);
      sites.add(
        textEdit(read, edit, codePointOf),
        margins[lowest]!,
        over(rivals[lowest]!) - margins[lowest]!,
      );
      return true;
    });
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    complete = false;
    notes.push(`Only a part of the single edits was looked at: ${error.message}.`);
  }
  const single = certifyLipslev(model, text, alphabet, 1, { ...limits, attack: false });
  const certified = single.verdict.certified === 1;
  if (certified && !(bound > 0))
    notes.push("The constant alone isn't enough here; every single edit was looked at, and none breaks it.");
  const [byNorms, used] = [worstCost(normCosts(model, winner, rival), cut), least.cost];
  if (used < byNorms)
    notes.push(
      `By norms alone an edit may cost ${byNorms.toPrecision(3)}; with the signs of the head's weights it is ${used.toPrecision(3)}, which is what is used.`,
    );
  const lastly = worst as { edit: IdEdit; margin: number } | null;
  const places = complete ? sites.sites() : [];
  const none = { entering: null, leaving: null, factor: null, measured: null };
  const changed = lastly === null ? null : sites.places.edited(textEdit(read, lastly.edit, codePointOf));
  const loss = over(rival) - bound;
  const layers = lastly === null ? [] : lipslevLayers(model, ids, lastly.edit, cut, winner, rival);
  const explained = layers.reduce((sum, layer) => sum + layer.loss, 0);
  return {
    kind: "lipslev",
    prediction,
    margin: Math.min(...rivals.map(over)),
    rival: { label: model.labels[rival]!, margin: over(rival) },
    bound,
    least: complete ? Math.min(found, ...rivals.map(over)) : null,
    certified,
    loss,
    worst:
      lastly === null || changed === null
        ? null
        : { text: changed, margin: lastly.margin, flips: model.predict(changed).index !== winner },
    layers: shared([...layers, { name: "rounding", computed: false, ...none, loss: loss - explained }]),
    sites: places,
    changes: [
      marginChange(over(rival), bound),
      ...(bound > 0 ? [] : factorChanges(model, winner, bounds, over)),
      ...siteChange(places),
    ],
    notes,
  };
}

interface RivalBound {
  readonly rival: number;
  readonly cost: number;
  readonly allowance: number;
}

/** The cost is a product, so it shrinks as any one of its factors does. */
function factorChanges(
  model: LipslevModel,
  winner: number,
  bounds: readonly RivalBound[],
  over: (rival: number) => number,
): NeededChange[] {
  let scale: number | null = 1;
  let tightest = bounds[0]!.rival;
  for (const { rival, cost, allowance } of bounds) {
    const room = over(rival) - allowance;
    const most: number = room > 0 ? (room / cost) * (1 - 2 ** -40) : -1;
    if (scale !== null && most < scale) {
      tightest = rival;
      scale = most < 0 ? null : most;
    }
  }
  const { distance, kernel } = model.norms;
  const factors: readonly [string, number][] = [
    ["embedding", distance],
    ["convolution", kernel],
    ["head", headNorm(model, winner, tightest)],
  ];
  return factors.map(([layer, now]) => ({
    what: "layer",
    layer,
    scale,
    now,
    needed: scale === null ? null : now * scale,
    measured: null,
  }));
}

/** The edit in the text itself (the lifting theorem in model/lipslev-characters.ts). */
function textEdit(
  { source, points }: { readonly source: Int32Array; readonly points: Uint32Array },
  edit: IdEdit,
  codePointOf: ReadonlyMap<number, number>,
): TextEdit {
  const at = edit.at < source.length ? source[edit.at]! : points.length;
  if (edit.kind === "delete") return { at, remove: 1, insert: -1 };
  return { at, remove: edit.kind === "insert" ? 0 : 1, insert: codePointOf.get(edit.id)! };
}
