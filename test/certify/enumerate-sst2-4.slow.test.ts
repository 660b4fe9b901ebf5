/** Method `enumerate` on real Transformers: sentences 48 to 63. */
import { enumerateOnSst2 } from "./enumerate-sst2.js";

enumerateOnSst2(48, 64);
