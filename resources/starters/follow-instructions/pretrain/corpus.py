"""Makes the text that the starter's model learned English from.

    python3 corpus.py TRANSLATION_EN PACKAGES WORDNET_FOLDER GCIDE FOLDOC JARGON FORTUNES_FOLDER HANDBOOK_FOLDER OUT_FOLDER

TRANSLATION_EN and PACKAGES are apt's lists; WORDNET_FOLDER is the folder of wordnet-base with data.noun and its companions;
GCIDE and FOLDOC are gcide.dict.dz and foldoc.dict.dz of the packages dict-gcide and dict-foldoc; JARGON is jargon.txt.gz of
jargon-text; FORTUNES_FOLDER is the folder of the package fortunes; HANDBOOK_FOLDER is html/en-US of debian-handbook.
Writes train.jsonl and validation.jsonl: passages of plain sentences, several a row, so that a row fills the model's context.
WordNet's entries become sentences ("A violin is ...", "The opposite of hot is cold."), frequent words in several ways.
The text itself is not part of the project.
"""
import gzip, html, json, re, sys
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

translation, packages, wordnet, gcide, foldoc, jargon, fortunes, handbook, out = sys.argv[1:]
random = Random(3)
ROW = 860  # characters: a little more than 192 tokens, so that rows are cut and do not end
passages, focus, counts = [], [], Counter()
seen = set()


def add(source, text):
    text = re.sub(r"[ \t]+", " ", text).strip()
    if len(text) < 20 or text in seen or sum(c.isascii() for c in text) < 0.97 * len(text):
        return
    seen.add(text)
    passages.append(text)
    counts[source] += len(text.split())


def sentence(text):
    text = re.sub(r"\s+", " ", text).strip(" ;,:")
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


# ---- WordNet ----
FILES = "adj.all adj.pert adv.all Tops act animal artifact attribute body cognition communication event feeling food group location motive object person phenomenon plant possession process quantity relation shape state substance time".split()
THINGS = {"animal", "artifact", "body", "group", "object", "person", "plant", "shape", "event", "communication", "location"}
synsets, order = {}, defaultdict(list)
tagged = Counter()
for line in open(f"{wordnet}/cntlist.rev"):
    key, sense, count = line.split()
    tagged[(key.split("%")[0], "nvaras"[int(key.split("%")[1][0]) - 1 if key.split("%")[1][0] != "5" else 2], int(sense))] = int(count)
for kind in ("noun", "verb", "adj", "adv"):
    for line in open(f"{wordnet}/data.{kind}", encoding="utf-8", errors="replace"):
        if line.startswith("  "):
            continue
        fields, _, gloss = line.partition("|")
        fields = fields.split()
        count = int(fields[3], 16)
        words = [re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count)]
        pointers = fields[5 + 2 * count:]
        links = [pointers[4 * i:4 * i + 4] for i in range(int(fields[4 + 2 * count]))]
        parts = re.split(r';\s*(?=")', gloss.strip())
        examples = [e.strip(' ";') for e in re.findall(r'"([^"]+)"', gloss)]
        definition = re.sub(r"^\(.*?\)\s*", "", parts[0]).strip()
        definition = re.sub(r"\s*\([^()]*\)", "", definition).split('; "')[0].strip(" ;")
        synsets[(kind[0], fields[0])] = (words, links, definition, examples, int(fields[1]))
for kind in ("noun", "verb", "adj", "adv"):  # which sense of a word comes first
    for line in open(f"{wordnet}/index.{kind}"):
        if not line.startswith("  "):
            fields = line.split()
            offsets = fields[-int(fields[2]):]
            for i, offset in enumerate(offsets):
                order[(kind[0], offset)].append((fields[0].replace("_", " "), i + 1, tagged[(fields[0], kind[0], i + 1)]))

# Whether a noun takes "a": how often it does in the text at hand.
raw = open(translation, encoding="utf-8", errors="replace").read().lower() + " ".join(d + " " + " ".join(e) for _, _, d, e, _ in synsets.values()).lower()
total, with_a = Counter(re.findall(r"[a-z]+", raw)), Counter(re.findall(r"\ban? ([a-z]+)", raw))
after = Counter(re.findall(r"\ban? [a-z]+ ([a-z]+)", raw))


