"""Luthier against transformers (and PEFT) on the same start, data, batches and step count, on this machine.

    python3 tests/bench/against_peer.py PEER DATA WEIGHTS [--cli build/release/bin/luthier-cli] [--jobs bert-full,...]
                                        [--repeats N] [--out FILE.json]

PEER is peer.py, DATA and WEIGHTS the folders that it takes; PEFT is found through PEFT_SRC. Each job runs on both sides in
turn, `repeats` times; figures are medians, ratios are taken pair by pair. Settings of Luthier:
  equal   the peer's very batches, shuffled and padded alike
  packed  the same batches, their rows one after another without padding (language models alone)
  own     Luthier's defaults: batches by length
Rows a second leave the first two steps out on both sides; whole is the wall time of the whole command; peak memory is the
largest resident set of the training process.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("peer"); parser.add_argument("data"); parser.add_argument("weights")
parser.add_argument("--cli", default="build/release/bin/luthier-cli")
parser.add_argument("--jobs", default="bert-full,bert-lora,llama-full,llama-lora")
parser.add_argument("--settings", default="equal,packed,own")
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--out")
args = parser.parse_args()


def run_peer(job, *more):
    done = subprocess.run([sys.executable, args.peer, job, args.data, args.weights, *more], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the peer failed on {job}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None


def write_data(job, folder):
    """The peer's rows as a file that Luthier reads."""
    if job.startswith("bert"):
        name = sorted(f for f in os.listdir(f"{args.data}/sst2") if "train" in f)[0]
        lines = open(f"{args.data}/sst2/{name}", encoding="utf-8").readlines()[:2048]
        open(f"{folder}/train.tsv", "w", encoding="utf-8").writelines(lines)
        return {"train": f"{folder}/train.tsv", "format": "tsv", "quote": "none", "header": False, "roles": {"text": "column0", "label": "column1"}, "max_tokens": 128}
    rows = json.load(open(f"{args.data}/instruct_alpaca_demo/alpaca_en_demo.json"))[:480]
    with open(f"{folder}/train.jsonl", "w", encoding="utf-8") as out:
        for r in rows:
            print(json.dumps({"text": f"<|user|>\n{r['instruction']}\n{r['input']}<|end|>\n<|assistant|>\n{r['output']}<|end|>"}), file=out)
    return {"train": f"{folder}/train.jsonl", "roles": {"text": "text"}, "max_tokens": 256}


def recipe(job, base, data, batches, packed):
    family, method = job.split("-")
    bert = family == "bert"
    targets = ["query", "key", "value", "dense"] if bert else ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    training = {"epochs": 1, "batch_size": 32 if bert else 8, "learning_rate": 2e-4, "schedule": "constant", "warmup": {"value": 0, "unit": "step"},
                "weight_decay": 0.01, "max_grad_norm": 1.0, "device": "cpu", "evaluate_every": {"value": 0, "unit": "epoch"}, "evaluate_base": False,
                "checkpoint_every": {"value": 0, "unit": "minute"}, "log_every": 1}
    if packed:
        training["batching"] = "packed"
    if batches:
        training["batches_file"] = batches
    else:
        training["max_steps"] = 64 if bert else 60
    return {"luthier": 1, "name": job, "seed": 0, "objective": {"kind": "classification"} if bert else {"kind": "causal_lm", "loss_on": "all"},
            "model": {"path": base}, "data": data,
            "method": {"kind": "full"} if method == "full" else {"kind": "lora", "rank": 8, "alpha": 16, "dropout": 0.0, "targets": targets},
            "training": training, "export": []}


def run_luthier(job, folder, base, data, batches, packed=False):
    home = tempfile.mkdtemp(dir=folder)
    file = f"{home}/recipe.json"
    json.dump(recipe(job, base, data, batches, packed), open(file, "w"))
    start = time.perf_counter()
    done = subprocess.run([args.cli, "train", file, "--json"], capture_output=True, text=True, env={**os.environ, "LUTHIER_HOME": f"{home}/store"})
    whole = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"luthier failed on {job}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    import sqlite3
    database = sqlite3.connect(f"{home}/store/luthier.db")
    summary = json.loads(database.execute("select summary from runs").fetchone()[0])
    losses = [v for (v,) in database.execute("select value from metrics where name = 'train.loss' order by step")]
    shutil.rmtree(home)
    return {"rows_per_s": summary["rows_per_second"], "tokens_per_s": summary["tokens_per_second"], "whole_s": whole,
            "peak_rss_mb": summary["peak_resident_bytes"] / 2**20, "steps": len(losses), "last_losses": sum(losses[-8:]) / 8}


def middle(values):
    return round(statistics.median(values), 3)


results = []
for job in args.jobs.split(","):
    with tempfile.TemporaryDirectory() as folder:
        base = f"{folder}/base"
        run_peer(job, "--save", base)
        data = write_data(job, folder)
        batches = f"{folder}/batches.json"
        rows = []
        for _ in range(args.repeats):
            peer = run_peer(job, "--save-batches", batches)
            luthier = {name: run_luthier(job, folder, base, data, None if name == "own" else batches, name == "packed")
                       for name in args.settings.split(",") if name != "packed" or job.startswith("llama")}
            rows.append({"peer": peer, **luthier})
        for name in luthier:
            results.append({
                "job": job, "setting": name, "steps": rows[0][name]["steps"],
                "rows_per_s": [middle([r["peer"]["rows_per_s"] for r in rows]), middle([r[name]["rows_per_s"] for r in rows])],
                "rows_ratio": middle([r[name]["rows_per_s"] / r["peer"]["rows_per_s"] for r in rows]),
                "whole_s": [middle([r["peer"]["whole_s"] for r in rows]), middle([r[name]["whole_s"] for r in rows])],
                "whole_ratio": middle([r["peer"]["whole_s"] / r[name]["whole_s"] for r in rows]),
                "peak_mb": [middle([r["peer"]["peak_rss_mb"] for r in rows]), middle([r[name]["peak_rss_mb"] for r in rows])],
                "peak_ratio": middle([r[name]["peak_rss_mb"] / r["peer"]["peak_rss_mb"] for r in rows]),
                "last_losses": [middle([r["peer"]["last_losses"] for r in rows]), middle([r[name]["last_losses"] for r in rows])]})
            print(json.dumps(results[-1]), flush=True)
if args.out:
    json.dump(results, open(args.out, "w"), indent=1)
print()
print("| job | setting | rows/s peer | Luthier | ratio | whole s peer | Luthier | ratio | peak MB peer | Luthier | ratio | last losses peer | Luthier |")
print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
for r in results:
    print(f"| {r['job']} | {r['setting']} | {r['rows_per_s'][0]} | {r['rows_per_s'][1]} | {r['rows_ratio']} | {r['whole_s'][0]} | {r['whole_s'][1]} | {r['whole_ratio']} "
          f"| {r['peak_mb'][0]:.0f} | {r['peak_mb'][1]:.0f} | {r['peak_ratio']} | {r['last_losses'][0]} | {r['last_losses'][1]} |")
