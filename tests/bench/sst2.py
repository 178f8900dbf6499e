"""SST-2 from the command line: the starter's encoder fine-tuned, the same architecture from random weights, and TF-IDF.

    installer/toolbox python3 tests/bench/sst2.py SHARED [--cli build/release/bin/luthier-cli] [--seeds N]

SHARED is the folder with public data (data/sst2: train.tsv, dev.tsv, test.tsv; sentence, tab, label). Accuracy is that of the
test part, by Luthier's own evaluation at the end of each run; the exported folder of the first run is opened by transformers
(tests/reference/open_export.py). Seconds are those of the whole command, export and proof included.
"""
import argparse, json, os, sqlite3, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser()
parser.add_argument("shared")
parser.add_argument("--cli", default="build/release/bin/luthier-cli")
parser.add_argument("--seeds", type=int, default=1)
args = parser.parse_args()
data = os.path.abspath(f"{args.shared}/data/sst2")


def recipe(seed, drawn):
    return {"luthier": 1, "name": "sst2", "seed": seed, "objective": {"kind": "classification"},
            "model": {"path": os.path.abspath(f"{HERE}/../../resources/starters/classify-text/encoder"), "from_config": drawn},
            "data": {"train": f"{data}/train.tsv", "validation": f"{data}/dev.tsv", "test": f"{data}/test.tsv", "format": "tsv",
                     "quote": "none", "header": False, "roles": {"text": "column0", "label": "column1"}, "max_tokens": 64},
            "method": {"kind": "full"},
            "training": {"epochs": 4, "batch_size": 32, "learning_rate": 3e-4, "schedule": "linear",
                         "warmup": {"value": 0.1, "unit": "run"}, "weight_decay": 0.01, "dropout": 0.1,
                         "early_stopping": {"metric": "accuracy", "patience": 3}},
            "export": [] if drawn or seed > 1 else [{"format": "huggingface"}]}


def run(folder, seed, drawn):
    home = f"{folder}/{seed}-{drawn}"
    os.makedirs(home)
    with open(f"{home}/recipe.json", "w", encoding="utf-8") as file:
        json.dump(recipe(seed, drawn), file)
    start = time.perf_counter()
    child = subprocess.run([args.cli, "train", f"{home}/recipe.json"], capture_output=True, text=True,
                           env={**os.environ, "LUTHIER_HOME": home})
    if child.returncode:
        sys.exit(child.stderr[-2000:])
    seconds = time.perf_counter() - start
    database = sqlite3.connect(f"{home}/luthier.db")
    summary = json.loads(database.execute("select summary from runs").fetchone()[0])
    exported = database.execute("select path, proof from artefacts").fetchone()
    return summary["tuned"]["accuracy"], seconds, summary["peak_resident_bytes"] / 2**20, exported


with tempfile.TemporaryDirectory() as folder:
    print("| | accuracy by seed | mean | s | peak MB |\n|---|---|---|---|---|")
    for name, drawn in (("the starter's encoder", False), ("the same from random weights", True)):
        found = [run(folder, seed, drawn) for seed in range(1, args.seeds + 1)]
        scores = [one[0] for one in found]
        print(f"| {name} | {' '.join(f'{score:.4f}' for score in scores)} | {sum(scores) / len(scores):.4f} "
              f"| {sum(one[1] for one in found) / len(found):.0f} | {max(one[2] for one in found):.0f} |", flush=True)
        if exported := found[0][3]:
            proof = json.loads(exported[1])
            opened = subprocess.run([sys.executable, f"{HERE}/../reference/open_export.py", exported[0]], capture_output=True, text=True)
    baseline = subprocess.run([sys.executable, f"{HERE}/../reference/tfidf_baseline.py", f"{data}/train.tsv", f"{data}/test.tsv",
                               "--columns", "text,label"], capture_output=True, text=True)
    print(f"| TF-IDF with logistic regression | | {json.loads(baseline.stdout)['mean']:.4f} | | |")
    print(f"\nproof of the export: passed {proof['passed']}, largest difference {proof['max_abs_difference']:.2g}; "
          f"transformers: {opened.stdout.strip() or opened.stderr[-300:]}")
