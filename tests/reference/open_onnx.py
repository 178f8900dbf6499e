"""Opens ONNX exports with Python's onnxruntime alone and compares them with transformers on the same weights.

Usage: open_onnx.py FOLDER...   Each folder holds config.json and model.safetensors beside the ONNX files.
Prints a JSON object a folder: {"difference", "largest", "inputs"}: the largest difference of logits over several batch
sizes and lengths, padding left out, the largest logit, and what the files read. Language models write token by token.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import transformers

SIZES = [(2, 9), (1, 1), (4, 3), (1, 14)]


def opened(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def run(session, given):
    names = [output.name for output in session.get_outputs()]
    wanted = {one.name for one in session.get_inputs()}
    return dict(zip(names, session.run(None, {name: value for name, value in given.items() if name in wanted})))


def example(one, sizes, config):
    shape = [sizes[axis] if isinstance(axis, str) else axis for axis in one.shape]
    if one.name == "attention_mask":
        mask = np.ones(shape, np.int64)
        if shape[0] > 1 and shape[1] > 2:
            mask[-1, -(shape[1] // 3):] = 0
        return mask
    if one.name == "token_type_ids":
        return np.random.randint(0, config.get("type_vocab_size", 2), shape)
    if one.type == "tensor(int64)":
        return np.random.randint(3, config["vocab_size"], shape)
    return np.random.randn(*shape).astype(np.float32)


def written(session, ids, mask, cross):
    """The logits of all tokens, a token at a time; the first call is given two."""
    past = {one.name: np.zeros([ids.shape[0], one.shape[1], 0, one.shape[3]], np.float32)
            for one in session.get_inputs()
            if one.name.startswith("past_key_values.") and one.name not in cross}
    logits, first = [], 0
    while first < ids.shape[1]:
        end = min(ids.shape[1], first + (2 if first == 0 else 1))
        seen = {} if mask is None else {"attention_mask": mask[:, :end]}
        found = run(session, {"input_ids": ids[:, first:end], **seen, **past, **cross})
        logits.append(found["logits"])
        past = {name: found[name.replace("past_key_values.", "present.")] for name in past}
        first = end
    return np.concatenate(logits, 1)


def compare(folder):
    config = json.loads((folder / "config.json").read_text())
    reference = getattr(transformers, config["architectures"][0]).from_pretrained(folder).eval()
    has_encoder = (folder / "encoder_model.onnx").exists()
    main = opened(folder / ("decoder_model.onnx" if has_encoder else "model.onnx"))
    encoder = opened(folder / "encoder_model.onnx") if has_encoder else None
    has_cache = any(one.name.startswith("past_key_values.") for one in main.get_inputs())
    told = {"difference": 0.0, "largest": 0.0,
            "inputs": sorted(one.name for one in (encoder or main).get_inputs() if "past" not in one.name)}
    for rows, length in SIZES:
        sizes = {"batch": rows, "length": length, "total_length": length, "samples": 200 + 30 * length,
                 "height": 32 + length, "width": 40 + length}
        source = {one.name: example(one, sizes, config) for one in (encoder or main).get_inputs()
                  if not one.name.startswith("past_key_values.")}
        mask = source.get("attention_mask")
        if mask is not None and "input_ids" in source:
            source["input_ids"][mask == 0] = config.get("pad_token_id") or 0
        given = dict(source)
        if has_encoder:
            given["decoder_input_ids"] = np.random.randint(3, config["vocab_size"], (rows, 1 + length // 3))
            states = run(encoder, source)
            cross = {name.replace("present.", "past_key_values."): value for name, value in states.items()
                     if name.startswith("present.")}
            if mask is not None:
                cross["encoder_attention_mask"] = mask
            found = written(main, given["decoder_input_ids"], None, cross)
        elif has_cache:
            found = written(main, given["input_ids"], mask, {})
        else:
            found = run(main, given)["logits"]
        expected = reference(**{name: torch.from_numpy(value) for name, value in given.items()}).logits.numpy()
        if mask is not None and not has_encoder and expected.ndim == 3 and expected.shape[1] == mask.shape[1]:
            expected, found = expected[mask == 1], found[mask == 1]  # what is computed for padding counts for nothing
        if expected.shape != found.shape:
            return {"difference": float("inf"), "shapes": [expected.shape, found.shape]}
        told["difference"] = max(told["difference"], float(np.abs(expected - found).max()))
        told["largest"] = max(told["largest"], float(np.abs(expected).max()))
    return told


if __name__ == "__main__":
    torch.manual_seed(0)
    np.random.seed(0)
    transformers.logging.set_verbosity_error()
    with torch.no_grad():
        for name in sys.argv[1:]:
            print(json.dumps(compare(Path(name))), flush=True)
