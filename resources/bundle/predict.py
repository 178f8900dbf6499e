#!/usr/bin/env python3
"""One line of JSON for each input: its label, labels, number or text, with probabilities.

    python3 predict.py INPUT...
    python3 predict.py TEXT --pair TEXT     where the model reads two texts

Inputs are texts, pictures or recordings, as bundle.json says. Needs onnxruntime and numpy; texts need tokenizers,
pictures Pillow, recordings that are no WAV files soundfile. From another program: Bundle().answer("some text").
"""
import argparse
import importlib
import json
import sys
import wave
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def needed(module, package=None):
    """The module, or the end of the program with what to install."""
    try:
        return importlib.import_module(module)
    except ImportError:
        sys.exit(f"{package or module} is missing: python3 -m pip install {package or module}")


def read_json(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


class TextReader:
    """Token ids by tokenizer.json, cut as in training."""

    def __init__(self, settings):
        self.tokenizer = needed("tokenizers").Tokenizer.from_file(str(HERE / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.most = settings["max_tokens"]
        if self.most:
            self.tokenizer.enable_truncation(self.most)

    def __call__(self, text, pair=""):
        encoding = self.tokenizer.encode(text, pair) if pair else self.tokenizer.encode(text)
        if not encoding.ids:
            return None, False
        row = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask,
               "token_type_ids": encoding.type_ids}
        return {name: np.array([values], np.int64) for name, values in row.items()}, bool(encoding.overflowing)


class PictureReader:
    """Resize, crop, rescale and normalise as preprocessor_config.json says."""

    def __init__(self, _settings):
        self.image = needed("PIL.Image", "pillow")
        self.turned = needed("PIL.ImageOps", "pillow").exif_transpose
        self.processor = read_json("preprocessor_config.json")

    def resized(self, picture, width, height):
        return picture.resize((width, height), self.image.Resampling(self.processor["resample"]))

    def by_shorter_side(self, picture, shorter, most=0):
        low, high = sorted(picture.size)
        exact = most * low / high if most and high / low * shorter > most else shorter
        sides = max(1, round(exact)), max(1, int(exact * high / low))
        return self.resized(picture, *(sides if picture.width <= picture.height else sides[::-1]))

    @staticmethod
    def middle(picture, width, height):
        left, top = (picture.width - width) / 2, (picture.height - height) / 2
        left, top = int(left), int(top)
        return picture.crop((left, top, left + width, top + height))  # black where the picture is smaller

    def fitted(self, picture):
        processor = self.processor
        size, crop, share = processor["size"], processor.get("crop_size"), processor.get("crop_pct")
        shorter, sides = size.get("shortest_edge"), (size.get("width"), size.get("height"))
        if processor["image_processor_type"] == "ConvNextImageProcessor" and shorter and not share:
            sides = (shorter, shorter)  # large sizes are stretched instead of cropped
        target = sides if sides[0] else (shorter, shorter)
        if processor["do_center_crop"] and crop:
            target = (crop["width"], crop["height"])
        if not processor["do_resize"]:
            return self.middle(picture, *target)
        if sides[0]:
            return self.middle(self.resized(picture, *sides), *target)
        if not share:
            return self.middle(self.by_shorter_side(picture, shorter, size.get("longest_edge") or 0), *target)
        whole = self.by_shorter_side(picture, int(shorter / share))
        return self.middle(self.middle(whole, shorter, shorter), *target)

    def __call__(self, file, _pair=""):
        processor = self.processor
        picture = self.fitted(self.turned(self.image.open(file)).convert("RGB"))
        mean, deviation = np.array(processor["image_mean"]), np.array(processor["image_std"])
        values = np.asarray(picture, np.float64)
        if processor["do_rescale"]:
            values = values * processor["rescale_factor"]
        if processor.get("rescale_offset"):
            values = values - 1
        if processor["do_normalize"]:
            values = (values - mean) / deviation
        if processor.get("include_top"):
            values = values / deviation
        return {"pixel_values": values.transpose(2, 0, 1)[None].astype(np.float32)}, False


class SoundReader:
    """A waveform of one channel, with mean 0 and variance 1 where the model was trained so."""

    def __init__(self, settings):
        self.processor = read_json("preprocessor_config.json")
        self.rate, self.most = settings["rate"], int(settings["longest_seconds"] * settings["rate"])

    def samples(self, file):
        try:
            with wave.open(str(file)) as sound:
                if sound.getsampwidth() == 2:
                    values = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
                    return values.reshape(-1, sound.getnchannels()).mean(1), sound.getframerate()
        except wave.Error:
            pass
        values, rate = needed("soundfile").read(str(file), always_2d=True)
        return values.mean(1), rate

    def resampled(self, samples, rate):
        """By a sinc under a cosine window; of higher rates the highest tones go."""
        if rate == self.rate:
            return samples
        ratio = self.rate / rate
        cutoff = min(1, ratio) * 0.97
        reach = int(np.ceil(24 / cutoff))
        centres = np.arange(max(1, round(len(samples) * ratio))) / ratio
        out, padded = np.zeros(len(centres)), np.pad(samples, reach)
        for offset in range(1 - reach, reach + 1):
            places = np.floor(centres).astype(int) + offset
            x = places - centres
            inside = np.clip(places + reach, 0, len(padded) - 1)
            out += padded[inside] * cutoff * np.sinc(x * cutoff) * (0.5 + 0.5 * np.cos(np.pi * x / (reach + 1)))
        return out

    def __call__(self, file, _pair=""):
        heard = self.resampled(*self.samples(file))[: self.most or None]
        if len(heard) == 0:
            sys.exit("the recording is empty")
        if self.processor["do_normalize"]:
            heard = (heard - heard.mean()) / np.sqrt(heard.var() + 1e-7)
        values = heard.astype(np.float32)[None]
        return {"input_values": values, "attention_mask": np.ones(values.shape, np.int64)}, False


READERS = {"text": TextReader, "image": PictureReader, "audio": SoundReader}


class Bundle:
    """The model of this folder."""

    def __init__(self):
        self.settings = read_json("bundle.json")
        self.reader = READERS[self.settings["reads"]](self.settings)
        self.session = needed("onnxruntime").InferenceSession(
            str(HERE / "model.onnx"), providers=["CPUExecutionProvider"])
        self.inputs = {one.name for one in self.session.get_inputs()}

    def answer(self, given, pair=""):
        """`given`: a text, or the path of a picture or recording."""
        row, truncated = self.reader(given, pair)
        logits = None
        if row is not None:
            row = {name: values for name, values in row.items() if name in self.inputs}
            logits = self.session.run(["logits"], row)[0][0].astype(np.float64)
        answer = self.meaning(logits)
        return answer | {"truncated": True} if truncated else answer

    def meaning(self, logits):
        gives, labels = self.settings["gives"], self.settings["labels"]
        if gives == "text":
            return {"answer": self.spelled(logits)}
        if gives == "number":
            return {"number": None if logits is None else float(logits[0])}
        if logits is None:
            return {"labels" if gives == "labels" else "label": None, "probabilities": None}
        if gives == "labels":
            shares = 1 / (1 + np.exp(-logits))
            chosen = [label for label, share in zip(labels, shares) if share >= self.settings["threshold"]]
            return {"labels": chosen, "probabilities": dict(zip(labels, shares.tolist()))}
        powers = np.exp(logits - logits.max())
        shares = powers / powers.sum()
        return {"label": labels[int(shares.argmax())], "probabilities": dict(zip(labels, shares.tolist()))}

    def spelled(self, logits):
        """Of equal neighbours one stays, blanks vanish (connectionist temporal classification)."""
        ids, letters = logits.argmax(-1).tolist(), self.settings["letters"]
        kept = [one for one, before in zip(ids, [None] + ids[:-1]) if one not in (before, self.settings["blank"])]
        return "".join(letters[one] if one < len(letters) else "" for one in kept).strip()


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("inputs", nargs="+", metavar="INPUT")
    words.add_argument("--pair", default="", help="the second text")
    given = words.parse_args()
    bundle = Bundle()
    for one in given.inputs:
        print(json.dumps(bundle.answer(one, given.pair), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
