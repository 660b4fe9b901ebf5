/** Method `enumerate` on real Transformers: sentences 0 to 15. */
import { enumerateOnSst2 } from "./enumerate-sst2.js";

enumerateOnSst2(0, 16);
