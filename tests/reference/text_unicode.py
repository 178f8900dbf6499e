"""What the tokenizers library does to every single code point, as ranges and as the list of what changes."""
import json

from tokenizers import Regex, normalizers, pre_tokenizers

ALL = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def ranges(members):
    out = []
    for c in sorted(members):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def vanishing(normalizer):
    return ranges(c for c in ALL if normalizer.normalize_str(chr(c)) == "")


def changing(normalizer):
    pairs = ((c, normalizer.normalize_str(chr(c))) for c in ALL)
    return [[c, [ord(x) for x in s]] for c, s in pairs if s != chr(c)]


def matching(pattern):
    found = set()
    for text, _ in pre_tokenizers.Split(Regex(pattern), "removed", invert=True).pre_tokenize_str("".join(map(chr, ALL))):
        found.update(map(ord, text))
    return ranges(found)


def bert(**on):
    return normalizers.BertNormalizer(**{**dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False), **on})


split, words, digits = pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True)
print(json.dumps({
    "dropped": vanishing(bert(clean_text=True)),
    "accents": vanishing(bert(strip_accents=True)),
    "marks": vanishing(normalizers.StripAccents()),
    "chinese": ranges(c for c in ALL if bert(handle_chinese_chars=True).normalize_str(chr(c)) != chr(c)),
    "punctuation": ranges(c for c in ALL if len(split.pre_tokenize_str("a" + chr(c))) == 2),
    "space": ranges(c for c in ALL if [s for s, _ in split.pre_tokenize_str("a" + chr(c))] == ["a"]),
    "word": ranges(c for c in ALL if [s for s, _ in words.pre_tokenize_str("a" + chr(c))] == ["a" + chr(c)]),
    "number": ranges(c for c in ALL if len(digits.pre_tokenize_str("a" + chr(c) + "a")) == 3),
    "letter_regex": matching(r"\p{L}"), "number_regex": matching(r"\p{N}"), "space_regex": matching(r"\s"), "word_regex": matching(r"\w"),
    "script_starts": [begin for order in (1, 7919) for _, (begin, _) in pre_tokenizers.UnicodeScripts().pre_tokenize_str("".join(chr(ALL[i * order % len(ALL)]) for i in range(len(ALL))))],
    "upper": [[ord(c), [ord(x) for x in c.upper()]] for c in map(chr, ALL) if len(c.upper()) > 1],
    "lower": changing(normalizers.Lowercase()),
    "nfd": changing(normalizers.NFD()), "nfc": changing(normalizers.NFC()), "nfkd": changing(normalizers.NFKD()), "nfkc": changing(normalizers.NFKC()),
}))
