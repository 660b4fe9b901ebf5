/** Method `enumerate` on real Transformers: sentences 32 to 47. */
import { enumerateOnSst2 } from "./enumerate-sst2.js";

enumerateOnSst2(32, 48);