def countable(word, kind):
    last = word.split()[-1].lower()
    if total[last] >= 8:
        return (with_a[last] + 0.5 * after[last]) / total[last] > 0.07
    return kind in THINGS


def article(word):
    return ("an " if re.match(r"[aeio]|u(?!ni|se|su|ti|ri|bi)|hour|honest|heir", word.lower()) else "a ") + word


def noun(word, kind):
    if word[0].isupper() or any(c.isupper() for c in word):
        return word
    return article(word) if countable(word, kind) and not re.search(r"[^su]s$", word) else word


def described(definition, kind):
    first = definition.split()[0].lower() if definition else ""
    if first in ("a", "an", "the", "any", "one", "something", "someone", "some", "all", "that", "what", "each", "either", "not", "two", "three"):
        return definition
    head = re.split(r"\b(?:that|which|who|of|with|for|in|from|used|having|to|by|on|at|made|native|consisting|usually|often|especially|resembling|similar|consists|found|worn)\b|[,;]", definition)[0].split()
    if head and (head[-1].endswith("s") and not head[-1].endswith("ss")):
        return definition
    return article(definition) if head and countable(head[-1], kind) else definition


def listing(words):
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def linked(links, signs):
    return [synsets[(l[2].replace("s", "a"), l[1])] for l in links if l[0] in signs and (l[2].replace("s", "a"), l[1]) in synsets]


def kinds_below(key, depth=3):
    """Words for kinds of a thing, down to three levels, of which this is the first sense."""
    found = set()
    for link in synsets[key][1]:
        below = (link[2], link[1])
        if link[0] == "~" and below in synsets:
            first = [w for w in synsets[below][0] if " " not in w and w.islower() and (w, 1) in [(a, b) for a, b, _ in order[below]]]
            found.update(first[:1])
            if depth > 1:
                found |= kinds_below(below, depth - 1)
    return found


def some_of(words, count):
    """Known words rather than rare ones."""
    words = sorted(words)
    weights = [min(total[w], 150) + 0.3 for w in words]
    some = []
    while len(some) < min(count, len(words)):
        some += [w for w in random.choices(words, weights) if w not in some]
    return some


