/**
 * Keeps the page, so that it works without a network once it was loaded, and isolates it from other origins, which browsers
 * ask for before a page may use several threads, on hosts that can't send the headers for it.
 *
 * Promise: it answers for this page's own files only, from what was kept of this very build; what wasn't kept is fetched
 * and then kept. A new build has a new name, and takes over when no page of the old one is open any more.
 */
const CACHE = "CACHE";
const FILES = ["FILES"];
const scope = new URL("./", self.location.href);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(["./", ...FILES])));
});

self.addEventListener("activate", (event) => {
  const others = async () => {
    for (const name of await caches.keys())
      if (name.startsWith("typoproof-") && name !== CACHE && name.length === CACHE.length)
        await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(others());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname))
    return;
  event.respondWith(answer(request, url));
});

async function answer(request, url) {
  const cache = await caches.open(CACHE);
  const key = request.mode === "navigate" && url.pathname === scope.pathname ? "./" : url.pathname;
  const kept = await cache.match(key, { ignoreSearch: true });
  if (kept !== undefined) return isolated(kept);
  const response = await fetch(request);
  if (response.ok && response.status === 200) await cache.put(key, response.clone()).catch(() => {});
  return isolated(response);
}

function isolated(response) {
  if (response.type === "opaque" || response.type === "error" || response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
