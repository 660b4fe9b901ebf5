/** Every single bit of certificates of every kind: none can be flipped unnoticed. */
import { everyKind, expectNoBitToFlip } from "./certificates.js";

test.each([
  "exact",
  "native-blocks",
  "enumerate",
  "encoder-bounds",
  "lipslev",
  "attack",
  "failure",
  "strange",
])(
  "%s",
  async (kind) => {
    await expectNoBitToFlip((await everyKind())[kind]!, 1);
  },
  60_000,
);