for (part, offset), (words, links, definition, examples, file) in synsets.items():
    if not definition or re.search(r"offensive|slang|obscene|slur|disparag|vulgar|sexual", definition):
        continue
    senses = {w: (rank, n) for w, rank, n in order[(part, offset)]}
    common = sum(n for _, n in senses.values())
    main = words[0]
    known = common + (total[main.lower()] / 10 if max(rank for rank, _ in senses.values()) == 1 else 0)
    times = 1 if known < 1 else 2 if known < 5 else 4 if known < 20 else 6
    if known < 0.4 and random.random() < 0.6:
        continue  # a small model cannot keep all the rare words
    rank = senses.get(main.lower(), (1, 0))[0]
    capital = any(c.isupper() for c in main)
    if capital and common == 0 and random.random() < 0.5:
        continue  # not too many people, places and species
    lines = []
    first = rank == 1 and known >= 6 and not capital and len(main) > 2  # for the second stage
    short = definition.split(";")[0]
    if first and len(short.split()) > 22:
        first = False
    if part == "n":
        kind = FILES[file] if file < len(FILES) else ""
        hypernyms = linked(links, ("@", "@i"))
        above = hypernyms[0][0][0] if hypernyms else ""
        about = described(definition, kind)
        name = noun(main, kind)
        frames = [f"{name} is {about}", f"{name} is {about}", f"What is {name}? {sentence(name + ' is ' + about)}",
                  f"{name}: {definition}", f'The word "{main}" means {about}', f"What does \"{main}\" mean? It means {about}"]
        if first:
            told = sentence(f"{name} is {described(short, kind)}")
            focus += [f"What is {name}? {told}", told if random.random() < 0.5 else f'Define the word "{main}". {told}']
        kinds = f"{name} is a kind of {above}" if above else ""
        below = kinds_below((part, offset))
        pieces = [s[0][0] for s in linked(links, ("%p",))]
        if kinds:
            lines.append(kinds)
        if known >= 6 and rank == 1 and len(below) > 5:
            focus += [sentence(f"{random.choice(('Three', 'Three kinds of', 'Some'))} {main}: {listing(['the ' + w for w in some_of(below, 3)])}") for _ in range(4)]
        if len(below) > 2:
            for _ in range(times + (len(below) > 20) * 2):
                some = some_of(below, random.choice((3, 3, 4, 5)))
                lines.append(random.choice((f"Some kinds of {main} are {listing(some)}", f"Three kinds of {main} are {listing(some[:3])}",
                                                f"Examples of {main} are {listing(some)}", f"Can you name some kinds of {main}? {sentence(listing(some))}")))
        if pieces:
            lines.append(random.choice((f"Parts of {name} are {listing(pieces[:5])}", f"{name} has these parts: {listing(pieces[:5])}")))
    elif part == "v":
        verb = f"to {main}"
        if first:
            focus.append(f'What does "{verb}" mean? {sentence(verb + " means to " + short)}')
        frames = [f"{verb} is to {definition}", f"{verb} means to {definition}", f'What does it mean to {main}? It means to {definition}', f'To {definition} is called to {main}',
                  f'The verb "{main}" means to {definition}']
    else:
        if first:
            focus.append(f'What does "{main}" mean? "{main.capitalize()}" means {short}.')
        frames = [f'"{main}" means {definition}', f'What does "{main}" mean? It means {definition}', f'If something is {main}, it is {definition}' if part == "a" else f"{main}: {definition}",
                  f'The word "{main}" means {definition}']
    others = [w for w in words[1:] if w.lower() != main.lower()]
    if others and not capital:
        a, b = (main, others[0]) if random.random() < 0.5 else (others[0], main)
        if known >= 3 and total[b] >= 20 and " " not in a + b and rank == 1:
            focus.append(f"What is another word for {a}? Another word for {a} is {b}.")
        lines.append(random.choice((f"Another word for {a} is {b}", f"{a} and {b} mean the same", f'"{a}" is a synonym of "{b}"',
                                        f"What is another word for {a}? Another word for {a} is {b}")))
    for link in links:
        if link[0] == "!":
            source, target = int(link[3][:2], 16), int(link[3][2:], 16)
            other = synsets.get((link[2].replace("s", "a"), link[1]))
            if other and source and target:
                a, b = words[source - 1], other[0][target - 1]
                if min(total[a], total[b]) >= 10 and not a.startswith(("un", "in", "non", "dis")) and not b.startswith(("un", "in", "non", "dis")):
                    focus += [f"What is the opposite of {a}? The opposite of {a} is {b}.", f"{a.capitalize()}: the opposite of {a} is {b}.", f"Name the opposite of {a}. The opposite of {a} is {b}."]
                for _ in range(min(times, 3)):
                    lines.append(random.choice((f"The opposite of {a} is {b}", f"What is the opposite of {a}? The opposite of {a} is {b}", f"{a} is the opposite of {b}")))
    if known >= 6 and rank <= 2:
        for e in examples[:2]:
            if len(e.split()) >= 5 and main.lower() in e.lower():
                focus.append(f'Use the word "{main}" in a sentence. {sentence(e)}')
    if examples:
        for _ in range(min(times, 3)):
            used = next((w for w in words if re.search(rf"\b{re.escape(w.lower()[:4])}", examples[0].lower())), main)
            e = sentence(random.choice(examples))
            lines.append(random.choice((e, e, f'Here is a sentence with the word "{used}": {e}', f'An example of the word "{used}" in a sentence: {e}')))
    # The first sense of a word is what people ask for; the fifth had better not answer for it.
    for i in range(times if rank <= 2 else 1):
        frame = random.choice(frames) if rank <= 2 else f"{main}: {definition}" if rank > 3 else frames[0]
        lines.append(frame)
    random.shuffle(lines)
    # A definition together with another line now and then, so that passages have more than one sentence.
    while lines:
        text = sentence(lines.pop())
        if lines and random.random() < 0.4:
            text += " " + sentence(lines.pop())
        add("wordnet", text)

