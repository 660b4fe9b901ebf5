/**
 * Packages that may be missing: large ones, which only some models need.
 *
 * Promise: nothing of them is loaded before it is asked for, and the program builds without them.
 */

export type Optional<T> =
  | { readonly module: T }
  /** Not installed (`absent`), or it doesn't work on this platform. */
  | { readonly module: null; readonly absent: boolean; readonly why: string };

export async function optionalPackage<T>(name: string): Promise<Optional<T>> {
  try {
    // Not a literal, so that a build without the package finds nothing to resolve.
    return { module: (await import(name)) as T };
  } catch (error) {
    const message = String((error as Error)?.message ?? error)
      .split("\n")[0]!
      .trim();
    const absent = /^Cannot find (module|package) /.test(message) && message.includes(`'${name}'`);
    return { module: null, absent, why: absent ? "it isn't installed" : message };
  }
}
