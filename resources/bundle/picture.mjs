// Pictures as a model's numbers: resize, crop, rescale and normalise as preprocessor_config.json says, in the whole
// numbers of PyTorch's resize of 8-bit pictures.

const FILTERS = { 0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming" };
const RADIUS = { lanczos: 3, bilinear: 1, bicubic: 2, box: 0.5, hamming: 1 };

const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

function weight(filter, x) {
  const distance = Math.abs(x);
  switch (filter) {
    case "box": return x > -0.5 && x <= 0.5 ? 1 : 0;
    case "bilinear": return Math.max(0, 1 - distance);
    case "hamming": return distance >= 1 ? 0 : sinc(distance) * (0.54 + 0.46 * Math.cos(distance * Math.PI));
    case "bicubic":  // Keys 1981, a = -0.5
      if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
      return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * -0.5 : 0;
    default: return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
  }
}

/** The bits after the point that leave the largest weight below 2^15. */
function fractionOf(largest) {
  let bits = 0;
  while (bits < 22 && 0.5 + largest * 2 ** (bits + 1) < 2 ** 15) ++bits;
  return bits;
}

/** For each of `to` outputs the inputs that make it: { first, weights }, in whole numbers of 2^-fraction. */
function tapsOf(from, to, filter) {
  const scale = from / to, stretch = Math.max(scale, 1), support = RADIUS[filter] * stretch;
  const exact = [];
  for (let i = 0; i < to; ++i) {
    const centre = (i + 0.5) * scale, first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(from, Math.trunc(centre + support + 0.5)) - first;
    const weights = Array.from({ length: count }, (_, k) => weight(filter, (k + first - centre + 0.5) / stretch));
    const sum = weights.reduce((a, b) => a + b, 0);
    exact.push({ first, weights: sum === 0 ? weights : weights.map((one) => one / sum) });
  }
  const fraction = fractionOf(Math.max(...exact.map((tap) => Math.max(...tap.weights))));
  const whole = (one) => Math.trunc(one * 2 ** fraction + (one < 0 ? -0.5 : 0.5));
  return { fraction, list: exact.map(({ first, weights }) => ({ first, weights: weights.map(whole) })) };
}

function nearestTaps(from, to) {
  const step = Math.fround(from / to);
  const place = (i) => Math.min(from - 1, Math.trunc(Math.fround((i + 0.5) * step)));
  return { fraction: 1, list: Array.from({ length: to }, (_, i) => ({ first: place(i), weights: [2] })) };
}

/** One direction of a resize. `step`: bytes from one input to the next along it; pictures have four bytes a pixel. */
function scaled(pixels, lines, lineStep, step, taps) {
  const length = taps.list.length, out = new Uint8ClampedArray(lines * length * 4), half = 2 ** (taps.fraction - 1);
  const isAcross = step === 4;
  for (let line = 0; line < lines; ++line)
    for (let i = 0; i < length; ++i) {
      const { first, weights } = taps.list[i];
      const at = isAcross ? (line * length + i) * 4 : (i * lines + line) * 4;
      for (let channel = 0; channel < 3; ++channel) {
        let sum = half, from = line * lineStep + first * step + channel;
        for (const one of weights) {
          sum += pixels[from] * one;
          from += step;
        }
        out[at + channel] = sum >> taps.fraction;
      }
    }
  return out;
}

function resize({ width, height, pixels }, toWidth, toHeight, filter) {
  const taps = filter === "nearest" ? nearestTaps : (from, to) => tapsOf(from, to, filter);
  if (toWidth !== width) pixels = scaled(pixels, height, width * 4, 4, taps(width, toWidth));
  if (toHeight !== height) pixels = scaled(pixels, toWidth, 4, toWidth * 4, taps(height, toHeight));
  return { width: toWidth, height: toHeight, pixels };
}

/** The middle of a picture; black where it is smaller. */
function centre(picture, width, height) {
  if (picture.width === width && picture.height === height) return picture;
  const pixels = new Uint8ClampedArray(width * height * 4);
  const columns = Math.min(picture.width, width), rows = Math.min(picture.height, height);
  const fromX = Math.trunc((picture.width - columns) / 2), fromY = Math.trunc((picture.height - rows) / 2);
  const toX = Math.trunc((width - columns) / 2), toY = Math.trunc((height - rows) / 2);
  for (let y = 0; y < rows; ++y) {
    const start = ((fromY + y) * picture.width + fromX) * 4;
    pixels.set(picture.pixels.subarray(start, start + columns * 4), ((toY + y) * width + toX) * 4);
  }
  return { width, height, pixels };
}

const even = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** The shorter side becomes `shorter`; where the longer one would pass `most` (0: never), that one becomes `most`. */
function resizeShorter(picture, shorter, most, filter) {
  const low = Math.min(picture.width, picture.height), high = Math.max(picture.width, picture.height);
  const exact = most > 0 && (high / low) * shorter > most ? (most * low) / high : shorter;
  const shortSide = Math.max(1, even(exact)), longSide = Math.max(1, Math.trunc((exact * high) / low));
  const isTall = picture.width <= picture.height;
  return resize(picture, isTall ? shortSide : longSide, isTall ? longSide : shortSide, filter);
}

export class PictureReader {
  /** `processor`: preprocessor_config.json, parsed. */
  constructor(processor) {
    this.processor = processor;
    this.filter = FILTERS[processor.resample];
    if (!this.filter) throw new Error(`the filter ${processor.resample} of preprocessor_config.json is not known here`);
  }

  /** The resized and cropped picture, before it becomes numbers. */
  fit(picture) {
    const { size, crop_size: crop, crop_pct: share } = this.processor, shorter = size.shortest_edge;
    // ConvNeXT stretches to large sizes instead of cropping.
    const isStretched = this.processor.image_processor_type === "ConvNextImageProcessor" && shorter && !share;
    const width = isStretched ? shorter : size.width, height = isStretched ? shorter : size.height;
    const crops = this.processor.do_center_crop && crop;
    const outWidth = crops ? crop.width : width ?? shorter, outHeight = crops ? crop.height : height ?? shorter;
    if (!this.processor.do_resize) return centre(picture, outWidth, outHeight);
    if (width) return centre(resize(picture, width, height, this.filter), outWidth, outHeight);
    if (!share)
      return centre(resizeShorter(picture, shorter, size.longest_edge ?? 0, this.filter), outWidth, outHeight);
    const whole = resizeShorter(picture, Math.trunc(shorter / share), 0, this.filter);
    return centre(centre(whole, shorter, shorter), outWidth, outHeight);
  }

  /** { width, height, numbers } of a picture with four bytes a pixel: numbers are [3, height, width]. */
  numbersOf(picture) {
    const { width, height, pixels } = this.fit(picture), processor = this.processor, count = width * height;
    const numbers = new Float32Array(3 * count);
    for (let channel = 0; channel < 3; ++channel) {
      const mean = processor.image_mean[channel], deviation = processor.image_std[channel];
      for (let i = 0; i < count; ++i) {
        let value = pixels[i * 4 + channel];
        if (processor.do_rescale) value *= processor.rescale_factor;
        if (processor.rescale_offset) value -= 1;
        if (processor.do_normalize) value = (value - mean) / deviation;
        if (processor.include_top) value /= deviation;
        numbers[channel * count + i] = value;
      }
    }
    return { width, height, numbers };
  }
}
