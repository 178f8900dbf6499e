"""Every method on five kinds of data: quality, trainable share, peak memory, time. One table.

    python3 tests/bench/methods_table.py SHARED [--cli build/release/bin/luthier-cli] [--tasks sst2,...] [--methods full,...]
                                         [--work FOLDER]

SHARED is the folder with public data (data/). Tasks, each from the starter that fits, on one thread:

* sst2: sentiment of sentences; accuracy on the test part.
* alpaca: instructions; loss of the answers on rows kept apart, and an answer sampled by every method.
* hh: pairs of answers (HH-RLHF, harmless), DPO; how often the better one is preferred, on pairs kept apart.
* hymenoptera: ants and bees; accuracy. Starts from classify-images.
* digits: spoken digits; accuracy. Starts from recognise-words.

A method gets the rate that suits how much of the model it moves (RATES), and no other setting of its own. Memory is the trainer's
largest resident set, time that of the whole command. Methods that do not go with a model are left out, with Luthier's reason.
With --work, what is there is not run again.
"""
import argparse, gzip, json, os, re, sqlite3, subprocess, tempfile, time

STARTERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../resources/starters")
METHODS = ["full", "feature_extraction", "layerwise", "adapter", "lora", "qlora", "ia3", "prompt_tuning", "prefix_tuning"]
# Times the task's rate for full fine-tuning.
RATES = {"full": 1, "layerwise": 1, "feature_extraction": 4, "adapter": 3, "lora": 3, "qlora": 3, "ia3": 10, "prompt_tuning": 20,
         "prefix_tuning": 10}

# As the template "alpaca" puts it.
QUESTION = ("Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
            "### Instruction:\nName three colours of the rainbow.\n\n### Response:\n")


def write(rows, file):
    with open(file, "w", encoding="utf-8") as out:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False), file=out)
    return file


def images(root, part):
    return [{"image": f"{root}/{part}/{label}/{name}", "label": label}
            for label in sorted(os.listdir(f"{root}/{part}")) for name in sorted(os.listdir(f"{root}/{part}/{label}"))]


def recordings(root, part):
    lines = [line.rstrip("\n").split(",") for line in open(f"{root}/{part}.csv", encoding="utf-8")][1:]
    return [{"audio": f"{root}/{path}", "label": label} for path, _, label, _ in lines]


def sentences(root, part):
    return [dict(zip(("text", "label"), line.rstrip("\n").split("\t"))) for line in open(f"{root}/{part}.tsv", encoding="utf-8")]


def task_of(name, data, folder):
    """Recipe but for the method, base model, metric."""
    common = {"schedule": "linear", "warmup": {"value": 0.1, "unit": "run"}, "weight_decay": 0.01, "threads": 1, "device": "cpu",
              "evaluate_every": {"value": 0, "unit": "epoch"}, "keep_best": False,
              "checkpoint_every": {"value": 0, "unit": "minute"}, "log_every": 20}
    if name == "sst2":
        rows = sentences(f"{data}/sst2", "train")
        train, test = rows[::2], sentences(f"{data}/sst2", "test")
        recipe = dict(objective={"kind": "classification"}, model="classify-text/encoder", roles=["text", "label"],
                      training=dict(common, epochs=2, batch_size=32, learning_rate=5e-4), more={"max_tokens": 64})
        metric = "accuracy"
    elif name == "alpaca":
        rows = json.load(open(f"{data}/instruct_alpaca_demo/alpaca_en_demo.json", encoding="utf-8"))
        rows = [dict(instruction=r["instruction"], input=r["input"], response=r["output"]) for r in rows if len(r["output"]) < 500]
        train, test = [r for i, r in enumerate(rows) if i % 5], rows[::5]
        recipe = dict(objective={"kind": "causal_lm", "chat_template": "alpaca"}, model="follow-instructions/model",
                      roles=["instruction", "input", "response"],
                      training=dict(common, epochs=2, batch_size=8, learning_rate=1e-3), more={"max_tokens": 192})
        metric = "loss"
    elif name == "hh":
        rows = []
        for line in gzip.open(f"{data}/dpo_hh_rlhf_harmless/test.jsonl.gz", "rt", encoding="utf-8"):
            pair = json.loads(line)
            cut = pair["chosen"].rfind("\n\nAssistant:") + len("\n\nAssistant:")
            if pair["rejected"][:cut] == pair["chosen"][:cut] and len(pair["chosen"]) < 600 and len(pair["rejected"]) < 600:
                rows.append({"prompt": pair["chosen"][:cut], "chosen": pair["chosen"][cut:], "rejected": pair["rejected"][cut:]})
        train, test = [r for i, r in enumerate(rows) if i % 5], rows[::5]
        recipe = dict(objective={"kind": "preference", "loss": "dpo"}, model="follow-instructions/model",
                      roles=["prompt", "chosen", "rejected"],
                      training=dict(common, epochs=1, batch_size=8, learning_rate=3e-4), more={"max_tokens": 256})
        metric = "preference_accuracy"
    elif name == "hymenoptera":
        train, test = images(f"{data}/img_hymenoptera", "train"), images(f"{data}/img_hymenoptera", "val")
        recipe = dict(objective={"kind": "classification"}, model="classify-images/model", roles=["image", "label"],
                      training=dict(common, epochs=8, batch_size=16, learning_rate=3e-4), more={})
        metric = "accuracy"
    else:
        train, test = recordings(f"{data}/audio_fsdd", "train"), recordings(f"{data}/audio_fsdd", "test")
        recipe = dict(objective={"kind": "classification"}, model="recognise-words/model", roles=["audio", "label"],
                      training=dict(common, epochs=6, batch_size=16, learning_rate=8e-4), more={})
        metric = "accuracy"
    os.makedirs(folder, exist_ok=True)
    files = {"train": write(train, f"{folder}/train.jsonl"), "test": write(test, f"{folder}/test.jsonl")}
    model = os.path.join(STARTERS, recipe["model"])
    return {"luthier": 1, "name": name, "seed": 0, "objective": recipe["objective"], "model": {"path": model}, "export": [],
            "data": dict(files, roles={role: role for role in recipe["roles"]}, **recipe["more"]),
            "training": recipe["training"]}, metric, (len(train), len(test))


