/** Memory that is still in use, as opposed to memory that waits to be collected. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Collects garbage, then says what is left. */
export function memoryInUse(): NodeJS.MemoryUsage {
  collect();
  return process.memoryUsage();
}
