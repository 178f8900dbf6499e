// npm run vendor: copies what the page needs of onnxruntime-web into the folder vendor.
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const place = (name) => fileURLToPath(new URL(name, import.meta.url));
mkdirSync(place("vendor"), { recursive: true });
for (const name of ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"])
  copyFileSync(place(`node_modules/onnxruntime-web/dist/${name}`), place(`vendor/${name}`));
console.log("vendor/ is complete: python3 -m http.server, then open http://localhost:8000");
