// node predict.mjs INPUT...     one line of JSON for each input: its label, labels, number or text, with probabilities
// node predict.mjs TEXT --pair TEXT     where the model reads two texts
// Inputs are texts, pictures (PNG, JPEG ...; needs the package sharp) or recordings (WAV), as bundle.json says.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { openBundle } from "./bundle.mjs";

const require = createRequire(import.meta.url);
const place = (name) => fileURLToPath(new URL(name, import.meta.url));

function stop(message) {
  console.error(message);
  process.exit(2);
}

/** A package that is installed in this folder or above it, or where NODE_PATH points. */
function installed(name) {
  try {
    return require(name);
  } catch (error) {
    const absent = error.code === "MODULE_NOT_FOUND";
    return stop(absent ? `${name} is missing: npm install --ignore-scripts ${name}` : `${name}: ${error.message}`);
  }
}

async function pictureIn(file) {
  const sharp = installed("sharp");
  const { data, info } = await sharp(file).rotate().toColourspace("srgb").ensureAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
}

async function answerTo(bundle, input, pair) {
  if (bundle.settings.reads === "text") return bundle.answerText(input, pair);
  if (bundle.settings.reads === "image") return bundle.answerPicture(await pictureIn(input));
  const { samplesOfWav } = await import("./sound.mjs");
  return bundle.answerSound(samplesOfWav(await readFile(input), bundle.settings.rate));
}

const inputs = process.argv.slice(2), at = inputs.indexOf("--pair");
const pair = at >= 0 ? inputs.splice(at, 2)[1] : "";
if (inputs.length === 0 || pair === undefined)
  stop('node predict.mjs INPUT...\nnode predict.mjs "a text" --pair "another"');
try {
  const readJson = async (name) => JSON.parse(await readFile(place(name), "utf8"));
  const bundle = await openBundle(installed("onnxruntime-node"), readJson, place("model.onnx"));
  for (const input of inputs) console.log(JSON.stringify(await answerTo(bundle, input, pair)));
} catch (error) {
  stop(error.message);
}
