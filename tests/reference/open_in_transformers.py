"""Opens model folders in transformers and compares.

usage: open_in_transformers.py CLASS FOLDER IO [CLASS FOLDER IO]...

CLASS is a transformers class, IO a .safetensors file with inputs ("input_ids", "attention_mask", ...) and "logits", what
the writer of the folder computed. Prints one JSON object a folder: missing, unexpected (keys) and difference (largest,
relative to the largest logit, over positions that are no padding).
"""

import json
import sys

import torch
import transformers
from safetensors.torch import load_file


def main(words):
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for name, folder, io in zip(words[::3], words[1::3], words[2::3]):
        model, info = getattr(transformers, name).from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
        tensors = load_file(io)
        expected = tensors.pop("logits")
        with torch.no_grad():
            logits = model.eval()(**tensors).logits
        error = (logits - expected).abs()
        if error.dim() == 3 and "attention_mask" in tensors and "decoder_input_ids" not in tensors:
            error = error * tensors["attention_mask"].unsqueeze(-1)
        print(json.dumps({"missing": sorted(info["missing_keys"]), "unexpected": sorted(info["unexpected_keys"]),
                          "difference": (error.max() / expected.abs().max()).item(),
                          "labels": list(model.config.id2label.values())}))


if __name__ == "__main__":
    main(sys.argv[1:])
