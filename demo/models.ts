/**
 * The models that the page can be asked about: those that came with it and those that a user gave it, each loaded into a
 * worker once it is chosen.
 *
 * Promise: one worker at a time; a model that can't be loaded leaves the one before it in place.
 */
import { type Certifier, type FolderFiles, type ModelSource, openCertifier } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import { runtime } from "./runtime.js";

/** Those in models/, with what they tell apart. */
const SHIPPED: readonly (readonly [string, string])[] = [
  ["sms-spam", "sms-spam: ham or spam"],
  ["sst2", "sst2: film reviews"],
];

export interface Models {
  readonly has: (name: string) => boolean;
  /** The certifier of a model; the one before it ends once this one is there. */
  readonly choose: (name: string) => Promise<Certifier>;
  /** Another worker with the same model. */
  readonly another: (name: string) => Promise<Certifier>;
  readonly add: (files: FolderFiles) => void;
}

export function models(): Models {
  const select = byId<HTMLSelectElement>("model");
  const own = new Map<string, FolderFiles>();
  let current: { readonly name: string; readonly certifier: Promise<Certifier> } | null = null;
  for (const [name, words] of SHIPPED) select.append(make("option", { value: name }, words));
  const sourceOf = (name: string): ModelSource => own.get(name) ?? `models/${name}`;
  return {
    has: (name) => own.has(name) || SHIPPED.some(([shipped]) => shipped === name),
    choose(name) {
      if (current?.name === name) return current.certifier;
      const before = current;
      const certifier = openCertifier(sourceOf(name), { runtime });
      current = { name, certifier };
      const mine = current;
      certifier.then(
        () => {
          before?.certifier.then((old) => old.close()).catch(() => {});
          if (current !== mine) certifier.then((late) => late.close());
        },
        () => {
          if (current === mine) current = before;
        },
      );
      return certifier;
    },
    another: (name) => openCertifier(sourceOf(name), { runtime }),
    add(files) {
      if (current?.name === files.name) {
        current.certifier.then((old) => old.close()).catch(() => {});
        current = null;
      }
      if (!own.has(files.name)) select.append(make("option", { value: files.name }, `${files.name}: yours`));
      own.set(files.name, files);
    },
  };
}
