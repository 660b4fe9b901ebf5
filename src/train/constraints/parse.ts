/** Constraints as they are written in options: "none", "soft-cap:1", "soft-normalise:0.9:1.1". */
import { UserError } from "../../failure.js";
import type { Constraint } from "./constraint.js";
import { hammer } from "./hammer.js";
import { hardCap } from "./hard-cap.js";
import { normalise } from "./normalise.js";
import { orthogonal } from "./orthogonal.js";
import { softNormalise } from "./rising-margin.js";
import { softCap } from "./soft-cap.js";
import { spectralDecay } from "./spectral-decay.js";

interface Form {
  /** How it is written. */
  readonly form: string;
  /** Numbers that must, and that may, stand after the name. */
  readonly least: number;
  readonly most: number;
  readonly make: (...numbers: number[]) => Constraint | null;
}

const FORMS: Readonly<Record<string, Form>> = {
  none: { form: "none", least: 0, most: 0, make: () => null },
  "soft-cap": { form: "soft-cap:LIMIT", least: 1, most: 1, make: (c) => softCap(c!) },
  "hard-cap": { form: "hard-cap:LIMIT", least: 1, most: 1, make: (c) => hardCap(c!) },
  normalise: { form: "normalise:LIMIT", least: 1, most: 1, make: (c) => normalise(c!) },
  "soft-normalise": { form: "soft-normalise[:FROM[:TO]]", least: 0, most: 2, make: softNormalise },
  hammer: { form: "hammer:LIMIT", least: 1, most: 1, make: (c) => hammer(c!) },
  "spectral-decay": { form: "spectral-decay:RATE", least: 1, most: 1, make: (r) => spectralDecay(r!) },
  orthogonal: { form: "orthogonal", least: 0, most: 0, make: orthogonal },
};

/** How each constraint is written. */
export const CONSTRAINT_FORMS: readonly string[] = Object.values(FORMS).map(({ form }) => form);

/** Null for "none". @throws UserError with the text seen and the forms allowed */
export function parseConstraint(text: string): Constraint | null {
  const [name, ...parts] = text.split(":");
  const form = Object.hasOwn(FORMS, name!) ? FORMS[name!] : undefined;
  const numbers = parts.map((part) => (/^\d*\.?\d+(e[+-]?\d+)?$/i.test(part) ? Number(part) : Number.NaN));
  if (
    form === undefined ||
    parts.length < form.least ||
    parts.length > form.most ||
    numbers.some(Number.isNaN)
  )
    throw new UserError(
      `the constraint is ${JSON.stringify(text)}; allowed: ${CONSTRAINT_FORMS.join(", ")}`,
      2,
    );
  return form.make(...numbers);
}
