"""Checkpoints as torch.save writes them, with what they hold as safetensors, and pickles that want to run something.

usage: torch_files.py make DIR          samples: NAME.pt (or a folder NAME) beside NAME.safetensors; evil/*.bin
       torch_files.py dump IN OUT ...   the weights of a public checkpoint as safetensors
"""

import collections
import json
import os
import pickle
import sys

import torch
from safetensors.torch import save_file


def plain(table):
    return {name: tensor.detach().clone().contiguous() for name, tensor in table.items() if torch.is_tensor(tensor)}


def save(folder, name, thing, table, **options):
    torch.save(thing, os.path.join(folder, name + ".pt"), **options)
    save_file(plain(table), os.path.join(folder, name + ".safetensors"))


def make(folder):
    torch.manual_seed(0)
    types = {str(t).split(".")[1]: (torch.randn(3, 5) * 3).to(t) for t in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8)}
    types["uint8"] = torch.arange(7, dtype=torch.uint8)
    types["bool"] = torch.tensor([True, False, True])
    types["scalar"] = torch.tensor(2.5)
    types["none"] = torch.empty(0, 4)
    for protocol in (2, 3, 4, 5):
        save(folder, f"types_zip_{protocol}", types, types, pickle_protocol=protocol)
        save(folder, f"types_stream_{protocol}", types, types, pickle_protocol=protocol,
             _use_new_zipfile_serialization=False)

    base = torch.randn(6, 4, 5)
    views = {"base": base, "same": base, "transposed": base.transpose(0, 2), "row": base[2], "column": base[:, 1],
             "steps": base[::2, :, 1::3], "middle": base.permute(1, 0, 2), "expanded": torch.randn(1, 3).expand(2, 3),
             "one": base[:, 1:2, 3:4], "flat": base.view(-1)[7:9], "half": base[:, :, :2]}
    for zipped in (True, False):
        save(folder, "views_" + ("zip" if zipped else "stream"), views, views, _use_new_zipfile_serialization=zipped)

    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 3, bias=False))
    state = model.state_dict()  # an OrderedDict with _metadata
    save(folder, "state_dict", state, state)
    save(folder, "parameters", dict(model.named_parameters()), dict(model.named_parameters()))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randn(2, 4)).sum().backward()
    optimizer.step()
    state = model.state_dict()
    parallel = collections.OrderedDict(("module." + name, tensor) for name, tensor in state.items())
    save(folder, "wrapped", {"epoch": 3, "best": 0.5, "arch": "net", "state_dict": parallel, "history": [1, 2.5, None],
                             "names": {"a", "b"}, "optimizer": optimizer.state_dict(), "big": 1 << 100,
                             "size": torch.Size([2, 3]), "device": torch.device("cpu"), "type": torch.float32,
                             "negative": -7, "long": -(1 << 40), "raw": b"bytes"}, state)
    save(folder, "wrapped_twice", {"model": {"state_dict": state}, "step": 1}, state)
    save(folder, "wrapped_unusually", {"anything": state, "lr": 0.1}, state)
    compiled = {"_orig_mod." + name: tensor for name, tensor in state.items()}
    save(folder, "compiled", compiled, state, _use_new_zipfile_serialization=False)
    try:
        import numpy
        save(folder, "numpy_number", {"model_state_dict": state, "best": numpy.float64(0.25)}, state)
    except ImportError:
        pass

    shards = os.path.join(folder, "shards")
    os.makedirs(shards)
    names = sorted(state)
    parts = {"pytorch_model-00001-of-00002.bin": names[:3], "pytorch_model-00002-of-00002.bin": names[3:]}
    for file, part in parts.items():
        torch.save({name: state[name] for name in part}, os.path.join(shards, file))
    with open(os.path.join(shards, "pytorch_model.bin.index.json"), "w") as index:
        json.dump({"metadata": {"total_size": 0}, "weight_map": {n: f for f, part in parts.items() for n in part}}, index)
    save_file(plain(state), os.path.join(folder, "shards.safetensors"))

    evil = os.path.join(folder, "evil")
    os.makedirs(evil)
    marker = os.path.join(folder, "executed")

    class Evil:
        def __init__(self, function, *arguments):
            self.made_by = function, arguments

        def __reduce__(self):
            return self.made_by

    for protocol in (0, 1, 2, 3, 4, 5):
        with open(os.path.join(evil, f"bare_{protocol}.bin"), "wb") as file:
            pickle.dump({"a": Evil(os.system, "touch " + marker)}, file, protocol=protocol)
    torch.save({"weight": torch.ones(2), "x": Evil(os.system, "touch " + marker)}, os.path.join(evil, "zip.bin"))
    torch.save({"weight": torch.ones(2), "x": Evil(os.system, "touch " + marker)}, os.path.join(evil, "stream.bin"),
               _use_new_zipfile_serialization=False)
    torch.save({"weight": torch.ones(2), "x": Evil(eval, "1")}, os.path.join(evil, "eval.bin"))
    torch.save({"weight": torch.ones(2), "x": Evil(getattr, "text", "upper")}, os.path.join(evil, "getattr.bin"))
    torch.save(model, os.path.join(evil, "module.bin"))
    torch.save({"weight": torch.ones(2).to_sparse()}, os.path.join(evil, "sparse.bin"))
    torch.jit.save(torch.jit.trace(model.eval(), torch.ones(2, 4)), os.path.join(evil, "program.bin"))
    torch.save([torch.ones(2)], os.path.join(evil, "list.bin"))
    torch.save({"a": 1}, os.path.join(evil, "no_tensors.bin"))
    torch.save({"one": {"a": torch.ones(2)}, "two": {"b": torch.ones(2)}}, os.path.join(evil, "two_tables.bin"))
    torch.save({"c": torch.ones(2, dtype=torch.complex64)}, os.path.join(evil, "complex.bin"))


def dump(words):
    for source, target in zip(words[0::2], words[1::2]):
        table = torch.load(source, map_location="cpu", weights_only=True)
        for key in ("state_dict", "model"):
            if isinstance(table.get(key), dict):
                table = table[key]
        table = plain(table)
        if all(name.startswith("module.") for name in table):
            table = {name[len("module."):]: tensor for name, tensor in table.items()}
        save_file(table, target)


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    dump(sys.argv[2:])
