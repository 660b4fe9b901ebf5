/** Registers the service worker that keeps the page, and says honestly whether it works without a network. */
import { byId } from "./dom.js";

export async function keepOffline(): Promise<void> {
  const said = byId("offline");
  if (!("serviceWorker" in navigator)) {
    said.textContent = "This browser can't keep it for use without a network here.";
    return;
  }
  try {
    await navigator.serviceWorker.register(new URL("./sw.js", document.baseURI), { scope: "./" });
    await navigator.serviceWorker.ready;
    said.textContent = "It is kept, and works without a network.";
    document.documentElement.dataset.offline = "ready";
  } catch {
    said.textContent = "It couldn't be kept for use without a network.";
  }
}
