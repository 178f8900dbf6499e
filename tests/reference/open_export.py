"""Opens exported folders in transformers (and PEFT, where it is installed) and compares them with the model in memory.

usage: open_export.py FOLDER...

Reads only what anybody would: the model or adapter, the tokenizer, and from proof/ the texts and the logits that the
live model gave. Prints one JSON object a folder: tokens_equal, difference (largest, relative to the largest logit),
class, missing and unexpected (keys), labels, peft (whether PEFT itself opened the adapter), ends (where generation
stops), chat (a short conversation by the folder's template, "" without one).
"""

import json
import os
import re
import sys

import torch
import transformers
from safetensors.torch import load_file

CLASSES = {"sequence_classification": "AutoModelForSequenceClassification",
           "token_classification": "AutoModelForTokenClassification",
           "masked_lm": "AutoModelForMaskedLM", "causal_lm": "AutoModelForCausalLM"}


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def merge_by_hand(model, config, tensors):
    """W + scale * B @ A with PEFT's rules for patterns and scale; other tensors replace the model's."""
    state = model.state_dict()

    def by_pattern(patterns, name, common):
        for pattern, value in patterns.items():
            if re.match(rf"(.*\.)?({pattern})$", name):
                return value
        return common

    for name, tensor in tensors.items():
        assert name.startswith("base_model.model."), name
        name = name[len("base_model.model."):]
        if name.endswith(".lora_B.weight"):
            continue
        if name.endswith(".lora_A.weight"):
            module = name[:-len(".lora_A.weight")]
            other = tensors[f"base_model.model.{module}.lora_B.weight"]
            rank = by_pattern(config["rank_pattern"], module, config["r"])
            assert rank == tensor.shape[0], (module, rank, tensor.shape)
            alpha = by_pattern(config["alpha_pattern"], module, config["lora_alpha"])
            scale = alpha / (rank ** 0.5 if config["use_rslora"] else rank)
            state[module + ".weight"] += scale * other @ tensor
        else:
            assert state[name].shape == tensor.shape, name
            state[name].copy_(tensor)


def open_adapter(folder, model_class, labels, base=None):
    config = read(folder, "adapter_config.json")
    tensors = load_file(os.path.join(folder, "adapter_model.safetensors"))
    settings = {"num_labels": len(labels)} if labels else {}
    model = model_class.from_pretrained(base or config["base_model_name_or_path"], dtype=torch.float32, **settings)
    try:
        import peft
    except ImportError:
        with torch.no_grad():
            merge_by_hand(model, config, tensors)
        return model, False
    return peft.PeftModel.from_pretrained(model, folder), True


def open_tokenizer(folder, model):
    # For Qwen2 transformers takes its own byte-level class whatever the folder says; a word-level file needs the plain one.
    word_level = read(folder, "tokenizer.json")["model"]["type"] == "WordLevel"
    plain = word_level and model.config.model_type == "qwen2"
    return (transformers.PreTrainedTokenizerFast if plain else transformers.AutoTokenizer).from_pretrained(folder)


def compare(folder):
    notes, reference = read(folder, "luthier.json"), read(folder, "proof/reference.json")
    rows = read(folder, "proof/rows.json")
    expected = load_file(os.path.join(folder, "proof/reference.safetensors"))["logits"]
    model_class = getattr(transformers, CLASSES[notes["head"]])
    told = {"missing": [], "unexpected": [], "peft": False, "labels": []}
    if os.path.exists(os.path.join(folder, "adapter_config.json")):
        model, told["peft"] = open_adapter(folder, model_class, notes["labels"])
    elif os.path.exists(os.path.join(folder, "adapter")):
        model, told["peft"] = open_adapter(os.path.join(folder, "adapter"), model_class, notes["labels"], base=folder)
    else:
        model, info = model_class.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
        told["missing"], told["unexpected"] = sorted(info["missing_keys"]), sorted(info["unexpected_keys"])
        if notes["labels"]:
            told["labels"] = list(model.config.id2label.values())
    tokenizer = open_tokenizer(folder, model)
    model.eval()
    ends = model.generation_config.eos_token_id if notes["head"] == "causal_lm" else None
    told["ends"] = ends if isinstance(ends, list) else [] if ends is None else [ends]
    talk = [{"role": "user", "content": "she said"}, {"role": "assistant", "content": "no"}]
    told["chat"] = tokenizer.apply_chat_template(talk, tokenize=False) if tokenizer.chat_template else ""
    told["class"], told["tokens_equal"] = type(model).__name__, True
    first, largest, difference = 0, expected.abs().max().item(), 0.0
    for row in rows:
        encoded = tokenizer(row["text"], row["text_pair"] or None, truncation=True, max_length=reference["max_tokens"],
                            return_token_type_ids=True)
        told["tokens_equal"] = told["tokens_equal"] and encoded["input_ids"] == row["ids"]
        inputs = {"input_ids": torch.tensor([encoded["input_ids"]])}
        if row["text_pair"] and model.config.model_type == "bert":
            inputs["token_type_ids"] = torch.tensor([encoded["token_type_ids"]])
        with torch.no_grad():
            logits = model(**inputs).logits
        if logits.dim() == 3:
            logits = logits[0, row["positions"]]
        found = expected[first:first + row["logits"]]
        first += row["logits"]
        difference = max(difference, (logits - found).abs().max().item())
    told["difference"] = difference / largest
    return told


def main(folders):
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for folder in folders:
        print(json.dumps(compare(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