# ---- simple sums and orders ----
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()
for a in range(0, 21):
    for b in range(0, 21):
        if a + b <= 20:
            for text in (f"{a} + {b} = {a + b}.", f"{a} plus {b} is {a + b}.", f"What is {a} plus {b}? {a} plus {b} is {a + b}.", f"{NUMBERS[a]} plus {NUMBERS[b]} is {NUMBERS[a + b]}.",
                         f"{a + b} minus {b} is {a}.", f"{NUMBERS[a + b]} minus {NUMBERS[b]} is {NUMBERS[a]}.", f"What is {a + b} minus {a}? {a + b} minus {a} is {b}."):
                add("sums", sentence(text) if len(text) > 22 else sentence(text) + " " + sentence(f"{NUMBERS[a]} and {NUMBERS[b]} make {NUMBERS[a + b]}"))
    for b in range(0, 13):
        add("sums", f"{a} times {b} is {a * b}. {a} x {b} = {a * b}.")
ORDERS = (("day", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
          ("month", "January February March April May June July August September October November December".split()),
          ("season", "spring summer autumn winter".split()), ("number", NUMBERS), ("letter", list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")))
for what, names in ORDERS:
    for i in range(len(names) - 1):
        add("sums", f"After {names[i]} comes {names[i + 1]}. {names[i + 1]} comes after {names[i]}.")
        add("sums", f"Which {what} comes before {names[i + 1]}? {names[i]} comes before {names[i + 1]}.")
        add("sums", f"The {what}s in order: {', '.join(names[i:i + 8])}.")


# ---- GCIDE: the first senses, without quotations, old words left out ----
def clean(text):
    text = re.sub(r"\[[^\[\]]*\]", " ", text)
    text = re.sub(r"[{}\\]", "", text).replace("`", "'")
    return re.sub(r"\s+", " ", text).strip()


entries = re.split(r"\n(?=\S)", gzip.open(gcide).read().decode("utf-8", "replace"))
for entry in entries:
    match = re.match(r"([A-Z][A-Za-z' -]+?) \\.*?\\.*?, (n|v\. t|v\. i|a|adv)\.", entry, re.S)
    if not match or "[Obs" in entry or "[R.]" in entry:
        continue
    word, part = match[1], match[2]
    lines = [l for l in entry.split("\n")[1:] if not re.match(r"\s{8,}", l)]
    body = "\n".join(lines)
    senses = re.split(r"\n\s*\d+\. ", "\n" + body)
    senses = senses[1:3] if len(senses) > 1 else [body[body.find("]\n") + 1:] if "]\n" in body[:400] else body]
    for sense in senses:
        text = clean(re.split(r"--|Syn:|Note:", re.sub(r"\([^()]*\)", " ", sense))[0])
        if 5 <= len(text.split()) <= 60 and re.match(r"[A-Z]", text) and "~" not in text and "=" not in text:
            low = text[0].lower() + text[1:]
            if part == "n" and re.match(r"(?:a|an|the|one|any) ", low):
                add("gcide", sentence(random.choice((f"{noun(word.lower(), 'artifact')} is {low}", f"{word}: {low}"))))
            elif part.startswith("v") and low.startswith("to "):
                add("gcide", sentence(random.choice((f"to {word.lower()} is {low}", f"{word}: {low}"))))
            else:
                add("gcide", sentence(f"{word}: {low}"))

# ---- FOLDOC, the jargon file, fortunes, the Debian handbook, descriptions of programs ----
name = ""
for paragraph in re.split(r"\n\s*\n", gzip.open(foldoc).read().decode("utf-8", "replace")):
    if re.match(r"\S", paragraph):
        name = paragraph.split("\n")[0].strip()
        continue
    text = clean(re.sub(r"\{?\(https?[^)]*\)\}?|\(\d{4}-\d\d-\d\d\)|<[^>]*>", "", paragraph))
    if len(text.split()) >= 8 and text[0].isupper() and len(name) < 40 and text.endswith("."):
        add("foldoc", f"{name}: {text}" if name and random.random() < 0.7 else text)
        name = ""
for paragraph in re.split(r"\n\s*\n", gzip.open(jargon).read().decode("latin-1")):
    text = clean(paragraph)
    if len(text.split()) >= 12 and text.endswith((".", "!")):
        add("jargon", text)
FORTUNES = set("computers cookie definitions debian education food fortunes goedel humorists linux literature love medicine miscellaneous news "
               "paradoxum people pets platitudes riddles science wisdom work".split())
for file in sorted(Path(fortunes).glob("*")):
    if file.name not in FORTUNES:
        continue
    for cookie in re.split(r"\n%\n", file.read_text(encoding="utf-8", errors="replace")):
        text = clean(re.split(r"\n\s*--", cookie)[0])
        if 6 <= len(text.split()) <= 150 and text.endswith((".", "!", "?", '"')):
            add("fortunes", text)
for file in sorted(Path(handbook).glob("*.html")):
    for paragraph in re.findall(r'<div class="para">(.*?)</div>', file.read_text(encoding="utf-8"), re.S):
        text = clean(html.unescape(re.sub(r"<[^>]+>", "", paragraph)))
        if len(text.split()) >= 10:
            add("handbook", text)
section = {}
for entry in re.split(r"\n\n", open(packages, encoding="utf-8", errors="replace").read()):
    md5, where = re.search(r"^Description-md5: (\S+)", entry, re.M), re.search(r"^Section: (\S+)", entry, re.M)
    if md5 and where:
        section[md5[1]] = where[1].split("/")[-1]
TOPICS = set("editors education games graphics hamradio mail math net science sound text utils video web gnome kde xfce electronics fonts doc admin".split())
for entry in re.split(r"\n\n", open(translation, encoding="utf-8", errors="replace").read()):
    md5 = re.search(r"^Description-md5: (\S+)", entry, re.M)
    text = entry.partition("Description-en:")[2]
    if not md5 or section.get(md5[1]) not in TOPICS:
        continue
    for paragraph in re.split(r"\n \.", text.partition("\n")[2]):
        text = clean(paragraph)
        if len(text.split()) >= 15 and text.endswith(".") and " * " not in text and " - " not in text and not text.startswith(("This package", "This metapackage", "These are")):
            add("descriptions", text)



def in_rows(passages):
    random.shuffle(passages)
    rows, row = [], ""
    for passage in passages:
        row += ("\n" if row else "") + passage
        if len(row) >= ROW:
            rows.append(row[:ROW + 80])
            row = ""
    random.shuffle(rows)
    return rows


rows = in_rows(passages)
simple = [f"What is {x} plus {y}? {sentence(f'{x} plus {y} is {z}')}" for a in range(11) for b in range(11)
          for x, y, z in ((a, b, a + b), (NUMBERS[a], NUMBERS[b], NUMBERS[a + b]))]
simple += [f"What is {x} minus {y}? {sentence(f'{x} minus {y} is {z}')}" for a in range(11) for b in range(a + 1)
           for x, y, z in ((a, b, a - b), (NUMBERS[a], NUMBERS[b], NUMBERS[a - b]))]
simple += [f"Which {what} comes after {a}? {sentence(f'{b} comes after {a}')}" for what, names in ORDERS for a, b in zip(names, names[1:])]
simple += [f"Which {what} comes before {b}? {sentence(f'{a} comes before {b}')}" for what, names in ORDERS for a, b in zip(names, names[1:])]
common = in_rows(focus + 2 * simple + passages[:len(focus) // 8])
print(len(focus), "lines on common words in", len(common), "rows")
for name, some in (("validation", rows[:120]), ("train", rows[120:]), ("common-validation", common[:60]), ("common", common[60:])):
    with open(f"{out}/{name}.jsonl", "w", encoding="utf-8") as file:
        for text in some:
            print(json.dumps({"text": text}, ensure_ascii=False), file=file)
print(dict(counts), sum(counts.values()), "words;", len(rows), "rows")
