"""What the tokenizers library makes of the corpus. Arguments: folder of public tokenizers (or ""). JSON lines:
{"tokenizer": name, "path": ... | "json": ...} and then, up to the next such line, one line a case."""
import base64
import copy
import json
import os
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

sys.path.insert(0, os.path.dirname(__file__))
import text_corpus

TEXTS = text_corpus.texts()
STRINGS = [t.decode("utf-8", errors="replace") for t in TEXTS]
QWEN = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
LLAMA3 = QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
SPECIAL = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)


def trained(model, pre, trainer, normalizer=None):
    t = Tokenizer(model)
    if normalizer:
        t.normalizer = normalizer
    t.pre_tokenizer = pre
    t.train_from_iterator(STRINGS[:90], trainer)
    return json.loads(t.to_str())


def byte_level(regex, normalizer=None):
    return trained(models.BPE(), pre_tokenizers.Sequence([pre_tokenizers.Split(__import__("tokenizers").Regex(regex), "isolated"),
                                                         pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]),
                   trainers.BpeTrainer(vocab_size=700, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False), normalizer)


def add(t, *tokens):
    at = len(t["model"]["vocab"])
    for content, flags in tokens:
        known = t["model"]["vocab"].get(content)
        t["added_tokens"].append({"id": at if known is None else known, "content": content, **{**SPECIAL, **flags}})
        at += known is None
    return t


