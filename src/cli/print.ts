/** Writes a text to standard output and waits until it is taken. */
import { streamSink } from "../node/output/sinks.js";
import type { Io } from "./io.js";

export async function print(io: Io, text: string): Promise<void> {
  const sink = streamSink(io.stdout);
  await sink.write(text);
  await sink.close();
}
