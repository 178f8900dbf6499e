"""Makes the text that the starter's encoder learned from: Debian's package descriptions and WordNet's definitions.

    python3 corpus.py TRANSLATION_EN PACKAGES WORDNET_FOLDER OUT_FOLDER

Writes train.txt and validation.txt, a row a line.
TRANSLATION_EN and PACKAGES are apt's lists (Translation-en: long descriptions; Packages: sections and tags), WORDNET_FOLDER
is the folder of the package wordnet-base that holds data.noun and its companions. Rows have at most about 70 words; every
fiftieth goes to the validation file. The text itself is not part of the project.
"""
import re, sys
from random import Random

from pieces import pieces

translation, packages, wordnet, out = sys.argv[1:]


def records(path):
    """apt's stanzas as dicts of lines."""
    entry, key = {}, None
    for line in open(path, encoding="utf-8", errors="replace"):
        line = line.rstrip("\n")
        if not line:
            yield entry
            entry, key = {}, None
        elif line[0] == " " and key:
            entry[key].append(line[1:])
        else:
            key, _, value = line.partition(":")
            entry[key] = [value.strip()]
    if entry:
        yield entry


rows, seen = [], set()


def add(text):
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) > 25 and text not in seen:
        seen.add(text)
        rows.append(text)


about = {}  # Description-md5 -> section and tags in plain words
for entry in records(packages):
    if "Description-md5" in entry:
        tags = " ".join(entry.get("Tag", []))
        words = [t.strip().replace("::", " ").replace("-", " ") for t in tags.split(",")]
        words = [w for w in words if w.split(" ")[0] in ("use", "works", "field", "game", "sound", "hardware", "web", "network", "mail", "works with")]
        section = entry.get("Section", [""])[0].split("/")[-1]
        about[entry["Description-md5"][0]] = (section, words)
for entry in records(translation):
    lines = entry.get("Description-en")
    if not lines:
        continue
    section, tags = about.get(entry["Description-md5"][0], ("", []))
    if section in ("debug", "localization", "oldlibs", "metapackages") or entry["Package"][0].startswith(("librust-", "golang-", "r-cran-", "node-", "libghc-", "php-horde", "ruby-", "elpa-", "haskell")):
        lines = lines[:1]
    paragraphs, current = [], []
    for line in lines[1:]:
        if line.strip() == ".":
            paragraphs.append(" ".join(current))
            current = []
        else:
            current.append(line.strip())
    paragraphs.append(" ".join(current))
    head = f"{section}: {lines[0]}." + (" " + ", ".join(tags) + "." if tags else "")
    if paragraphs and paragraphs[0]:
        for i, piece in enumerate(pieces(paragraphs[0])):
            add(f"{head} {piece}" if i == 0 else piece)
    else:
        add(head)
    for paragraph in paragraphs[1:]:
        if not paragraph.startswith(("This package", "This metapackage", "These are")):
            for piece in pieces(paragraph):
                add(piece)

synsets = {}
for kind in ("noun", "verb", "adj", "adv"):
    for line in open(f"{wordnet}/data.{kind}", encoding="utf-8", errors="replace"):
        if line.startswith("  "):
            continue
        fields, _, gloss = line.partition("|")
        fields = fields.split()
        count = int(fields[3], 16)
        words = [re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count)]
        pointers = fields[5 + 2 * count:]
        links = [(pointers[4 * i], pointers[4 * i + 1], pointers[4 * i + 2]) for i in range(int(fields[4 + 2 * count]))]
        synsets[(fields[2].replace("s", "a"), fields[0])] = (words, links, gloss.strip())

for words, links, gloss in synsets.values():
    if all(word[0].isupper() for word in words):
        continue  # people and places
    kinds = [synsets[(part.replace("s", "a"), offset)][0][0] for sign, offset, part in links if sign in ("@", "@i", ";c") and (part.replace("s", "a"), offset) in synsets]
    add(f"{', '.join(words)}" + (f" ({', '.join(kinds)})" if kinds else "") + f": {gloss}")

Random(1).shuffle(rows)
with open(f"{out}/train.txt", "w") as train, open(f"{out}/validation.txt", "w") as validation:
    for i, row in enumerate(rows):
        print(row, file=validation if i % 50 == 0 else train)
print(len(rows), "rows,", sum(len(r.split()) for r in rows), "words")
