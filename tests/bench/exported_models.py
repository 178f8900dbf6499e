"""Small models with random weights, and rows for them, for every family and head: what exports_table.py exports.

Features are those that a family usually has, sizes are chosen so that every format can hold them whole (rows of 256 numbers
in text models, as K-quants want them). The models are transformers' own, drawn by tests/reference.
"""
import json
import os
import random
import struct
import sys
import wave

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../reference"))

import numpy as np
import random_images
import random_models
import random_speech
import text_tokenizers
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

WIDTH, INNER, HEADS, LAYERS = 256, 512, 4, 2
LABELS = 3
RANK = 4  # of the adapters
RATE = 16000
SENTENCES = ["The train to the coast leaves at seven.", "Water boils sooner in the mountains.",
             "She said that nobody had told her, did she?", "Stir the flour in slowly, or there will be 3 lumps.",
             "I would not buy this again.", "Can you move my appointment, please?", "Her first novel was praised.",
             "The committee approved 14 of 20 proposals."]
ANSWERS = ["Der Zug fährt um sieben.", "In the mountains water boils sooner.", "No.", "Slowly!"]
TEXT, IMAGE, SPEECH = tuple(random_models.CLASSES), tuple(random_images.CLASSES), ("wav2vec2", "whisper")
LOWER = ("bert", "distilbert")


def model_types(family):
    """Those of a catalog's family that are made here."""
    return [one for one in family["model_types"] if one in TEXT + IMAGE + SPEECH]


# --- tokenizers -------------------------------------------------------------------------------------------------------
def around(spec, first, last):
    """Puts a token before and one after each text, either may be None."""
    ids = {**{token["content"]: token["id"] for token in spec["added_tokens"]}}
    token = lambda name, kind: [f"{name}:{kind}"] if name else []
    single = token(first, 0) + ["$A:0"] + token(last, 0)
    made = Tokenizer.from_str(json.dumps(spec))
    made.post_processor = processors.TemplateProcessing(
        single=" ".join(single), pair=" ".join(single + ["$B:1"] + token(last, 1)),
        special_tokens=[(name, ids[name]) for name in (first, last) if name])
    return json.loads(made.to_str())


def with_specials(size, specials, pieces, trainer, pre, normalizer=None, **more):
    return text_tokenizers.trained(pieces, pre, trainer(vocab_size=size, special_tokens=specials, show_progress=False, **more),
                                   normalizer)


