/**
 * Packages that may be missing: large ones, which only some models need.
 *
 * Promise: nothing of them is loaded before it is asked for, and the program builds without them.
 */

/** The package, or null where it isn't installed or doesn't work on this platform, with the reason in `why`. */
export async function optionalPackage<T>(
  name: string,
): Promise<{ module: T } | { module: null; why: string }> {
  try {
    // Not a literal, so that a build without the package finds nothing to resolve.
    return { module: (await import(name)) as T };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const absent =
      code === "ERR_MODULE_NOT_FOUND" ||
      code === "MODULE_NOT_FOUND" ||
      /^Cannot find (module|package)/.test(message);
    return { module: null, why: absent ? "it isn't installed" : message.split("\n")[0]!.trim() };
  }
}
