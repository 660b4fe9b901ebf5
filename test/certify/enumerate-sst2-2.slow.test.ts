/** Method `enumerate` on real Transformers: sentences 16 to 31. */
import { enumerateOnSst2 } from "./enumerate-sst2.js";

enumerateOnSst2(16, 32);
