import { openCertifier } from "../src/browser/index.js";
import { runtime } from "./runtime.js";

const c = await openCertifier("models/sms-spam", { runtime });
document.getElementById("out")!.textContent = JSON.stringify(
  [c.model, await c.certify("Free entry in 2 a wkly comp", { edits: 2 })],
  null,
  1,
);
