// What Node and the page share: opens the model of this folder and answers texts, pictures or recordings.
// `runtime` is ONNX Runtime for JavaScript (onnxruntime-node or onnxruntime-web).

/** Whole numbers as a tensor of 64 bits, [1, N]. */
function wholeNumbers(runtime, numbers) {
  return new runtime.Tensor("int64", BigInt64Array.from(numbers, BigInt), [1, numbers.length]);
}

function softmax(logits) {
  const largest = Math.max(...logits), powers = Array.from(logits, (one) => Math.exp(one - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((one) => one / sum);
}

const sigmoid = (logits) => Array.from(logits, (one) => 1 / (1 + Math.exp(-one)));

/** Of equal neighbours one stays, blanks vanish (connectionist temporal classification). */
function spelled(logits, frames, settings) {
  const width = logits.length / frames;
  let text = "", before = -1;
  for (let frame = 0; frame < frames; ++frame) {
    const row = logits.subarray(frame * width, (frame + 1) * width), id = row.indexOf(Math.max(...row));
    if (id !== before && id !== settings.blank) text += settings.letters[id] ?? "";
    before = id;
  }
  return text.trim();
}

/** What the logits say, in the words of bundle.json. `logits`: null where there was nothing to read. */
export function answerOf(logits, dimensions, settings) {
  if (settings.gives === "text") return { answer: spelled(logits, dimensions[1], settings) };
  if (settings.gives === "number") return { number: logits ? logits[0] : null };
  const several = settings.gives === "labels";
  if (!logits) return { [several ? "labels" : "label"]: null, probabilities: null };
  const shares = several ? sigmoid(logits) : softmax(logits);
  const probabilities = Object.fromEntries(settings.labels.map((label, i) => [label, shares[i]]));
  if (several) return { labels: settings.labels.filter((_, i) => shares[i] >= settings.threshold), probabilities };
  return { label: settings.labels[shares.indexOf(Math.max(...shares))], probabilities };
}

class Bundle {
  constructor(runtime, session, settings, reader) {
    Object.assign(this, { runtime, session, settings, reader });
  }

  async #run(inputs) {
    const given = Object.fromEntries(Object.entries(inputs).filter(([name]) => this.session.inputNames.includes(name)));
    const { logits } = await this.session.run(given);
    return answerOf(logits.data, logits.dims, this.settings);
  }

  /** A text, and the text that belongs to it where the model reads pairs. */
  async answerText(text, pair = "") {
    const { ids, types, truncated } = this.reader.encode(text, pair, this.settings.max_tokens || Infinity);
    if (ids.length === 0) return answerOf(null, [], this.settings);
    const answer = await this.#run({
      input_ids: wholeNumbers(this.runtime, ids),
      attention_mask: wholeNumbers(this.runtime, ids.map(() => 1)),
      token_type_ids: wholeNumbers(this.runtime, types),
    });
    return truncated ? { ...answer, truncated } : answer;
  }

  /** A picture: { width, height, pixels }, with four bytes a pixel (red, green, blue and one that is not looked at). */
  async answerPicture(picture) {
    const { width, height, numbers } = this.reader.numbersOf(picture);
    return this.#run({ pixel_values: new this.runtime.Tensor("float32", numbers, [1, 3, height, width]) });
  }

  /** A recording: numbers from -1 to 1, as many a second as settings.rate says. */
  async answerSound(samples) {
    const numbers = this.reader.numbersOf(samples);
    return this.#run({
      input_values: new this.runtime.Tensor("float32", numbers, [1, numbers.length]),
      attention_mask: wholeNumbers(this.runtime, new Array(numbers.length).fill(1)),
    });
  }
}

/** What makes numbers of the inputs that settings.reads names; a bundle has the module that it needs. */
async function readerOf(settings, readJson) {
  if (settings.reads === "image") {
    const { PictureReader } = await import("./picture.mjs");
    return new PictureReader(await readJson("preprocessor_config.json"));
  }
  if (settings.reads === "audio") {
    const { SoundReader } = await import("./sound.mjs");
    return new SoundReader(await readJson("preprocessor_config.json"), settings.longest_seconds);
  }
  const { Tokenizer } = await import("./tokenizer.mjs");
  return new Tokenizer(await readJson("tokenizer.json"));
}

/** `readJson(name)` gives a file of this folder; `model` is the ONNX file, as InferenceSession.create takes it. */
export async function openBundle(runtime, readJson, model) {
  const settings = await readJson("bundle.json");
  const [reader, session] = await Promise.all([
    readerOf(settings, readJson),
    runtime.InferenceSession.create(model),
  ]);
  return new Bundle(runtime, session, settings, reader);
}
