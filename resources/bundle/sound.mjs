// Recordings as a model's numbers, and WAV files as samples. A page lets the browser decode whatever it can.

export class SoundReader {
  /** `extractor`: preprocessor_config.json, parsed. Longer recordings are cut to `longestSeconds` (0: never). */
  constructor(extractor, longestSeconds) {
    this.normalizes = extractor.do_normalize;
    this.most = longestSeconds > 0 ? Math.trunc(longestSeconds * extractor.sampling_rate) : Infinity;
  }

  /** Mean 0 and variance 1, where the model was trained so. */
  numbersOf(samples) {
    const heard = Float32Array.from(samples.subarray(0, Math.min(samples.length, this.most)));
    if (heard.length === 0) throw new Error("the recording is empty");
    if (!this.normalizes) return heard;
    let sum = 0, squares = 0;
    for (const one of heard) sum += one;
    const mean = sum / heard.length;
    for (const one of heard) squares += (one - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / heard.length + 1e-7);
    return heard.map((one) => (one - mean) * scale);
  }
}

/** Another number of samples a second, by a sinc under a cosine window; of higher rates the highest tones go. */
export function resampled(samples, from, to) {
  if (from === to) return samples;
  const ratio = to / from, cutoff = Math.min(1, ratio) * 0.97, reach = Math.ceil(24 / cutoff);
  const out = new Float32Array(Math.max(1, Math.round(samples.length * ratio)));
  for (let i = 0; i < out.length; ++i) {
    const centre = i / ratio, middle = Math.floor(centre);
    let sum = 0;
    for (let k = Math.max(0, middle - reach + 1); k <= Math.min(samples.length - 1, middle + reach); ++k) {
      const x = (k - centre) * cutoff, turn = Math.PI * x;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * (k - centre)) / (reach + 1));
      sum += samples[k] * cutoff * window * (x === 0 ? 1 : Math.sin(turn) / turn);
    }
    out[i] = sum;
  }
  return out;
}

const FORMATS = {
  "1:8": { bytes: 1, read: (view, at) => (view.getUint8(at) - 128) / 128 },
  "1:16": { bytes: 2, read: (view, at) => view.getInt16(at, true) / 32768 },
  "1:24": { bytes: 3, read: (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608 },
  "1:32": { bytes: 4, read: (view, at) => view.getInt32(at, true) / 2147483648 },
  "3:32": { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
};

/** The chunks of a WAV file, by name: { at, size }. */
function chunksOf(view) {
  const name = (at) => String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
  if (view.byteLength < 12 || name(0) !== "RIFF" || name(8) !== "WAVE") throw new Error("this is not a WAV file");
  const chunks = {};
  for (let at = 12; at + 8 <= view.byteLength;) {
    const size = Math.min(view.getUint32(at + 4, true), view.byteLength - at - 8);
    chunks[name(at)] ??= { at: at + 8, size };
    at += 8 + size + (size % 2);
  }
  return chunks;
}

/** One channel (the mean of all) with `rate` samples a second. `bytes`: of a WAV file. */
export function samplesOfWav(bytes, rate) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), chunks = chunksOf(view);
  const { "fmt ": head, data } = chunks;
  if (!head || !data || head.size < 16) throw new Error("this WAV file is not complete");
  const kind = view.getUint16(head.at, true), channels = view.getUint16(head.at + 2, true);
  // An extensible header names the format in its last part.
  const code = kind === 0xfffe && head.size >= 26 ? view.getUint16(head.at + 24, true) : kind;
  const format = FORMATS[`${code}:${view.getUint16(head.at + 14, true)}`];
  if (!format || channels < 1) throw new Error("this WAV file is of another kind: write it with 16 bits a sample");
  const samples = new Float32Array(Math.floor(data.size / (format.bytes * channels)));
  for (let i = 0; i < samples.length; ++i) {
    let sum = 0;
    for (let channel = 0; channel < channels; ++channel)
      sum += format.read(view, data.at + (i * channels + channel) * format.bytes);
    samples[i] = sum / channels;
  }
  return resampled(samples, view.getUint32(head.at + 4, true), rate);
}
