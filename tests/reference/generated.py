"""What transformers' generate writes with random small models, as test cases.

usage: generated.py FAMILY SEED OUT [FAMILY SEED OUT]...

FAMILY: gpt2 llama qwen2 qwen3 mistral t5 mt5 whisper (see random_models.py). Each OUT folder gets base/ (config.json, model.safetensors) and
cases.json: a list of {"options": arguments of generate, "prompts": rows of token ids, "written": the new tokens of every
row, the end token included}. Whisper's prompts are its decoder's, its input_features lie in features.safetensors.
"""

import json
import os
import random
import sys

import torch
import transformers
from random_models import make
from safetensors.torch import save_file

HEADS = {"t5": "seq2seq_lm", "mt5": "seq2seq_lm"}
END = 1


def whisper(seed):
    torch.manual_seed(seed)
    config = transformers.WhisperConfig(
        vocab_size=61, num_mel_bins=8, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=40, decoder_ffn_dim=40, d_model=16, max_source_positions=12,
        max_target_positions=40, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, pad_token_id=0,
        bos_token_id=0, eos_token_id=END, decoder_start_token_id=2, suppress_tokens=None, begin_suppress_tokens=None)
    model = transformers.WhisperForConditionalGeneration(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return config, model


def sharpen(model):
    """Small embeddings, so that a tied output layer does not repeat its input for ever; spread logits, so that rounding
    decides nothing."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if any(part in name for part in ("shared.", "wte.", "embed_tokens.")):
                parameter.mul_(0.5)
            elif parameter.dim() == 2:
                parameter.mul_(2.0)
            elif any(name.endswith(part) for part in ("ln_f.weight", "model.norm.weight", "final_layer_norm.weight",
                                                      "decoder.layer_norm.weight")):
                parameter.mul_(6.0)


def trimmed(row, end):
    return row[: row.index(end) + 1] if end in row else row


def ending_token(model, inputs, start):
    """One that greedy writing comes to after a few tokens, so that answers end at different lengths."""
    with torch.no_grad():
        row = transformers.GenerationMixin.generate(model, **inputs, max_new_tokens=12, do_sample=False,
                                                    eos_token_id=None)[0, start:].tolist()
    later = [token for i, token in enumerate(row) if i >= 3 and token not in row[:3]]
    return later[0] if later else row[-1]


def cases_of(draw, end):
    plain = dict(max_new_tokens=draw.choice([9, 14, 20]), do_sample=False, eos_token_id=end)
    yield dict(plain)
    yield dict(plain, repetition_penalty=1.6)
    yield dict(plain, no_repeat_ngram_size=2)
    yield dict(plain, suppress_tokens=[5, 7, 11, 13], begin_suppress_tokens=[end, 9])
    yield dict(plain, num_beams=3)
    yield dict(plain, num_beams=4, length_penalty=2.0)
    yield dict(plain, num_beams=5, length_penalty=0.3)
    yield dict(plain, num_beams=3, early_stopping=True)
    yield dict(plain, num_beams=2, repetition_penalty=1.3, no_repeat_ngram_size=3)
    yield dict(plain, num_beams=4, length_penalty=-0.5)


def write_case(family, seed, out):
    draw = random.Random(f"{family} {seed}")
    os.makedirs(out, exist_ok=True)
    if family == "whisper":
        config, model = whisper(seed)
    else:
        _, config, model = make(family, HEADS.get(family, "causal_lm"), seed)
        config.eos_token_id = END
    sharpen(model)
    model.save_pretrained(os.path.join(out, "base"))
    model.generation_config = transformers.GenerationConfig(
        eos_token_id=END, pad_token_id=0, decoder_start_token_id=getattr(config, "decoder_start_token_id", None))
    rows, results = 3, []
    torch.manual_seed(seed)
    if family == "whisper":
        features = torch.randn(rows, config.num_mel_bins, 2 * config.max_source_positions)
        save_file({"input_features": features}, os.path.join(out, "features.safetensors"))
        prompts = [[2, 6]] * rows
        inputs = dict(input_features=features, decoder_input_ids=torch.tensor(prompts))
    else:
        prompts = [[draw.randrange(2, config.vocab_size) for _ in range(draw.randrange(1, 8))] for _ in range(rows)]
        longest = max(map(len, prompts))
        pad = lambda row: [0] * (longest - len(row))
        left = family not in HEADS
        inputs = dict(input_ids=torch.tensor([pad(row) + row if left else row + pad(row) for row in prompts]),
                      attention_mask=torch.tensor([pad(row) + [1] * len(row) if left else [1] * len(row) + pad(row)
                                                   for row in prompts]))
    start = 2 if family == "whisper" else 1 if family in HEADS else inputs["input_ids"].shape[1]
    for options in cases_of(draw, ending_token(model, inputs, start)):
        # Whisper's own generate cuts recordings into windows; what it decodes with is the common one.
        generate = transformers.GenerationMixin.generate
        with torch.no_grad():
            if options.get("repetition_penalty") and "attention_mask" in inputs and family not in HEADS:
                # transformers counts padding among the tokens that were seen: row by row there is none
                written = []
                for row in prompts:
                    ids = torch.tensor([row])
                    result = generate(model, input_ids=ids, attention_mask=torch.ones_like(ids), **options)
                    written.append(trimmed(result[0, len(row):].tolist(), options["eos_token_id"]))
            else:
                result = generate(model, **inputs, **options)
                written = [trimmed(row, options["eos_token_id"]) for row in result[:, start:].tolist()]
        results.append({"options": options, "prompts": prompts, "written": written})
    with open(os.path.join(out, "cases.json"), "w") as file:
        json.dump(results, file)


def main(words):
    if not words or len(words) % 3 != 0:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for family, seed, out in zip(words[::3], words[1::3], words[2::3]):
        write_case(family, int(seed), out)


if __name__ == "__main__":
    main(sys.argv[1:])
