"""Opens TorchScript exports with PyTorch alone and compares them with transformers on the same weights.

Usage: open_torchscript.py FOLDER...   Each folder holds config.json and model.safetensors beside model.pt and methods.json.
Prints a JSON object a folder: {"names_equal", "difference", "step_difference"}: the largest differences of logits over
several batch sizes and lengths, of forward and of writing token by token (null where the model does not write).
"""
import json
import sys
from pathlib import Path

import torch
import transformers

SIZES = [(2, 9), (1, 1), (4, 3), (1, 14)]


def example(value, sizes, config):
    shape = [sizes[axis] if isinstance(axis, str) else axis for axis in value["shape"]]
    name = value["name"]
    if name == "attention_mask":
        mask = torch.ones(shape, dtype=torch.long)
        if shape[0] > 1 and shape[1] > 2:
            mask[-1, -(shape[1] // 3):] = 0
        return mask
    if name == "token_type_ids":
        return torch.randint(0, config.get("type_vocab_size", 2), shape)
    if value["type"] == "int64":
        return torch.randint(3, config["vocab_size"], shape)
    return torch.randn(shape)


def compare(folder):
    config = json.loads((folder / "config.json").read_text())
    methods = json.loads((folder / "methods.json").read_text())["methods"]
    reference = getattr(transformers, config["architectures"][0]).from_pretrained(folder).eval()
    script = torch.jit.load(folder / "model.pt").eval()
    ours, theirs = set(script.state_dict()), set(reference.state_dict())
    told = {"names_equal": ours == theirs, "difference": 0.0, "step_difference": None,
            "ours_alone": sorted(ours - theirs), "theirs_alone": sorted(theirs - ours)}
    for rows, length in SIZES:
        sizes = {"batch": rows, "length": length, "target_length": 1 + length // 3, "samples": 200 + 30 * length,
                 "height": 32 + length, "width": 40 + length}
        given = {one["name"]: example(one, sizes, config) for one in methods["forward"]["inputs"]}
        mask = given.get("attention_mask")
        if mask is not None and "input_ids" in given:
            given["input_ids"][mask == 0] = config.get("pad_token_id") or 0
        expected = reference(**given).logits
        found = script(*given.values())
        if mask is not None and expected.dim() == 3 and expected.shape[1] == mask.shape[1]:
            expected, found = expected[mask == 1], found[mask == 1]  # what is computed for padding counts for nothing
        told["difference"] = max(told["difference"], (expected - found).abs().max().item())
        if "decode" in methods:
            step = stepwise(script, methods, given)
            whole = script(*given.values())
            if "encode" not in methods:
                step, whole = step[mask == 1], whole[mask == 1]
            told["step_difference"] = max(told["step_difference"] or 0.0, (step - whole).abs().max().item())
    return told


def stepwise(script, methods, given):
    """The logits of all tokens, a token at a time."""
    ids = given.get("decoder_input_ids", given.get("input_ids"))
    shapes = [one["shape"] for one in methods["decode"]["inputs"] if one["name"].startswith("past_")]
    past = [torch.zeros(ids.shape[0], shape[1], 0, shape[3]) for shape in shapes]
    cross, mask = [], given.get("attention_mask")
    if "encode" in methods:
        _, *cross = script.encode(*[given[one["name"]] for one in methods["encode"]["inputs"]])
    logits = []
    for t in range(ids.shape[1]):
        seen = [] if mask is None else [mask if cross else mask[:, :t + 1]]
        one, *past = script.decode(ids[:, t:t + 1], *seen, *past, *cross)
        logits.append(one)
    return torch.cat(logits, 1)


if __name__ == "__main__":
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    with torch.no_grad():
        for name in sys.argv[1:]:
            print(json.dumps(compare(Path(name))), flush=True)
