"""Real PEFT opens adapters that Luthier saved: for each FOLDER with base/, adapter/ and inputs.safetensors it writes
logits.safetensors. PEFT's source is found through PEFT_SRC. A line of JSON a folder says which parameters PEFT missed."""
import json
import os
import sys

for path in os.environ.get("PEFT_SRC", "").split(":"):
    if os.path.isdir(path):
        sys.path.insert(0, path)

import torch
import transformers
from peft import PeftModel
from safetensors.torch import load_file, save_file

for folder in sys.argv[1:]:
    config = transformers.AutoConfig.from_pretrained(folder + "/base")
    base = getattr(transformers, config.architectures[0]).from_pretrained(folder + "/base", dtype=torch.float32)
    saved = load_file(folder + "/adapter/adapter_model.safetensors")
    model = PeftModel.from_pretrained(base, folder + "/adapter").eval()
    # PEFT keeps a level for the adapter's name, and one for modules that are trained whole, wherever they lie.
    plain = lambda name: name.replace(".modules_to_save.default", "").replace(".default", "")
    own = {plain(name): values for name, values in model.named_parameters()}
    missing = []
    for name, values in saved.items():
        spellings = [name, name + ".weight", name.removesuffix(".weight")]
        found = [one for one in spellings if one in own and torch.equal(own[one].data.view(values.shape), values)]
        missing += [] if found else [name]
    with torch.no_grad():
        logits = model(**load_file(folder + "/inputs.safetensors")).logits
    save_file({"logits": logits.contiguous()}, folder + "/logits.safetensors")
    print(json.dumps({"folder": folder, "missing": missing}))
