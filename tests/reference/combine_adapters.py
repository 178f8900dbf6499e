"""What several LoRA adapters become, computed with numpy alone from the definitions.

usage: combine_adapters.py KIND DENSITY SIGN RANK OUT FOLDER=WEIGHT...

KIND: cat, linear, ties, magnitude_prune, svd, ties_svd, magnitude_prune_svd. Writes a safetensors file with the factors
"<layer>.A", "<layer>.B" (scale 1) or, for the kinds that end in svd, "<layer>.update", the best approximation of that
rank. Ties: Yadav et al. 2023, with the signs elected by unweighted values; factors as in PEFT's documentation of
add_weighted_adapter: the square root of weight times scale on each, the sign on A.
"""

import json
import sys

import numpy as np
from safetensors.numpy import load_file, save_file


def prune(values, density):
    if density >= 1:
        return values
    flat = np.abs(values).ravel()
    kept = int(density * flat.size)
    mask = np.zeros(flat.size, values.dtype)
    mask[np.argsort(-flat, kind="stable")[:kept]] = 1
    return values * mask.reshape(values.shape)


def combined(values, weights, kind, density, sign):
    if kind.startswith(("ties", "magnitude")):
        values = [prune(one, density) for one in values]
    all_values = np.stack(values)
    weighted = np.stack([one * weight for one, weight in zip(values, weights)])
    if not kind.startswith("ties"):
        return weighted.sum(0)
    votes = all_values.sum(0) if sign == "total" else np.sign(all_values).sum(0)
    elected = np.where(votes >= 0, 1, -1)
    agrees = np.sign(all_values) == elected
    return (weighted * agrees).sum(0) / np.maximum(agrees.sum(0), 1)


def main(kind, density, sign, rank, out, *folders):
    density, rank = float(density), int(rank)
    adapters, weights = [], []
    for folder in folders:
        folder, weight = folder.rsplit("=", 1)
        with open(folder + "/adapter_config.json", encoding="utf-8") as file:
            config = json.load(file)
        scale = config["lora_alpha"] / (config["r"] ** 0.5 if config["use_rslora"] else config["r"])
        tensors = load_file(folder + "/adapter_model.safetensors")
        layers = {}
        for name, values in tensors.items():
            if name.endswith(".lora_A.weight"):
                layer = name[len("base_model.model."):-len(".lora_A.weight")]
                layers[layer] = (values.astype(np.float64), tensors[name.replace("lora_A", "lora_B")].astype(np.float64),
                                 scale)
        adapters.append(layers)
        weights.append(float(weight))
    made = {}
    for layer in adapters[0]:
        parts = [one[layer] for one in adapters]
        if kind == "cat":
            made[layer + ".A"] = np.concatenate([a * w * s for (a, _, s), w in zip(parts, weights)], 0)
            made[layer + ".B"] = np.concatenate([b for _, b, _ in parts], 1)
        elif kind.endswith("svd"):
            plain = kind[:-4] if kind != "svd" else kind
            update = combined([s * b @ a for a, b, s in parts], weights, plain, density, sign)
            u, s, v = np.linalg.svd(update, full_matrices=False)
            made[layer + ".update"] = (u[:, :rank] * s[:rank]) @ v[:rank]
        else:
            full = [w * s for (_, _, s), w in zip(parts, weights)]
            root = [abs(one) ** 0.5 for one in full]
            made[layer + ".A"] = combined([a for a, _, _ in parts], [r * np.sign(f) for r, f in zip(root, full)], kind,
                                          density, sign)
            made[layer + ".B"] = combined([b for _, b, _ in parts], root, kind, density, sign)
    save_file({name: np.ascontiguousarray(values.astype(np.float32)) for name, values in made.items()}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
