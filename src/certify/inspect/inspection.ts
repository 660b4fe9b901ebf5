/**
 * What each layer contributes to the bound of one edit, as plain data.
 *
 * Promise: `loss` is the margin over `rival` less the bound, and the losses of `layers` add up to it (to rounding), as their shares do to 1.
 * A bound is never above the least margin of the texts it is about. Numbers without bound are Infinity, which JSON writes as null.
 */
import type { Threat } from "../../edits/threat.js";
import type { ModelIdentity, Prediction } from "../../model/classifier.js";

export const INSPECTED_KINDS = ["additive", "transformer", "encoder", "lipslev", "black box"] as const;
export type InspectedKind = (typeof INSPECTED_KINDS)[number];

/** How far tokens (or windows) that stay are moved: the farthest one, and all together; Euclidean length. */
export interface Size {
  readonly largest: number;
  readonly total: number;
}

export interface InspectedLayer {
  readonly name: string;
  /** Whether it was computed on the changed text itself, so that nothing is lost by a bound. */
  readonly computed: boolean;
  /** At most, for the worst edit; null where that is no length. */
  readonly entering: Size | null;
  readonly leaving: Size | null;
  /** The constant: what leaves over what enters, by the bound; null where nothing enters. */
  readonly factor: number | null;
  /** What really left over what really entered, at the worst edit; null where it wasn't measured or nothing entered. */
  readonly measured: number | null;
  /** In units of the margin. It may be below 0: a layer whose bound makes good what another's lost. */
  readonly loss: number;
  /** loss over the whole loss; 0 where nothing is lost. */
  readonly share: number;
}

/** A place of the text and the worst that one edit there does. */
export interface InspectedSite {
  readonly kind: "word" | "gap";
  readonly text: string;
  /** Code points [begin, end) of the text. */
  readonly begin: number;
  readonly end: number;
  /** At most the margin after an edit here, over any rival. */
  readonly lower: number;
  /** The margin over the same rival, less `lower`. */
  readonly loss: number;
  /** What the place becomes by an edit that the bound finds worst; null where it names none. */
  readonly example: string | null;
}

/** The edit that the bound finds worst. */
export interface WorstEdit {
  /** The whole text after it. */
  readonly text: string;
  /** The margin over `rival` that the text really has. */
  readonly margin: number;
  /** Whether the model gives it another label: then no method can certify one edit. */
  readonly flips: boolean;
}

/** Something that would have to be otherwise for one edit to be certified, each by itself, all else as it is. */
export type NeededChange =
  /** The margin of the text: above `needed`. Below `now` where one edit is certified, and there is room. */
  | { readonly what: "margin"; readonly now: number; readonly needed: number }
  /**
   * What a layer makes of changes: at most `scale` times what its bound says, on every edit. `now` and `needed` are its constant; null where
   * it has none. `scale` null: nothing that this layer alone does is enough.
   */
  | {
      readonly what: "layer";
      readonly layer: string;
      readonly scale: number | null;
      readonly now: number | null;
      readonly needed: number | null;
      readonly measured: number | null;
    }
  /** These places must not be edited. */
  | { readonly what: "sites"; readonly sites: readonly string[]; readonly of: number };

export interface Inspection {
  readonly kind: InspectedKind;
  readonly model: ModelIdentity;
  readonly threat: Threat;
  /** Always 1. */
  readonly edits: 1;
  readonly prediction: Prediction;
  /** Unedited: the label's logit less the best other one. */
  readonly margin: number;
  /** The label that the bound is lowest over, and the unedited margin over it. */
  readonly rival: { readonly label: string; readonly margin: number };
  /** At most the margin of every text within one edit, by the layers; null where there is no such bound. */
  readonly bound: number | null;
  /** The least margin after one edit where every edit was looked at; null where not. */
  readonly least: number | null;
  /** Whether one edit is proven to keep the label, by the bound or by looking at every edit. */
  readonly certified: boolean;
  /** rival.margin - bound; null where there is no bound. */
  readonly loss: number | null;
  readonly worst: WorstEdit | null;
  readonly layers: readonly InspectedLayer[];
  /** The dearest first. */
  readonly sites: readonly InspectedSite[];
  readonly changes: readonly NeededChange[];
  /** What a reader should know of these figures, one sentence each. */
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** What each kind of model finds out; the door adds the rest. */
export type Findings = Omit<Inspection, "model" | "threat" | "edits" | "seconds">;

export type LayerFindings = Omit<InspectedLayer, "share">;

/** Layers with their shares of the loss. Where some are without bound, those share it all. */
export function shared(layers: readonly LayerFindings[]): InspectedLayer[] {
  const unbounded = layers.filter(({ loss }) => loss === Number.POSITIVE_INFINITY).length;
  const total = layers.reduce((sum, { loss }) => sum + loss, 0);
  return layers.map((layer) => {
    let share = total === 0 ? 0 : layer.loss / total;
    if (unbounded > 0) share = layer.loss === Number.POSITIVE_INFINITY ? 1 / unbounded : 0;
    return { ...layer, share };
  });
}

/** `needed` of the margin, for every model whose bias can be moved: all margins move with it. */
export function marginChange(margin: number, bound: number): NeededChange {
  return { what: "margin", now: margin, needed: margin - bound };
}

/** The places that one edit isn't certified at; empty if there are none. */
export function siteChange(sites: readonly InspectedSite[]): NeededChange[] {
  const open = sites.filter(({ lower }) => !(lower > 0));
  return open.length === 0 ? [] : [{ what: "sites", sites: open.map(({ text }) => text), of: sites.length }];
}
