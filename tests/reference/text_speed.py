"""Processor seconds that the tokenizers library takes, one thread. Arguments: a file with one JSON string a line, then tokenizer files; with
--train as the second argument the seconds for learning an 8192 WordPiece vocabulary."""
import json
import os
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

texts = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
if sys.argv[2] == "--train":
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    start = time.process_time()
    t.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=8192, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    print(json.dumps([time.process_time() - start]))
    sys.exit()
seconds = []
for path in sys.argv[2:]:
    t = Tokenizer.from_file(path)
    t.no_truncation()
    t.no_padding()
    best = 1e9
    for _ in range(2):
        start = time.process_time()
        total = sum(len(e.ids) for e in t.encode_batch(texts))
        best = min(best, time.process_time() - start)
    seconds.append([best, total])
print(json.dumps(seconds))
