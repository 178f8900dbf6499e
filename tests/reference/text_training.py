"""Vocabularies that the tokenizers library learns, with the texts it learns them from. One JSON object."""
import json
import os
import sys

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

sys.path.insert(0, os.path.dirname(__file__))
import text_corpus

STRINGS = [t.decode("utf-8", errors="replace") for t in text_corpus.texts()]
LICENCE = "/usr/share/common-licenses/GPL-3"
if os.path.exists(LICENCE):
    STRINGS += open(LICENCE, encoding="utf-8").read().split("\n")
BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def wordpiece(special, size, lowercase, frequency, alphabet=None):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.train_from_iterator(STRINGS, trainers.WordPieceTrainer(vocab_size=size, min_frequency=frequency, special_tokens=special, show_progress=False, **({"limit_alphabet": alphabet} if alphabet else {})))
    return t.get_vocab()


def byte_level(size, frequency):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(STRINGS, trainers.BpeTrainer(vocab_size=size, min_frequency=frequency, special_tokens=["<|endoftext|>", "<pad>"],
                                                      initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    model = json.loads(t.to_str())["model"]
    return {"vocab": model["vocab"], "merges": model["merges"]}


# The library numbers "##x" in the order of a hash map that changes from run to run, and equal counts are decided by these
# numbers. Given as special tokens they are the same every time.
free = wordpiece(BERT, 1200, True, 2)
cased = wordpiece(BERT, 1200, False, 2)
continuing = sorted(t for t in free.keys() | cased.keys() if t.startswith("##") and len(t) == 3)
print(json.dumps({
    "texts": STRINGS, "special": BERT + continuing, "free": free,
    "lower": wordpiece(BERT + continuing, 2600, True, 2), "cased": wordpiece(BERT + continuing, 1500, False, 5),
    "small_alphabet": wordpiece(BERT + continuing, 1800, True, 2, 60),
    "bytes": byte_level(900, 2), "bytes_all": byte_level(100000, 3),
}))
