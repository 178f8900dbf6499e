"""A Llama of 1.08 GB with random weights, without making it: large_model.py KIND FOLDER, KIND: safetensors shards bin bf16."""

import json
import os
import sys

import torch
from safetensors.torch import save_file

WIDTH, INNER, LAYERS, VOCABULARY = 1024, 2816, 16, 32000


def tensors():
    shapes = {"model.embed_tokens.weight": (VOCABULARY, WIDTH), "model.norm.weight": (WIDTH,),
              "lm_head.weight": (VOCABULARY, WIDTH)}
    for layer in range(LAYERS):
        base = f"model.layers.{layer}."
        shapes.update({f"{base}self_attn.{name}_proj.weight": (WIDTH, WIDTH) for name in "qkvo"})
        shapes.update({f"{base}mlp.gate_proj.weight": (INNER, WIDTH), f"{base}mlp.up_proj.weight": (INNER, WIDTH),
                       f"{base}mlp.down_proj.weight": (WIDTH, INNER)})
        shapes.update({f"{base}{name}_layernorm.weight": (WIDTH,) for name in ("input", "post_attention")})
    return {name: torch.empty(shape).uniform_(-0.02, 0.02) for name, shape in shapes.items()}


def main(kind, folder):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    os.makedirs(folder, exist_ok=True)
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": WIDTH, "intermediate_size": INNER,
              "num_hidden_layers": LAYERS, "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": VOCABULARY,
              "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "tie_word_embeddings": False, "hidden_act": "silu"}
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file)
    state = tensors()
    if kind == "bin":
        return torch.save(state, f"{folder}/pytorch_model.bin")
    if kind == "bf16":
        return save_file({name: tensor.to(torch.bfloat16) for name, tensor in state.items()}, f"{folder}/model.safetensors")
    if kind == "safetensors":
        return save_file(state, f"{folder}/model.safetensors")
    names, places = list(state), {}
    for part in range(4):
        file = f"model-0000{part + 1}-of-00004.safetensors"
        save_file({name: state[name] for name in names[part::4]}, f"{folder}/{file}")
        places.update({name: file for name in names[part::4]})
    with open(f"{folder}/model.safetensors.index.json", "w") as file:
        json.dump({"metadata": {}, "weight_map": places}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
