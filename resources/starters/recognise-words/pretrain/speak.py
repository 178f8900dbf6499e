"""Speaks the recordings of the starter with espeak-ng: those that its model learned to hear from, and the task's ten words.

    python3 speak.py OUT_FOLDER [--pretrain COUNT --words FILE]

Without --pretrain: OUT_FOLDER/{train,validation,test}/<word>/<number>.flac, the ten words of the task; each part is spoken by
voices of its own. With it: OUT_FOLDER/{train,validation}.csv (file, text) with recordings/<number>.flac, COUNT recordings of
one to three words of FILE (one a line), without the ten words and by none of the test part's voices. Needs espeak-ng, and
numpy, scipy and soundfile for Python. Every recording is a function of its number.
"""
import argparse, csv, io, pathlib, subprocess
from random import Random
import numpy, soundfile
from scipy.signal import lfilter, resample_poly

RATE = 16000
WORDS = "yes no up down left right on off stop go".split()
ACCENTS = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc"]
VOICES = {
    "train": "m1 m2 m3 m5 m7 f1 f2 f4 Andy Annie Alicia Denis Gene Hugo Lee Mario adam anika antonio belinda boris david".split(),
    "validation": "m4 f3 Jacky Michael Reed caleb".split(),
    "test": "m6 m8 f5 Alex Andrea Diogo Marco Storm Nguyen edward iven linda max pablo sandro steph travis zac".split(),
}


def speak(random, text, voices):
    """One recording at 16 kHz: voice, accent, pitch, speed, loudness, pauses and noise are drawn."""
    voice = f"{random.choice(ACCENTS)}+{random.choice(voices)}"
    command = ["espeak-ng", "--stdout", "-v", voice, "-s", str(random.randint(120, 210)), "-p", str(random.randint(15, 85)), text]
    sound, rate = soundfile.read(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout))
    sound = resample_poly(sound, RATE, rate)
    loud = numpy.flatnonzero(numpy.abs(sound) > 0.01 * numpy.abs(sound).max())
    sound = sound[loud[0]:loud[-1] + 1] / numpy.abs(sound).max()
    pauses = [numpy.zeros(int(RATE * random.uniform(0.03, 0.15))) for _ in range(2)]
    sound = numpy.concatenate([pauses[0], sound, pauses[1]])
    generator = numpy.random.default_rng(random.getrandbits(64))
    colour = random.choice([0.0, 0.7, 0.95])  # white to deep
    noise = lfilter([1], [1, -colour], generator.standard_normal(len(sound)))
    noise *= 10 ** random.uniform(-3.2, -1.6) / (noise.std() or 1)
    return numpy.clip((sound + noise) * 10 ** random.uniform(-0.9, -0.1), -1, 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--pretrain", type=int, default=0)
    parser.add_argument("--words", type=pathlib.Path)
    arguments = parser.parse_args()
    if not arguments.pretrain:
        for part, count in (("train", 24), ("validation", 8), ("test", 20)):
            for word in WORDS:
                folder = arguments.out / part / word
                folder.mkdir(parents=True, exist_ok=True)
                for number in range(count):
                    random = Random(f"{part}/{word}/{number}")
                    soundfile.write(folder / f"{number:03}.flac", speak(random, word, VOICES[part]), RATE, subtype="PCM_16")
        return
    words = [word for word in arguments.words.read_text().split() if word not in WORDS]
    folder = arguments.out / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    files = {part: csv.writer(open(arguments.out / f"{part}.csv", "w", newline="")) for part in ("train", "validation")}
    for table in files.values():
        table.writerow(["file", "text"])
    for number in range(arguments.pretrain):
        random = Random(f"pretrain/{number}")
        part = "validation" if number % 50 == 0 else "train"
        text = " ".join(random.choice(words) for _ in range(random.choice((1, 1, 1, 2, 3))))
        file = folder / f"{number:05}.flac"
        soundfile.write(file, speak(random, text, VOICES["train"]), RATE, subtype="PCM_16")
        files[part].writerow([f"recordings/{file.name}", text])


main()
