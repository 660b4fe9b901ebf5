import { agNews, published, worstSingleEdits } from "./shared.js";
import { certifyLipslev } from "../../../src/certify/lipslev/lipslev.js";
import { normCosts, editCosts } from "../../../src/certify/lipslev/constants.js";
import { publishedRadius } from "../../../src/certify/lipslev/published.js";
import { characterAlphabet } from "../../../src/model/lipslev-characters.js";
test("t", async () => {
  const m = await agNews();
  const al = characterAlphabet(m.characters);
  const log: unknown[] = [];
  let t0 = performance.now();
  log.push(editCosts(m, 3, 0), normCosts(m, 3, 0), performance.now() - t0);
  for (const [i, p] of published().entries()) {
    t0 = performance.now();
    const one = certifyLipslev(m, p.text, al, 1, { method: "exact", attack: false });
    const t1 = performance.now() - t0;
    const a = certifyLipslev(m, p.text, al, 10, { attack: false });
    const n = certifyLipslev(m, p.text, al, 10, { attack: false, costs: normCosts });
    const c = certifyLipslev(m, p.text, al, 10, { method: "constant" });
    log.push([i, p.text.length, one.verdict.verdict, one.margins, t1, "k", a.verdict.certified, n.verdict.certified, c.verdict.certified, "pub", publishedRadius(m, p.text).radius, p.published_radius]);
  }
  console.log(log.map((x) => JSON.stringify(x)).join("\n"), JSON.stringify(worstSingleEdits().map((w) => [w.i, Math.min(...Object.values(w.worst))])));
});
