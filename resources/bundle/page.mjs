// The page: loads ONNX Runtime from vendor/ and the model of this folder, and answers what the visitor gives.
// index.html?text=... answers that text at once (with &pair=... where the model reads two).
import { openBundle } from "./bundle.mjs";

const element = (id) => document.getElementById(id);

function say(text) {
  element("state").textContent = text;
}

/** ONNX Runtime for the web, or an error that says how to get it. */
async function webRuntime() {
  for (const name of ["ort.wasm.min.mjs", "ort.min.mjs"])
    try {
      const runtime = await import(`./vendor/${name}`);
      runtime.env.wasm.wasmPaths = new URL("vendor/", import.meta.url).href;
      runtime.env.wasm.numThreads = 1;  // more need headers that a simple server does not send
      return runtime;
    } catch (error) {
      const found = await fetch(new URL(`vendor/${name}`, import.meta.url), { method: "HEAD" });
      if (found.ok) throw error;
    }
  throw new Error("ONNX Runtime is missing in the folder vendor. In this folder run: npm run vendor. Then load the " +
    "page again.");
}

async function readJson(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name} is missing in this folder`);
  return answer.json();
}

/** The pixels of a picture file, turned as it says. */
async function pictureIn(file) {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(bitmap, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  return { width: canvas.width, height: canvas.height, pixels: data };
}

/** One channel, the mean of all, with as many samples a second as the model reads: the browser resamples. */
async function samplesIn(file, rate) {
  const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(await file.arrayBuffer());
  const samples = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; ++channel)
    sound.getChannelData(channel).forEach((one, i) => (samples[i] += one / sound.numberOfChannels));
  return samples;
}

async function answerTo(bundle) {
  if (bundle.settings.reads === "text") return bundle.answerText(element("text").value, element("pair").value);
  const [file] = element("file").files;
  if (!file) throw new Error("choose a file first");
  if (bundle.settings.reads === "image") return bundle.answerPicture(await pictureIn(file));
  return bundle.answerSound(await samplesIn(file, bundle.settings.rate));
}

function rowOf(label, share, isChosen) {
  const row = document.createElement("tr"), name = document.createElement("th"), bar = document.createElement("td");
  const number = document.createElement("td"), filled = document.createElement("span");
  name.scope = "row";
  name.textContent = label;
  bar.className = "bar";
  bar.ariaHidden = "true";
  filled.style.width = `${100 * share}%`;
  bar.append(filled);
  number.textContent = `${(100 * share).toFixed(1)} %`;
  row.className = isChosen ? "chosen" : "";
  row.append(name, bar, number);
  return row;
}

function headline(answer) {
  if ("answer" in answer) return answer.answer || "(nothing was heard)";
  if ("number" in answer) return answer.number === null ? "Nothing to read" : answer.number.toPrecision(6);
  if (!answer.probabilities) return "Nothing to read";
  return answer.labels ? answer.labels.join(", ") || "No label" : answer.label;
}

function show(answer) {
  const chosen = answer.labels ?? [answer.label];
  const shares = Object.entries(answer.probabilities ?? {}).sort((a, b) => b[1] - a[1]);
  element("answerTitle").textContent = headline(answer);
  const cut = "The text was longer than the model reads: its end was left out.";
  element("note").textContent = answer.truncated ? cut : "";
  element("note").hidden = !answer.truncated;
  element("shares").tBodies[0].replaceChildren(...shares.map(([label, share]) =>
    rowOf(label, share, chosen.includes(label))));
  element("shares").hidden = shares.length === 0;
  element("answer").dataset.json = JSON.stringify(answer);
  element("answer").hidden = false;
}

function showForm(settings) {
  const { reads, pairs, name } = settings;
  element("title").textContent = document.title = name || "Model";
  element("texts").hidden = reads !== "text";
  element("pairs").hidden = !pairs;
  element("files").hidden = reads === "text";
  element("fileLabel").textContent = reads === "image" ? "Picture" : "Recording";
  element("file").accept = `${reads}/*`;
  element("form").hidden = false;
}

function preview() {
  const [file] = element("file").files, image = element("preview"), isPicture = file?.type.startsWith("image/");
  if (image.src) URL.revokeObjectURL(image.src);
  if (isPicture) image.src = URL.createObjectURL(file);
  image.hidden = !isPicture;
}

async function start() {
  say("Loading the model …");
  const bundle = await openBundle(await webRuntime(), readJson, new URL("model.onnx", import.meta.url).href);
  const button = element("form").querySelector("button");
  const answer = async () => {
    button.disabled = true;
    say("Computing …");
    try {
      show(await answerTo(bundle));
      say("Everything is computed in this browser.");
    } catch (error) {
      say(`This did not work: ${error.message}`);
    }
    button.disabled = false;
  };
  showForm(bundle.settings);
  element("file").addEventListener("change", preview);
  element("form").addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  say("Everything is computed in this browser.");
  const asked = new URLSearchParams(location.search);
  if (bundle.settings.reads !== "text" || !asked.has("text")) return;
  element("text").value = asked.get("text");
  element("pair").value = asked.get("pair") ?? "";
  await answer();
}

start().catch((error) => say(error.message));