def made():
    """Tokenizers that no public file here has, with vocabularies learned from the corpus."""
    decoder = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    qwen = add(byte_level(QWEN, normalizers.NFC()), ("<|endoftext|>", {}), ("<|im_start|>", {}), ("<|im_end|>", {}), ("<tool_call>", {"special": False}))
    qwen["post_processor"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    qwen["decoder"] = decoder
    yield "qwen2-like", qwen

    llama = add(byte_level(LLAMA3), ("<|begin_of_text|>", {}), ("<|end_of_text|>", {}), ("<|eot_id|>", {}))
    bos = llama["added_tokens"][0]["id"]
    s, a, b = {"SpecialToken": {"id": "<|begin_of_text|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
    llama["post_processor"] = {"type": "Sequence", "processors": [
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
        {"type": "TemplateProcessing", "single": [s, a], "pair": [s, a, {"SpecialToken": {"id": "<|begin_of_text|>", "type_id": 1}}, b],
         "special_tokens": {"<|begin_of_text|>": {"id": "<|begin_of_text|>", "ids": [bos], "tokens": ["<|begin_of_text|>"]}}}]}
    llama["decoder"] = decoder
    # ignore_merges shows only where a token is not what the merges make of its letters.
    llama["model"]["ignore_merges"] = True
    half = len(llama["model"]["merges"]) // 2
    llama["model"]["merges"] = [m for i, m in enumerate(llama["model"]["merges"]) if i < half or i % 3]
    yield "llama3-like", llama

    trim = copy.deepcopy(qwen)
    trim["normalizer"] = None
    trim["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    trim["post_processor"] = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    trim["added_tokens"][0].update(lstrip=True, rstrip=True)
    trim["added_tokens"][3].update(single_word=True, normalized=True)
    yield "byte-level-trimmed", trim

    roberta = copy.deepcopy(trim)
    roberta["post_processor"] = {"type": "RobertaProcessing", "sep": ["<|im_end|>", bos], "cls": ["<|im_start|>", bos - 1], "trim_offsets": True, "add_prefix_space": True}
    yield "roberta-like", roberta

    # Words of characters, with unknown ones.
    for name, norm, pre in [
        ("nfd-strip-accents", normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]), pre_tokenizers.Whitespace()),
        ("nfkc", normalizers.NFKC(), pre_tokenizers.WhitespaceSplit()),
        ("nfkd-digits", normalizers.Sequence([normalizers.NFKD(), normalizers.Strip()]), pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True)])),
        ("nfc-digits-runs", normalizers.Sequence([normalizers.NFC(), normalizers.Strip(left=True, right=False)]), pre_tokenizers.Digits(individual_digits=False)),
        ("nmt-punctuation", normalizers.Nmt(), pre_tokenizers.Punctuation("merged_with_previous")),
        ("punctuation-contiguous", normalizers.Replace("o", "0"), pre_tokenizers.Punctuation("contiguous")),
        ("punctuation-next", normalizers.Replace(__import__("tokenizers").Regex(r"\s+"), "_"), pre_tokenizers.Punctuation("merged_with_next")),
        ("delimiter", normalizers.Prepend("_x"), pre_tokenizers.CharDelimiterSplit("e")),
        ("metaspace-always", normalizers.Lowercase(), pre_tokenizers.Metaspace("▁", "always", True)),
        ("metaspace-first", normalizers.NFC(), pre_tokenizers.Metaspace("▁", "first", True)),
        ("metaspace-never", normalizers.NFC(), pre_tokenizers.Metaspace("▁", "never", False)),
        ("split-inverted", normalizers.NFC(), pre_tokenizers.Split(__import__("tokenizers").Regex(r"\w+|[^\w\s]+"), "removed", invert=True)),
    ]:
        t = trained(models.BPE(unk_token="<unk>", fuse_unk="strip" in name), pre, trainers.BpeTrainer(vocab_size=300, special_tokens=["<unk>", "<s>"], limit_alphabet=120, show_progress=False), norm)
        add(t, ("Hello", {"normalized": True, "special": False}), ("[MASK]", {"lstrip": True, "normalized": False}), ("the", {"single_word": True, "normalized": True, "special": False}))
        if "metaspace" in name:
            t["decoder"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": name.split("-")[1], "split": True}
        yield name, t

    t = trained(models.BPE(unk_token="<unk>", continuing_subword_prefix="##", end_of_word_suffix="</w>"), pre_tokenizers.BertPreTokenizer(),
                trainers.BpeTrainer(vocab_size=400, special_tokens=["<unk>"], continuing_subword_prefix="##", end_of_word_suffix="</w>", show_progress=False))
    t["model"]["merges"] = [m for m in t["model"]["merges"] if "</w>" not in m[0]]
    t["decoder"] = {"type": "BPEDecoder", "suffix": "</w>"}
    yield "bpe-prefix-suffix", t

    t = trained(models.WordLevel(unk_token="<unk>"), pre_tokenizers.Whitespace(), trainers.WordLevelTrainer(vocab_size=200, special_tokens=["<unk>"], show_progress=False))
    yield "wordlevel", t

    t = trained(models.WordPiece(unk_token="[UNK]"), pre_tokenizers.BertPreTokenizer(), trainers.WordPieceTrainer(vocab_size=600, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False),
                normalizers.BertNormalizer(lowercase=False, strip_accents=True, handle_chinese_chars=False))
    t["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
    t["decoder"] = {"type": "WordPiece", "prefix": "##", "cleanup": False}
    yield "wordpiece-cased", t


    # Unigram: fused unknowns, bytes for unknowns, a whole text as one piece.
    unigram = lambda pre, norm=None, size=1400: trained(models.Unigram(), pre, trainers.UnigramTrainer(vocab_size=size, unk_token="<unk>", special_tokens=["<pad>", "</s>", "<unk>"], show_progress=False), norm)
    t = unigram(pre_tokenizers.Metaspace("▁", "always", True), normalizers.NFKC())
    t["model"]["vocab"] = [v for i, v in enumerate(t["model"]["vocab"]) if i < 4 or len(v[0]) > 1 or i % 4]  # else the corpus has no unknown ones
    t["decoder"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    yield "unigram", t
    t = copy.deepcopy(t)
    t["model"]["byte_fallback"] = True
    t["model"]["vocab"] += [[f"<0x{b:02X}>", 0.0] for b in range(256)]
    t["pre_tokenizer"] = None
    t["decoder"] = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}
    yield "unigram-bytes", t
    for name, pre in [("unicode-scripts", pre_tokenizers.UnicodeScripts()), ("scripts-of-words", pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.UnicodeScripts()])),
                      ("fixed-length", pre_tokenizers.FixedLength(length=3)), ("split-plain", pre_tokenizers.Split("an", "merged_with_next")),
                      ("split-contiguous", pre_tokenizers.Split(__import__("tokenizers").Regex(r"[aeiou]"), "contiguous", invert=True))]:
        yield name, trained(models.BPE(unk_token="<unk>"), pre, trainers.BpeTrainer(vocab_size=300, special_tokens=["<unk>"], limit_alphabet=120, show_progress=False))


