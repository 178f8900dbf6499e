"""What transformers makes of tokenizers that come in other files than tokenizer.json. Arguments: folder of public tokenizers, folder to lay
their files out in. JSON lines: {"tokenizer": name, "path": ...} and then, up to the next such line, one line a case."""
import base64
import json
import os
import random
import shutil
import sys
import types

sys.path.insert(0, os.path.dirname(__file__))
import text_corpus

from tokenizers import AddedToken, Tokenizer, processors
from transformers import GPT2Tokenizer, LlamaTokenizer, RobertaTokenizer, T5Tokenizer, Wav2Vec2CTCTokenizer, WhisperTokenizer
from transformers import convert_slow_tokenizer as conversion

RobertaProcessing = processors.RobertaProcessing
processors.RobertaProcessing = lambda sep, cls, **more: RobertaProcessing(sep, cls, **more)  # the name of an argument changed between versions

SHARED, WORK = sys.argv[1:3]
TEXTS = text_corpus.texts()
STRINGS = [t.decode("utf-8", errors="replace") for t in TEXTS]


def at(name):
    return os.path.join(SHARED, name)


def laid_out(name, *files, **written):
    """A folder with copies of these files and {"tokenizer_config": ...} as JSON."""
    folder = os.path.join(WORK, name)
    os.makedirs(folder)
    for file in files:
        shutil.copyfile(at(file), os.path.join(folder, os.path.basename(file)))
    for key, value in written.items():
        with open(os.path.join(folder, key + ".json"), "w") as out:
            json.dump(value, out)
    return folder


def show(name, path, backend, pairs=True):
    print(json.dumps({"tokenizer": name, "path": path}))
    backend.no_truncation()
    backend.no_padding()
    for i, s in enumerate(STRINGS):
        e = backend.encode(s)
        print(json.dumps({"text": i, "ids": e.ids, "offsets": e.offsets, "types": e.type_ids, "decoded": backend.decode(e.ids), "decoded_all": backend.decode(e.ids, skip_special_tokens=False)}))
    for i in range(0, len(STRINGS) - 1, 9) if pairs else ():
        e = backend.encode(STRINGS[i], STRINGS[i + 1])
        print(json.dumps({"text": i, "other": i + 1, "ids": e.ids, "offsets": e.offsets, "types": e.type_ids}))


def proto(path):
    m = conversion.import_protobuf().ModelProto()
    with open(path, "rb") as file:
        m.ParseFromString(file.read())
    return m


def extracted(path, model, **more):
    extractor = object.__new__(conversion.SentencePieceExtractor)  # its own way in wants the sentencepiece package
    extractor.proto = proto(path)
    return extractor.extract(model, **more)


