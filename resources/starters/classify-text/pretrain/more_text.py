"""Adds English prose from Debian's dictionaries, manuals and application catalogue to the corpus.

    python3 more_text.py OUT_FILE COMPONENTS_YML_XZ PACKAGE_FOLDER...

COMPONENTS_YML_XZ is AppStream's catalogue (dists/forky/main/dep11/Components-amd64.yml.xz of a mirror): summaries,
keywords, categories and descriptions of applications. A PACKAGE_FOLDER is an unpacked package (dpkg -x) of packages.txt:
help pages (HTML, DocBook, Mallard), dictd dictionaries, fortunes, plain text. Writes rows of at most about 70 words, a
line each, without those that are not English prose. The text itself is not part of the project.
"""
import bz2, gzip, html, lzma, os, re, sys

from pieces import pieces

out, catalogue, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
COMMON = set("the a an of to in and is you for it that on with or as are be this can if not by from your at have has "
             "will which was".split())
SKIP = re.compile(r"/(locale|man|lintian|changelog)|changelog|copyright|/(ar|bg|bn|bs|ca|cs|da|de|el|en_GB|eo|es|et|eu|fa|"
                  r"fi|fr|ga|gl|gu|he|hi|hr|hu|id|is|it|ja|ka|kk|ko|lt|lv|mk|ml|mr|nb|nds|nl|nn|oc|pa|pl|pt|pt_BR|pt-br|ro|"
                  r"ru|sk|sl|sr|sr@latin|sv|ta|te|th|tr|uk|vi|zh_CN|zh_TW|zh|zh-cn|be|af|ast|as|sq|ug|lzh)/")
BLOCK = re.compile(r"</?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|td|tr|table|pre|br|para|title|listitem|section|sect[0-9]|item|page|"
                   r"entry|row|term|screen|programlisting)\b[^>]*>", re.I)
rows, seen = [], set()


def plain(text):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text))).strip()


def is_english(words):
    letters = sum(word.isascii() and any(c.isalpha() for c in word) for word in words)
    return len(words) > 5 and letters > 0.8 * len(words) and sum(w.lower() in COMMON for w in words) > 0.14 * len(words)


def keep(words):
    row = " ".join(words)
    if row.lower() not in seen:
        seen.add(row.lower())
        rows.append(row)


def add(text, most=70):
    """Keeps the rows of about `most` words of a text that are English prose."""
    for piece in pieces(re.sub(r"\s+", " ", html.unescape(text)).strip(), most):
        words = piece.split()
        if is_english(words):
            keep(words)


def add_markup(text):
    text = re.sub(r"<!--.*?-->|<(script|style|head)\b.*?</\1>", " ", text, flags=re.S | re.I)
    for part in BLOCK.split(text):
        part = re.sub(r"<[^>]*>", "", part)
        if len(part) > 30:
            add(part)


def add_dictionary(text):
    """dictd: an entry starts at the margin, its lines are indented; \\...\\ is how it is spoken, [...] where it is from."""
    entry = []
    for line in text.split("\n") + ["end"]:
        if line and not line[0].isspace() and entry:
            add(re.sub(r"\\[^\\]*\\|\[[^\]]*\]|\{|\}", " ", " ".join(entry)))
            entry = []
        if line.strip():
            entry.append(line.strip())


def read(path):
    opened = {".gz": gzip.open, ".dz": gzip.open, ".bz2": bz2.open}.get(os.path.splitext(path)[1], open)
    with opened(path, "rt", encoding="utf-8", errors="replace") as file:
        return file.read(4_000_000)


def add_file(path, name):
    if name.endswith((".html", ".htm", ".xhtml", ".docbook", ".page", ".html.gz", ".docbook.bz2")) or (
            name.endswith(".xml") and "/help/" in path):
        add_markup(read(path))
    elif name.endswith(".dict.dz"):
        add_dictionary(read(path))
    elif "fortunes" in path and not name.endswith((".dat", ".u8")):
        for saying in read(path).split("\n%\n"):
            add(saying)
    elif name.endswith((".txt", ".txt.gz", ".text.gz", "README.gz")):
        for paragraph in re.split(r"\n\s*\n", read(path)):
            add(paragraph)


def fields(document):
    """The English parts of one application: Name of the field -> its lines."""
    found, field, language = {}, None, None
    for line in document.split("\n"):
        top, inner = re.match(r"([A-Za-z]+):\s*$", line), re.match(r"  ([A-Za-z_@]+): ?(.*)$", line)
        if top:
            field, language = top.group(1), None
        elif line and not line.startswith((" ", "-")):
            field = None
        elif field == "Categories" and line.startswith("- "):
            found.setdefault(field, []).append(re.sub(r"([a-z])([A-Z])", r"\1 \2", line[2:]))
        elif field in ("Summary", "Description", "Keywords") and inner:
            language = inner.group(1)
            if language == "C" and inner.group(2) not in ("|-", "|", ">-", ""):
                found.setdefault(field, []).append(inner.group(2))
        elif field in ("Summary", "Description", "Keywords") and language == "C":
            found.setdefault(field, []).append(line.strip().removeprefix("- ").strip('"'))
    return found


def add_catalogue(path):
    with lzma.open(path, "rt") as file:
        documents = file.read().split("\n---\n")
    for document in documents:
        about = fields(document)
        if "Summary" in about:
            kinds = [kind for kind in about.get("Categories", []) if kind not in ("Qt", "KDE", "GTK", "GNOME", "Utility")]
            parts = [plain(" ".join(about["Summary"])).strip('"'), ", ".join(kinds), ", ".join(about.get("Keywords", []))]
            keep((". ".join(part for part in parts if part) + ".").split())
            add(plain(" ".join(about.get("Description", []))), 60)


add_catalogue(catalogue)
for folder in folders:
    for base, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(base, name)
            if not os.path.islink(path) and not SKIP.search(path[len(folder):]):
                add_file(path, name)
with open(out, "w", encoding="utf-8") as file:
    file.write("\n".join(rows) + "\n")
print(len(rows), "rows,", sum(len(row.split()) for row in rows), "words")
