/** The page's elements, found by id and made by name; texts only, never markup, so nothing typed can become part of the page. */

/** @throws Error if the page has no such element */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as T;
}

const widths = new Map<string, number>();
const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) widths.set(target.id, contentRect.width);
});

/** Of an element, in pixels; known without making the browser lay the page out, but for the first time. */
export function widthOf(id: string): number {
  const known = widths.get(id);
  if (known !== undefined) return known;
  const element = byId(id);
  observer.observe(element);
  widths.set(id, element.clientWidth);
  return element.clientWidth;
}

type Attributes = Readonly<Record<string, string | number | boolean | null>>;

export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(name), attributes, children);
}

export function makeSvg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly (Node | string)[],
): E {
  for (const [key, value] of Object.entries(attributes))
    if (value !== null && value !== false) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** A file for the user to keep. */
export function download(name: string, parts: string[], type: string): void {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = make("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
