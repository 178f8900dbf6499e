"""Makes the text that the starter's encoder learned from: Debian's package descriptions and WordNet's definitions.

    python3 corpus.py TRANSLATION_EN PACKAGES WORDNET_FOLDER OUT_FOLDER

Writes train.txt and validation.txt (one row a line, for masked language modelling) and sections.csv and
sections-validation.csv (text,label: descriptions with the archive section of their package, words and definitions with a kind
of thing above them in WordNet; for the second stage).
TRANSLATION_EN and PACKAGES are apt's lists (Translation-en: long descriptions; Packages: sections and tags), WORDNET_FOLDER
is the folder of the package wordnet-base that holds data.noun and its companions. Rows have at most about 70 words; every
fiftieth goes to the validation file. The text itself is not part of the project.
"""
import csv, re, sys
from collections import Counter
from random import Random

from pieces import pieces

translation, packages, wordnet, out = sys.argv[1:]
# Sections that say what a program is about, not in what it is written or of which desktop it is a part.
TOPICS = set("admin comm database devel doc editors education electronics embedded fonts games graphics hamradio httpd "
             "interpreters kernel mail math net news science shells sound tex text utils vcs video web".split())


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


rows, seen, labelled = [], set(), []


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
    if section in TOPICS and not entry["Package"][0].endswith(("-dbg", "-dev", "-data", "-common", "-doc")):
        labelled.append((lines[0], section))
        labelled += [(piece, section) for piece in pieces(" ".join(paragraphs[:2]), 30)][:4]
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


def kind_of(key, wanted, depth=0):
    """The nearest of the wanted hypernyms, or a topic ("music", "computer science") where WordNet names one."""
    words, links, _ = synsets[key]
    linked = [(sign, (part.replace("s", "a"), offset)) for sign, offset, part in links]
    for sign, target in linked:
        if sign == ";c" and target in synsets:
            return synsets[target][0][0]
    for sign, target in linked:
        if sign in ("@", "@i") and target in synsets and depth < 12:
            if synsets[target][0][0] in wanted:
                return synsets[target][0][0]
            return kind_of(target, wanted, depth + 1)
    return None


KINDS = set("""musical instrument|musical composition|music|sound|musician|game|sport|toy|picture|photograph|camera|painting|artist|
drawing|film|color|computer|software|machine|device|electronic equipment|software package|document|writing|written communication|
publication|text|language|letter|symbol|number|mathematical relation|statistic|measure|chemical element|compound|organism|plant|animal|
cell|disease|body part|star|celestial body|planet|rock|mineral|region|city|body of water|weather|atmospheric phenomenon|energy|
message|communication|network|transmission|conversation|storage|memory device|container|security|protection|data|error|instruction|
command|program|food|clothing|building|vehicle|furniture|tool|worker|relative|emotion|money|time period|law|religion|war""".replace("\n", "").split("|"))
for key, (words, links, gloss) in synsets.items():
    kind = kind_of(key, KINDS)
    if kind and not all(word[0].isupper() for word in words):
        labelled.append((f"{', '.join(words)}: {gloss}", "kind: " + kind))
        labelled.append((", ".join(words), "kind: " + kind))
for words, links, gloss in synsets.values():
    if all(word[0].isupper() for word in words):
        continue  # people and places
    kinds = [synsets[(part.replace("s", "a"), offset)][0][0] for sign, offset, part in links if sign in ("@", "@i", ";c") and (part.replace("s", "a"), offset) in synsets]
    add(f"{', '.join(words)}" + (f" ({', '.join(kinds)})" if kinds else "") + f": {gloss}")

Random(1).shuffle(rows)
with open(f"{out}/train.txt", "w") as train, open(f"{out}/validation.txt", "w") as validation:
    for i, row in enumerate(rows):
        print(row, file=validation if i % 50 == 0 else train)
counts = Counter(label for _, label in labelled)
labelled = [row for row in labelled if counts[row[1]] >= 100]
labelled = sorted({(re.sub(r"\s+", " ", text).strip(), label) for text, label in labelled if len(text) > 2})
Random(1).shuffle(labelled)
taken = Counter()
capped = []
for row in labelled:  # biology would drown the rest
    taken[row[1]] += 1
    if taken[row[1]] <= 2500:
        capped.append(row)
labelled = capped
with open(f"{out}/sections.csv", "w") as train, open(f"{out}/sections-validation.csv", "w") as validation:
    files = csv.writer(train), csv.writer(validation)
    for file in files:
        file.writerow(("text", "label"))
    for i, row in enumerate(labelled):
        files[i % 50 == 0].writerow(row)
print(len(rows), "rows,", sum(len(r.split()) for r in rows), "words;", len(labelled), "labelled rows")