def charsmap(folder):
    """T5's character map before other models."""
    path = os.path.join(folder, "t5-small/tokenizer.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            t5 = json.load(file)
        t = trained(models.WordLevel(unk_token="<unk>"), pre_tokenizers.Split(__import__("tokenizers").Regex(r"[\s\S]"), "isolated"),
                    trainers.WordLevelTrainer(vocab_size=400, special_tokens=["<unk>"], show_progress=False))
        t["normalizer"] = {"type": "Sequence", "normalizers": [t5["normalizer"], {"type": "Strip", "strip_left": False, "strip_right": True},
                                                               {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]}
        yield "precompiled-characters", t


def public(folder):
    for name in ["bert-base-uncased/tokenizer.json", "bert-base-uncased/tokenizer_minilm.json", "bert-base-uncased/tokenizer_pkgn_custom_tokens.json", "gpt2/tokenizer.json",
                 "roberta-base/tokenizer.json", "phi-3-mini/tokenizer.json", "torchtune_tiny/tiny_bpe_tokenizer.json", "whisper-tiny/tokenizer.json", "t5-small/tokenizer.json"]:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            yield name, path


def mended_llama(folder):
    """The copy of Llama 2's file at hand has lost its no-break spaces, so that the library refuses it; Phi-3 has the same vocabulary."""
    paths = [os.path.join(folder, name, "tokenizer.json") for name in ("llama2", "phi-3-mini")]
    if all(map(os.path.exists, paths)):
        t, phi = (json.load(open(path, encoding="utf-8")) for path in paths)
        yield "llama2 (mended)", json.dumps({**t, "model": phi["model"]})


def case(t, kind, index, encoding, **more):
    print(json.dumps({"kind": kind, "text": index, "ids": encoding.ids, "offsets": encoding.offsets, "types": encoding.type_ids, "special": encoding.special_tokens_mask,
                      "words": [-1 if w is None else w for w in encoding.word_ids], **more}))


def run(t):
    own = t.truncation is not None
    if own:
        t.no_padding()
        for i in range(0, len(STRINGS), 7):
            case(t, "file-truncation", i, t.encode("|".join([STRINGS[i]] * 5)))
    t.no_truncation()
    t.no_padding()
    for i, s in enumerate(STRINGS):
        e = t.encode(s)
        case(t, "single", i, e, decoded=t.decode(e.ids, skip_special_tokens=True), decoded_all=t.decode(e.ids, skip_special_tokens=False))
        case(t, "plain", i, t.encode(s, add_special_tokens=False))
    for i in range(0, len(STRINGS) - 1, 3):
        j = (i * 7 + 3) % len(STRINGS)
        case(t, "pair", i, t.encode(STRINGS[i], STRINGS[j]), other=j)
        case(t, "plain-pair", i, t.encode(STRINGS[i], STRINGS[j], add_special_tokens=False), other=j)
        words = STRINGS[i].split(" ")
        case(t, "words", i, t.encode(words, is_pretokenized=True))
    for n in (4, 5, 9, 16):
        t.enable_truncation(n)
        for i in range(0, len(STRINGS) - 1, 5):
            j = (i * 3 + 1) % len(STRINGS)
            case(t, "cut", i, t.encode(STRINGS[i]), most=n)
            case(t, "cut-pair", i, t.encode(STRINGS[i], STRINGS[j]), other=j, most=n)
    t.no_truncation()


def main():
    print(json.dumps({"texts": [base64.b64encode(b).decode() for b in TEXTS]}))
    for name, spec in made():
        text = json.dumps(spec)
        print(json.dumps({"tokenizer": name, "json": text}))
        run(Tokenizer.from_str(text))
    if len(sys.argv) > 1 and sys.argv[1]:
        for name, path in public(sys.argv[1]):
            print(json.dumps({"tokenizer": name, "path": path}))
            run(Tokenizer.from_file(path))
        for name, spec in charsmap(sys.argv[1]):
            print(json.dumps({"tokenizer": name, "json": json.dumps(spec)}))
            run(Tokenizer.from_str(json.dumps(spec)))
        for name, text in mended_llama(sys.argv[1]):
            print(json.dumps({"tokenizer": name, "json": text}))
            run(Tokenizer.from_str(text))
        vocab = os.path.join(sys.argv[1], "bert-base-cased/vocab.txt")
        if os.path.exists(vocab):
            t = Tokenizer(models.WordPiece.from_file(vocab, unk_token="[UNK]"))
            t.normalizer = normalizers.BertNormalizer(lowercase=False)
            t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
            t.post_processor = processors.TemplateProcessing(single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", 101), ("[SEP]", 102)])
            t.decoder = decoders.WordPiece()
            t.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
            print(json.dumps({"tokenizer": "bert-base-cased/vocab.txt", "path": vocab}))
            run(t)


if __name__ == "__main__":
    main()
