"""Recordings of every kind, and what transformers' feature extractors make of samples.

media_audio.py FOLDER writes the sound files (WAV by hand, so that every encoding and lie is there) and
FOLDER/features/: NAME.samples.f32, NAME.wav2vec2.f32, NAME.whisper80.f32 and so on, raw little-endian float32.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
random = np.random.default_rng(5)


def tone(rate, seconds, channels=1):
    """Channel c has (c + 1) / channels of the strength; the mean is known."""
    t = np.arange(int(rate * seconds)) / rate
    mono = 0.5 * np.sin(2 * np.pi * 440 * t) * (0.3 + 0.7 * t / max(seconds, 1e-9))
    return np.stack([mono * (c + 1) / channels for c in range(channels)], -1)


def wav(rate, channels, code, bits, data, size=None, riff=None, extra=b""):
    block = channels * bits // 8
    fmt = struct.pack("<HHIIHH", code, channels, rate, (rate * block) & 0xFFFFFFFF, block, bits) + extra
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body


def mulaw(x):
    sign, magnitude = np.signbit(x), np.minimum(np.abs(x) * 32768 + 132, 32767).astype(int)
    exponent = np.floor(np.log2(magnitude)).astype(int) - 7
    mantissa = magnitude >> (exponent + 3) & 15
    return (~((sign << 7) | (exponent << 4) | mantissa) & 255).astype(np.uint8)


def write_files():
    s16 = lambda x: np.round(x * 32767).astype("<i2").tobytes()
    mono = tone(16000, 0.5)
    keep = lambda name, data: (folder / name).write_bytes(data)
    keep("s16.wav", wav(16000, 1, 1, 16, s16(mono)))
    keep("u8.wav", wav(16000, 1, 1, 8, np.round(mono * 127 + 128).astype(np.uint8).tobytes()))
    wide = np.round(mono * 8388607).astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3]
    keep("s24.wav", wav(16000, 1, 1, 24, wide.tobytes()))
    keep("s32.wav", wav(16000, 1, 1, 32, np.round(mono * 2147483647).astype("<i4").tobytes()))
    keep("f32.wav", wav(16000, 1, 3, 32, mono.astype("<f4").tobytes()))
    keep("f64.wav", wav(16000, 1, 3, 64, mono.astype("<f8").tobytes()))
    keep("mulaw.wav", wav(16000, 1, 7, 8, mulaw(mono).tobytes()))
    keep("six.wav", wav(16000, 6, 1, 16, s16(tone(16000, 0.5, 6))))
    keep("stereo.wav", wav(16000, 2, 1, 16, s16(tone(16000, 0.5, 2))))
    keep("rate96.wav", wav(96000, 1, 1, 16, s16(tone(96000, 0.5))))
    keep("rate8.wav", wav(8000, 1, 1, 16, s16(tone(8000, 0.5))))
    # Lies: the data is longer or shorter than the header says.
    keep("says-more.wav", wav(16000, 1, 1, 16, s16(mono), size=0x7FFFFFF0, riff=0x7FFFFFFF))
    keep("says-all.wav", wav(16000, 1, 1, 16, s16(mono), size=0xFFFFFFFF, riff=0xFFFFFFFF))
    keep("says-less.wav", wav(16000, 1, 1, 16, s16(mono), size=2000))
    # Refused.
    keep("empty.wav", b"")
    keep("no-samples.wav", wav(16000, 1, 1, 16, b""))
    odd = mono.astype("<f4").copy()
    odd[7] = np.nan
    keep("nan.wav", wav(16000, 1, 3, 32, odd.tobytes()))
    odd[7] = np.inf
    keep("infinite.wav", wav(16000, 1, 3, 32, odd.tobytes()))
    keep("rate0.wav", wav(0, 1, 1, 16, s16(mono)))
    keep("rate-huge.wav", wav(2000000000, 1, 1, 16, s16(mono)))
    keep("many-channels.wav", wav(16000, 500, 1, 16, s16(mono)))
    keep("text.wav", b"this is not a recording\n" * 5)
    keep("video.mp3", b"\0\0\0\x18ftypM4A \0\0\0\0" + bytes(100))
    keep("picture.flac", b"\x89PNG\r\n\x1a\n" + bytes(100))


def write_features():
    from transformers import WhisperFeatureExtractor, Wav2Vec2FeatureExtractor

    target = folder / "features"
    target.mkdir()
    write = lambda name, values: (target / (name + ".f32")).write_bytes(np.asarray(values, dtype="<f4").tobytes())
    t = np.arange(16000 * 3 + 77) / 16000
    chirp = np.sin(2 * np.pi * (100 + 1200 * t) * t) * np.exp(-t)
    speech = chirp * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * t)) + 0.01 * random.normal(size=t.size)
    sounds = {
        "chirp": chirp, "speech": speech, "noise": random.normal(0, 0.3, 16000 * 5), "quiet": 1e-4 * speech[:9000],
        "short": speech[:300], "long": np.tile(speech, 11), "silence": np.zeros(5000), "click": np.eye(1, 8000, 4000)[0],
    }
    extractors = {
        "whisper80": WhisperFeatureExtractor(feature_size=80),
        "whisper128": WhisperFeatureExtractor(feature_size=128),
        "whisper5s": WhisperFeatureExtractor(feature_size=40, chunk_length=5),
        "whisper8k": WhisperFeatureExtractor(feature_size=40, sampling_rate=8000, n_fft=256, hop_length=100, chunk_length=5),
        "wav2vec2": Wav2Vec2FeatureExtractor(),
        "wav2vec2-plain": Wav2Vec2FeatureExtractor(do_normalize=False, return_attention_mask=True, sampling_rate=8000),
    }
    filters = {}
    for key, extractor in extractors.items():
        (target / key).mkdir()
        extractor.save_pretrained(target / key)
        if hasattr(extractor, "mel_filters"):
            filters[key] = extractor.mel_filters.T
            write(key + ".filters", filters[key])
    for name, values in sounds.items():
        samples = values.astype(np.float32)
        write(name + ".samples", samples)
        for key, extractor in extractors.items():
            rate = extractor.sampling_rate
            out = extractor(samples, sampling_rate=rate, return_tensors="np")
            write(f"{name}.{key}", next(iter(out.values()))[0])
    # A batch of two rows: what the shorter one becomes.
    pair = Wav2Vec2FeatureExtractor(return_attention_mask=True)(
        [sounds["short"].astype(np.float32), sounds["quiet"].astype(np.float32)], sampling_rate=16000, padding=True, return_tensors="np")
    write("pair.wav2vec2", pair["input_values"][0])


write_files()
if "--features" in sys.argv:
    write_features()