def byte_level(specials=(), size=700):
    """GPT-2's kind; the special tokens come first."""
    spec = with_specials(size, list(specials), models.BPE(), trainers.BpeTrainer, pre_tokenizers.ByteLevel(add_prefix_space=False),
                         initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    spec["decoder"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return spec


def tokenizer_of(model_type):
    """tokenizer.json as the family has it, learned from the corpus of the tokenizer tests, and what tokenizer_config.json
    says of it."""
    if model_type in LOWER:
        spec = with_specials(600, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], models.WordPiece(unk_token="[UNK]"),
                             trainers.WordPieceTrainer, pre_tokenizers.BertPreTokenizer(), normalizers.BertNormalizer())
        return around(spec, "[CLS]", "[SEP]"), dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
                                                    mask_token="[MASK]")
    if model_type == "roberta":
        spec = byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
        return around(spec, "<s>", "</s>"), dict(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
                                                 pad_token="<pad>", unk_token="<unk>", mask_token="<mask>")
    if model_type in ("t5", "mt5"):
        pre = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", "always", True)])
        spec = with_specials(700, ["<pad>", "</s>", "<unk>"], models.Unigram(), trainers.UnigramTrainer, pre, unk_token="<unk>")
        spec["decoder"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
        return around(spec, None, "</s>"), dict(pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    if model_type == "whisper":
        tasks = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
                 "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
        return byte_level(tasks), dict(bos_token="<|endoftext|>", eos_token="<|endoftext|>", pad_token="<|endoftext|>")
    if model_type == "gpt2":
        return byte_level(["<|endoftext|>"]), dict(bos_token="<|endoftext|>", eos_token="<|endoftext|>")
    qwen = model_type in ("qwen2", "qwen3")
    regex, norm = (text_tokenizers.QWEN, normalizers.NFC()) if qwen else (text_tokenizers.LLAMA3, None)
    first, end = ("<|endoftext|>", "<|im_end|>") if qwen else ("<|begin_of_text|>", "<|end_of_text|>")
    spec = text_tokenizers.add(text_tokenizers.byte_level(regex, norm), (first, {}), (end, {}))
    spec["decoder"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    if qwen:
        return spec, dict(eos_token=end, pad_token=first)
    return around(spec, first, None), dict(bos_token=first, eos_token=end)


def id_of(spec, text):
    return {token["content"]: token["id"] for token in spec["added_tokens"]}.get(text)


def write_tokenizer(folder, spec, names):
    json.dump(spec, open(f"{folder}/tokenizer.json", "w", encoding="utf-8"), ensure_ascii=False)
    json.dump(dict(names, tokenizer_class="PreTrainedTokenizerFast"), open(f"{folder}/tokenizer_config.json", "w", encoding="utf-8"))


# --- models -----------------------------------------------------------------------------------------------------------
def text_settings(model_type, head, spec, names):
    draw = random.Random(model_type)
    ids = {name: id_of(spec, names[f"{name}_token"]) for name in ("pad", "bos", "eos") if f"{name}_token" in names}
    settings = dict(vocab_size=Tokenizer.from_str(json.dumps(spec)).get_vocab_size(), num_labels=LABELS,
                    tie_word_embeddings=model_type in ("bert", "roberta", "distilbert", "gpt2", "t5", "qwen2"),
                    **{f"{name}_token_id": ids.get(name) for name in ("pad", "bos", "eos")})
    if model_type in ("bert", "roberta", "distilbert"):
        settings.update(random_models.encoder_settings(draw, model_type, 1 if model_type == "roberta" else 0))
        if model_type == "distilbert":
            settings.update(dim=WIDTH, hidden_dim=INNER, n_layers=LAYERS, n_heads=HEADS, activation="gelu", max_position_embeddings=64)
        else:
            settings.update(hidden_size=WIDTH, intermediate_size=INNER, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
                            hidden_act="gelu", max_position_embeddings=66, type_vocab_size=1 if model_type == "roberta" else 2)
    elif model_type == "gpt2":
        settings.update(random_models.gpt2_settings(draw), n_embd=WIDTH, n_head=HEADS, n_layer=LAYERS, n_inner=None, n_positions=64,
                        activation_function="gelu_new", scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False,
                        reorder_and_upcast_attn=False)
    elif model_type in ("t5", "mt5"):
        settings.update(random_models.t5_settings(draw, model_type), d_model=WIDTH, d_kv=WIDTH // HEADS, d_ff=INNER, num_heads=HEADS,
                        num_layers=LAYERS, num_decoder_layers=LAYERS, relative_attention_num_buckets=32,
                        relative_attention_max_distance=128, feed_forward_proj="relu" if model_type == "t5" else "gated-gelu")
    else:
        settings.update(random_models.decoder_settings(draw, model_type), hidden_size=WIDTH, intermediate_size=INNER,
                        num_hidden_layers=LAYERS, num_attention_heads=HEADS, num_key_value_heads=HEADS // 2, head_dim=WIDTH // HEADS,
                        rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, use_sliding_window=False)
        if model_type == "mistral":
            settings.update(sliding_window=64)  # rows are shorter: llama.cpp computes what is within it
        if model_type in ("llama", "qwen3"):
            settings.update(attention_bias=False)
        if model_type == "llama":
            settings.update(mlp_bias=False)
    return settings


def write_text_model(model_type, head, folder):
    spec, names = tokenizer_of(model_type)
    write_tokenizer(folder, spec, names)
    model = random_models.drawn(model_type, head, text_settings(model_type, head, spec, names))[1]
    if model_type in ("t5", "mt5"):  # T5 divides no scores by the root of the heads' width: its checkpoints' queries are small
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.endswith("Attention.q.weight"):
                    parameter.mul_((WIDTH // HEADS) ** -0.5)
    return model


def write_image_model(model_type, folder):
    draw = random.Random(model_type)
    settings = {"resnet": random_images.resnet_settings, "efficientnet": random_images.efficientnet_settings,
                "vit": lambda draw: random_images.vit_settings(draw, 32)}[model_type](draw)
    usual = {"resnet": dict(hidden_act="relu"), "efficientnet": dict(hidden_act="swish", pooling_type="mean"),
             "vit": dict(hidden_size=64, num_attention_heads=4, intermediate_size=128, hidden_act="gelu", qkv_bias=True)}[model_type]
    reading = {"resnet": dict(image_processor_type="ConvNextImageProcessor", size={"shortest_edge": 40}),
               "efficientnet": dict(image_processor_type="EfficientNetImageProcessor", size={"height": 40, "width": 40}),
               "vit": dict(image_processor_type="ViTImageProcessor", size={"height": 32, "width": 32})}[model_type]
    json.dump(reading, open(f"{folder}/preprocessor_config.json", "w"))
    return random_images.drawn(model_type, dict(settings, num_labels=LABELS, num_channels=3, **usual))[1]


def write_speech_model(model_type, head, folder):
    draw = random.Random(model_type)
    if model_type == "whisper":
        spec, names = tokenizer_of("whisper")
        write_tokenizer(folder, spec, names)
        end, start = id_of(spec, "<|endoftext|>"), id_of(spec, "<|startoftranscript|>")
        settings = dict(random_speech.whisper_settings(draw), d_model=64, encoder_attention_heads=HEADS, decoder_attention_heads=HEADS,
                        encoder_layers=LAYERS, decoder_layers=LAYERS, encoder_ffn_dim=128, decoder_ffn_dim=128, num_mel_bins=80,
                        max_source_positions=50, max_target_positions=32, activation_function="gelu", scale_embedding=False,
                        decoder_start_token_id=start, pad_token_id=end, bos_token_id=end, eos_token_id=end,
                        vocab_size=Tokenizer.from_str(json.dumps(spec)).get_vocab_size())
        transformers.WhisperFeatureExtractor(feature_size=80, chunk_length=1).save_pretrained(folder)
    else:
        letters = ["<pad>", "<s>", "</s>", "<unk>", "|"] + [chr(65 + i) for i in range(26)] + ["'"]
        json.dump({letter: i for i, letter in enumerate(letters)}, open(f"{folder}/vocab.json", "w"))
        json.dump(dict(tokenizer_class="Wav2Vec2CTCTokenizer", pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
                       word_delimiter_token="|", do_lower_case=False), open(f"{folder}/tokenizer_config.json", "w"))
        settings = dict(random_speech.wav2vec2_settings(draw, 1), hidden_size=64, num_attention_heads=HEADS, num_hidden_layers=LAYERS,
                        intermediate_size=128, conv_dim=[32, 32, 32], conv_stride=[5, 4, 4], conv_kernel=[10, 8, 4], hidden_act="gelu",
                        feat_extract_activation="gelu", vocab_size=len(letters), pad_token_id=0, bos_token_id=1, eos_token_id=2)
        transformers.Wav2Vec2FeatureExtractor(return_attention_mask=True).save_pretrained(folder)
    return random_speech.drawn(model_type, head, dict(settings, num_labels=LABELS, use_weighted_layer_sum=False))[1]


def write_adapter(model, base, folder):
    """LoRA with random numbers on every linear layer and convolution but the output's, with PEFT's names and keys."""
    os.makedirs(folder, exist_ok=True)
    targets, tensors = [], {}
    output = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    for name, module in model.named_modules():
        kind = type(module).__name__
        if module is output or any(part in name for part in ("classifier", "score", "cls.", "lm_head", "projector", "pos_conv")):
            continue
        if kind not in ("Linear", "Conv1D", "Conv2d"):
            continue
        shape = module.weight.shape
        if kind == "Linear":
            a, b = (RANK, shape[1]), (shape[0], RANK)
        elif kind == "Conv1D":  # transformers' own: a linear layer, turned
            a, b = (RANK, shape[0]), (shape[1], RANK)
        elif kind == "Conv2d" and module.groups == 1:
            a, b = (RANK, *shape[1:]), (shape[0], RANK, 1, 1)
        else:
            continue
        targets.append(name)
        for part, size in (("lora_A", a), ("lora_B", b)):
            tensors[f"base_model.model.{name}.{part}.weight"] = torch.randn(size) * 0.05
    config = dict(peft_type="LORA", task_type=None, base_model_name_or_path=base, r=RANK, lora_alpha=2 * RANK, lora_dropout=0.0,
                  bias="none", fan_in_fan_out=model.config.model_type == "gpt2", target_modules=targets, inference_mode=True)
    json.dump(config, open(f"{folder}/adapter_config.json", "w"), indent=1)
    save_file(tensors, f"{folder}/adapter_model.safetensors")


def quiet():
    """One thread, and nothing that transformers says."""
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def write_model(model_type, head, folder):
    """base/ and adapter/ in the folder."""
    base = f"{folder}/base"
    os.makedirs(base, exist_ok=True)
    torch.manual_seed(3)
    if model_type in TEXT:
        model = write_text_model(model_type, head, base)
    elif model_type in IMAGE:
        model = write_image_model(model_type, base)
    else:
        model = write_speech_model(model_type, head, base)
    model.save_pretrained(base)
    write_adapter(model, base, f"{folder}/adapter")


# --- rows -------------------------------------------------------------------------------------------------------------
def picture(index, side=48):
    y, x = np.mgrid[0:side, 0:side]
    planes = [127 + 80 * np.sin(x / (3 + index) + c) + 40 * np.cos(y / 7 * (c + 1)) for c in range(3)]
    noise = np.random.default_rng(index).normal(0, 9, (side, side, 3))
    return Image.fromarray(np.clip(np.stack(planes, -1) + noise, 0, 255).astype(np.uint8))


def write_recording(file, index):
    seconds = 0.5 + 0.1 * (index % 5)
    time = np.arange(int(RATE * seconds)) / RATE
    sound = 0.4 * np.sin(2 * np.pi * (180 + 90 * index) * time) + 0.2 * np.sin(2 * np.pi * 1300 * time * (1 + time))
    samples = (32767 * sound * np.hanning(len(time))).astype(np.int16)
    with wave.open(file, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples.tolist()))


def write_rows(modality, head, folder):
    """A file of rows of what the head reads, and their roles: ("rows.jsonl", {"text": "text"})."""
    os.makedirs(folder, exist_ok=True)
    rows = []
    one_each = head.endswith("_classification") and head != "token_classification"  # few numbers a row: more rows
    for i, text in enumerate(SENTENCES if one_each else SENTENCES[:len(ANSWERS)]):
        answer = ANSWERS[i % len(ANSWERS)]
        row = {"label": "abc"[i % 3]}
        if modality == "image":
            picture(i).save(f"{folder}/{i}.png")
            row["image"] = f"{folder}/{i}.png"
        elif modality == "audio":
            write_recording(f"{folder}/{i}.wav", i)
            row["audio"] = f"{folder}/{i}.wav"
            if head in ("ctc", "seq2seq_lm"):
                row = {"audio": row["audio"], "target": answer.upper() if head == "ctc" else answer}
        elif head == "token_classification":
            row = {"tokens": text.split(), "tags": ["abc"[j % 3] for j in range(len(text.split()))]}
        elif head == "seq2seq_lm":
            row = {"text": text, "target": answer}
        elif head in ("causal_lm", "masked_lm"):
            row = {"text": text}
        else:
            row["text"] = text
        rows.append(row)
    with open(f"{folder}/rows.jsonl", "w", encoding="utf-8") as file:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False), file=file)
    return f"{folder}/rows.jsonl", {key: key for key in rows[0]}