def run(words, home):
    start = time.perf_counter()
    child = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1", "LUTHIER_HOME": home})
    return child, time.perf_counter() - start


def measure(recipe, metric, method, folder, cli):
    os.makedirs(folder, exist_ok=True)
    recipe = json.loads(json.dumps(recipe))
    recipe["method"] = {"kind": method}
    recipe["training"]["learning_rate"] *= RATES[method]
    json.dump(recipe, open(f"{folder}/recipe.json", "w"), indent=1)
    child, wall = run([cli, "train", f"{folder}/recipe.json"], f"{folder}/home")
    if child.returncode:
        lines = [line for line in child.stderr.splitlines() if line.strip()]
        return {"refused": " ".join(lines[:3])[:300]}
    database = sqlite3.connect(f"{folder}/home/luthier.db")
    run_id, summary = database.execute("select id, summary from runs").fetchone()
    summary = json.loads(summary)
    shares = re.search(r"model: ([\d,]+) of ([\d,]+) parameters", child.stdout + child.stderr)
    trained, whole = (int(number.replace(",", "")) for number in shares.groups())
    result = {"base": summary["base"].get(metric), "tuned": summary["tuned"][metric], "share": trained / whole,
              "peak_mb": summary["peak_resident_bytes"] / 2**20, "wall_s": wall}
    if recipe["objective"]["kind"] == "causal_lm":
        exported = f"{folder}/exported"
        format = "peft" if method in ("adapter", "prompt_tuning", "prefix_tuning") else "huggingface"
        child, _ = run([cli, "export", run_id, "--to", format, "--out", exported], f"{folder}/home")
        model = ["--model", recipe["model"]["path"], "--adapter", exported] if format == "peft" else ["--model", exported]
        child, _ = run([cli, "generate", *model, "--prompt", QUESTION, "--max-new-tokens", "40"], f"{folder}/home")
        result["answer"] = json.dumps(child.stdout.strip()[-300:] if not child.returncode else child.stderr[-300:])
    return result


parser = argparse.ArgumentParser()
parser.add_argument("shared")
parser.add_argument("--cli", default="build/release/bin/luthier-cli")
parser.add_argument("--tasks", default="sst2,alpaca,hh,hymenoptera,digits")
parser.add_argument("--methods", default=",".join(METHODS))
parser.add_argument("--work")
args = parser.parse_args()

with tempfile.TemporaryDirectory() as temporary:
    work = args.work or temporary
    for name in args.tasks.split(","):
        recipe, metric, rows = task_of(name, os.path.abspath(f"{args.shared}/data"), f"{work}/{name}")
        print(f"\n{name}: {rows[0]} rows to learn from, {rows[1]} to test on; {metric}\n")
        print("| method | before | after | trains | peak MB | of full | s |\n|---|---|---|---|---|---|---|", flush=True)
        whole, answers, refused = None, [], []
        for method in args.methods.split(","):
            kept = f"{work}/{name}/{method}.json"
            if not os.path.exists(kept):
                result = measure(recipe, metric, method, f"{work}/{name}/{method}", args.cli)
                json.dump(result, open(kept, "w"))
            result = json.load(open(kept))
            if "refused" in result:
                refused.append(f"{method}: {result['refused']}")
                continue
            whole = whole or result["peak_mb"]
            before = "" if result["base"] is None else f"{result['base']:.3f}"
            print(f"| {method} | {before} | {result['tuned']:.3f} | {100 * result['share']:.2f} % | {result['peak_mb']:.0f} "
                  f"| {result['peak_mb'] / whole:.2f} | {result['wall_s']:.0f} |", flush=True)
            if "answer" in result:
                answers.append(f"{method}: {result['answer']}")
        print("\n".join(["", *refused, *answers]), flush=True)
