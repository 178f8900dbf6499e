"""Reads {"class": transformers class, "config": config.json content} a line; prints {"name": [shape]} a line: every
parameter of that model, tied ones once (under the embedding's name), made without memory for the weights."""
import json
import sys

import torch
import transformers

for line in sys.stdin:
    case = json.loads(line)
    config = transformers.AutoConfig.for_model(case["config"].pop("model_type"), **case["config"])
    with torch.device("meta"):
        model = getattr(transformers, case["class"])(config)
    model.tie_weights()
    names = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        known = names.get(id(parameter), ("",))[0]
        if not known or ("embed" in name and not known.startswith("shared")):
            names[id(parameter)] = (name, list(parameter.shape))
    print(json.dumps(dict(names.values())), flush=True)