def llama():
    """The published tokenizer.json of Llama 2 (its copy here has lost no-break spaces: Phi-3 has the same model)."""
    with open(at("llama2/tokenizer.json"), encoding="utf-8") as a, open(at("phi-3-mini/tokenizer.json"), encoding="utf-8") as b:
        published, phi = json.load(a), json.load(b)
    published["model"] = phi["model"]
    show("llama", laid_out("llama", "llama2/tokenizer.model", "llama2/tokenizer_config.json"), Tokenizer.from_str(json.dumps(published)))
    with open(at("llama2/tokenizer_config.json")) as file:
        config = json.load(file)
    # transformers 5 orders merges by id instead of by score, other than SentencePiece and the published files: its class gets the published ones.
    t = LlamaTokenizer(vocab=phi["model"]["vocab"], merges=[tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in phi["model"]["merges"]], legacy=False, add_eos_token=True, add_bos_token=True,
                       unk_token=AddedToken("<unk>", special=True, normalized=False), bos_token="<s>", eos_token="</s>")
    config.update(legacy=False, add_eos_token=True, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    show("llama-not-legacy", laid_out("llama-not-legacy", "llama2/tokenizer.model", tokenizer_config=config), t.backend_tokenizer)


def t5():
    kwargs = conversion.T5Converter.convert_from_spm(**extracted(at("t5-small/spiece.model"), T5Tokenizer.model))
    kwargs.pop("unk_id", None)
    kwargs["additional_special_tokens"] = [f"<extra_id_{i}>" for i in range(100)]
    show("t5", laid_out("t5", "t5-small/spiece.model", "t5-small/tokenizer_config.json"), T5Tokenizer(**kwargs).backend_tokenizer)
    published = Tokenizer.from_file(at("t5-small/tokenizer.json"))
    show("t5-without-config", laid_out("t5-without-config", "t5-small/spiece.model"), published)


def unigram():
    original = types.SimpleNamespace(vocab_file=at("torchtune_tiny/m.model"))
    t = conversion.SpmConverter(original).converted()
    t.add_special_tokens([AddedToken("<unk>", normalized=False, special=True)])  # as every tokenizer class does
    show("unigram", laid_out("unigram", "torchtune_tiny/m.model"), t)


def merges():
    files = ["gpt2/vocab.json", "gpt2/merges.txt"]
    folder = laid_out("gpt2", *files)
    show("gpt2", folder, GPT2Tokenizer.from_pretrained(folder).backend_tokenizer)
    folder = laid_out("roberta", "roberta-base/vocab.json", "roberta-base/merges.txt", tokenizer_config={"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True})
    show("roberta", folder, RobertaTokenizer.from_pretrained(folder, mask_token=AddedToken("<mask>", lstrip=True, special=True, normalized=False)).backend_tokenizer)
    special = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>", "<|notimestamps|>", "<|0.00|>"]
    folder = laid_out("whisper", "whisper-tiny/large-v3/vocab.json", "whisper-tiny/large-v3/merges.txt", added_tokens={t: 50257 + i for i, t in enumerate(special)},
                      tokenizer_config={"tokenizer_class": "WhisperTokenizer", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"})
    with open(os.path.join(folder, "vocab.json"), encoding="utf-8") as file:
        vocab = json.load(file)
    with open(os.path.join(folder, "merges.txt"), encoding="utf-8") as file:
        t = WhisperTokenizer(vocab=vocab, merges=[tuple(line.rstrip("\n").split(" ")) for line in file if not line.startswith("#version")])
    print(json.dumps({"tokenizer": "whisper", "path": folder}))
    for i, s in enumerate(STRINGS):
        e = t.backend_tokenizer.encode(s, add_special_tokens=False)
        print(json.dumps({"text": i, "plain": True, "ids": e.ids, "offsets": e.offsets, "types": e.type_ids}))


def tiktoken():
    def load(path):
        with open(path, "rb") as file:
            return {base64.b64decode(t): int(r) for t, r in (line.split() for line in file.read().splitlines() if line)}

    sys.modules["tiktoken"] = types.ModuleType("tiktoken")
    sys.modules["tiktoken.load"] = types.ModuleType("tiktoken.load")
    sys.modules["tiktoken.load"].load_tiktoken_bpe = load
    folder = laid_out("tiktoken", tokenizer_config={"extra_special_tokens": ["<|begin|>", "<|end|>"]})
    shutil.copyfile(at("torchtune_tiny/tiktoken_small.model"), os.path.join(folder, "tokenizer.model"))
    show("tiktoken", folder, conversion.TikTokenConverter(os.path.join(folder, "tokenizer.model"), extra_special_tokens=["<|begin|>", "<|end|>"]).converted())
    folder = laid_out("gpt2-tiktoken", "gpt2/gpt2.tiktoken", tokenizer_config={"eos_token": {"content": "<|endoftext|>", "normalized": True}})
    show("gpt2-tiktoken", folder, Tokenizer.from_file(at("gpt2/tokenizer.json")))


def characters():
    rng = random.Random(5)
    for name, config in [("characters", {}), ("characters-lower", {"do_lower_case": True})]:
        folder = laid_out(name, "wav2vec2/vocab.json", "wav2vec2/special_tokens_map.json", tokenizer_config={"tokenizer_class": "Wav2Vec2CTCTokenizer", **config})
        t = Wav2Vec2CTCTokenizer.from_pretrained(folder)
        print(json.dumps({"tokenizer": name, "path": folder}))
        upper = [s.upper() for s in STRINGS] if not config else STRINGS
        for i, s in enumerate(upper):
            ids = t(s)["input_ids"]
            print(json.dumps({"string": base64.b64encode(s.encode()).decode(), "ids": ids}))
        for _ in range(300):
            frames = [i for _ in range(rng.randint(0, 30)) for i in [rng.choice([0, 0, 4, rng.randrange(32)])] * rng.randint(1, 4)]
            print(json.dumps({"frames": frames, "spoken": t.decode(frames)}))


def main():
    print(json.dumps({"texts": [base64.b64encode(b).decode() for b in TEXTS]}))
    for part in (llama, t5, unigram, merges, tiktoken, characters):
        part()


main()
