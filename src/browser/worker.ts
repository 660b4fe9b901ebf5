/** The module worker that certifies, so that a page never waits: `serve` behind the worker's own messages. */
import type { Message } from "./protocol.js";
import { serve } from "./serve.js";

interface WorkerScope {
  onmessage: ((event: MessageEvent<Message>) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
const handle = serve((reply) => scope.postMessage(reply));
scope.onmessage = (event) => handle(event.data);
