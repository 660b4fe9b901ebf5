/**
 * Builds the page to static files with relative addresses in dist/page/: the page itself, the shipped models, the service
 * worker, and `typoproof.js` (the library as one module, for pages without a bundler). The last is built by itself
 * (`--mode library`): what two entries share would otherwise be one large piece that the page loads whole.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";

const root = join(import.meta.dirname, "..");
/** What a shipped model needs to be loaded. */
const MODEL_FILES = ["config.json", "vocab.txt", "model.safetensors"];

export default defineConfig(({ mode }) => {
  const library = mode === "library";
  return {
    root: import.meta.dirname,
    base: "./",
    publicDir: false,
    resolve: { conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "production", "import"] },
    worker: { format: "es" },
    build: {
      outDir: join(root, "dist", "page"),
      emptyOutDir: !library,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1000,
      rollupOptions: {
        input: library
          ? { typoproof: join(import.meta.dirname, "library.ts") }
          : { index: join(import.meta.dirname, "index.html") },
        preserveEntrySignatures: "strict",
        output: { entryFileNames: library ? "[name].js" : "assets/[name]-[hash].js" },
        checks: { pluginTimings: false },
      },
    },
    plugins: library ? [] : [shippedModels(), serviceWorker()],
  };
});

function shippedModels() {
  return {
    name: "shipped-models",
    generateBundle() {
      for (const name of readdirSync(join(root, "models")))
        for (const file of MODEL_FILES)
          this.emitFile({
            type: "asset",
            fileName: `models/${name}/${file}`,
            source: readFileSync(join(root, "models", name, file)),
          });
    },
  };
}

/** `sw.js`: the list of files and a name made of their contents are put into demo/service-worker.js. */
function serviceWorker() {
  return {
    name: "service-worker",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const hash = createHash("sha256");
        const files = [];
        for (const [file, output] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
          hash.update(file).update(output.type === "chunk" ? output.code : output.source);
          files.push(file);
        }
        const own = readFileSync(join(import.meta.dirname, "service-worker.js"), "utf8");
        hash.update(own);
        // The runtime for Transformers is large: it is kept when it is used first.
        const early = files.filter((file) => !/\.wasm$|ort[.-]/.test(file));
        const source = own
          .replace('"CACHE"', JSON.stringify(`typoproof-${hash.digest("hex").slice(0, 16)}`))
          .replace('["FILES"]', JSON.stringify(early));
        this.emitFile({ type: "asset", fileName: "sw.js", source });
      },
    },
  };
}
