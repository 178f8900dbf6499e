"""PEFT's own add_weighted_adapter, for comparison. PEFT's source is found through PEFT_SRC.

usage: peft_combine.py BASE OUT KIND DENSITY SIGN FOLDER=WEIGHT...

Writes the factors of the combined adapter as a safetensors file: "<layer>.A" and "<layer>.B".
"""
import os
import sys

for path in os.environ.get("PEFT_SRC", "").split(":"):
    if os.path.isdir(path):
        sys.path.insert(0, path)

import torch
import transformers
from peft import PeftModel
from safetensors.torch import save_file

base, out, kind, density, sign, *words = sys.argv[1:]
names = [word.rsplit("=", 1) for word in words]
config = transformers.AutoConfig.from_pretrained(base)
model = getattr(transformers, config.architectures[0]).from_pretrained(base, dtype=torch.float32)
model = PeftModel.from_pretrained(model, names[0][0], adapter_name="a0")
for i, (folder, _) in enumerate(names[1:], 1):
    model.load_adapter(folder, adapter_name=f"a{i}")
model.add_weighted_adapter([f"a{i}" for i in range(len(names))], [float(weight) for _, weight in names], "made",
                           combination_type=kind, density=float(density), majority_sign_method=sign)
made = {}
for name, module in model.base_model.model.named_modules():
    if hasattr(module, "lora_A") and "made" in module.lora_A:
        made[name + ".A"] = module.lora_A["made"].weight.data.contiguous()
        made[name + ".B"] = module.lora_B["made"].weight.data.contiguous()
save_file(made, out)
