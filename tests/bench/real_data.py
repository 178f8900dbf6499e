"""Real data end to end, by Luthier and by transformers from the same start, with the same batches and optimizer.

    python3 tests/bench/real_data.py SHARED [--cli build/release/bin/luthier-cli] [--tasks cifar10,...] [--out FILE.json]

SHARED is the folder with public data and weights (data/, weights/). Tasks: cifar10 hymenoptera digits wnut17 multi30k. Each starts from a model
that real_data_peer.py makes (seed 0; weights from a starter where one fits) as a Hugging Face folder; both sides train it on the
same rows in the same order, without dropout and without changes to images, on one thread, and answer the same test part.
hymenoptera starts from a ResNet-20 that was trained on CIFAR-10. Metrics are computed here, from both sides' answers:
accuracy; entity F1 (seqeval's definition); BLEU (sacreBLEU's: 13a tokens, exponential smoothing). Seconds are those of the
whole command (libraries loaded, data read, trained, test part evaluated), of the wall and of the processor; memory is the largest
resident set. Exits with 1 where a metric is not above chance by its margin or not level with transformers.
"""
import argparse, collections, gzip, json, math, os, random, re, sqlite3, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
STARTERS = os.path.join(HERE, "../../resources/starters")


# ---- metrics --------------------------------------------------------------------------------------------------------
def accuracy(truth, answers):
    return sum(a == b for a, b in zip(truth, answers)) / len(truth)


def entities(tags):
    """(type, first, last) of IOB2 tags; a tag that goes on with nothing before it begins an entity, as in seqeval."""
    found, start, kind = [], None, None
    for i, tag in enumerate(tags + ["O"]):
        mark, _, name = tag.partition("-")
        if kind is not None and (mark != "I" or name != kind):
            found.append((kind, start, i - 1))
            kind = None
        if mark in ("B", "I") and kind is None:
            start, kind = i, name
    return found


def entity_f1(truth, answers):
    right = wanted = given = 0
    for a, b in zip(truth, answers):
        a, b = set(entities(a)), set(entities(b))
        right, wanted, given = right + len(a & b), wanted + len(a), given + len(b)
    return 2 * right / max(wanted + given, 1)


def tokens_13a(line):
    for written, meant in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        line = line.replace(written, meant)
    line = f" {line} "
    for pattern, by in ((r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 "), (r"([^0-9])([\.,])", r"\1 \2 "),
                        (r"([\.,])([^0-9])", r" \1 \2"), (r"([0-9])(-)", r"\1 \2 ")):
        line = re.sub(pattern, by, line)
    return line.split()


def bleu(truth, answers):
    right, given, shorter, longer = [0] * 4, [0] * 4, 0, 0
    for reference, answer in zip(truth, answers):
        a, b = tokens_13a(reference), tokens_13a(answer)
        shorter, longer = shorter + len(b), longer + len(a)
        for n in range(4):
            runs = lambda words: collections.Counter(tuple(words[i:i + n + 1]) for i in range(len(words) - n))
            theirs = runs(b)
            right[n] += sum((theirs & runs(a)).values())
            given[n] += sum(theirs.values())
    smooth, total = 1, 0
    for r, g in zip(right, given):
        if not g:
            return 0.0
        if not r:
            smooth *= 2
        total += math.log(r / g if r else 1 / (smooth * g))
    return 100 * math.exp(min(0, 1 - longer / max(shorter, 1))) * math.exp(total / 4)


# ---- tasks ----------------------------------------------------------------------------------------------------------
def media_rows(root, part):
    """One row a file of ROOT/PART/CLASS/, in the order of names."""
    folder = f"{root}/{part}"
    return [{"path": f"{folder}/{label}/{name}", "label": label}
            for label in sorted(os.listdir(folder)) for name in sorted(os.listdir(f"{folder}/{label}"))]


def digit_rows(root, part):
    lines = [line.rstrip("\n").split(",") for line in open(f"{root}/{part}.csv", encoding="utf-8")][1:]
    return [{"path": f"{root}/{path}", "label": text} for path, _, text, _ in lines]


def tagged_rows(file):
    rows = []
    for block in re.split(r"\n[ \t]*\n", open(file, encoding="utf-8").read()):
        pairs = [line.split("\t") for line in block.split("\n") if line.strip()]
        if pairs:
            rows.append({"tokens": [p[0] for p in pairs], "tags": [p[1].strip() for p in pairs]})
    return rows


def translated_rows(root, part):
    read = lambda language: [line.strip() for line in gzip.open(f"{root}/{part}.{language}.gz", "rt", encoding="utf-8")]
    return [{"text": a, "target": b} for a, b in zip(read("en"), read("de"))]


def task_of(name, shared):
    data = f"{shared}/data"
    if name == "cifar10":
        return dict(kind="image", train=media_rows(f"{data}/img_cifar10_jpg", "train"),
                    test=media_rows(f"{data}/img_cifar10_jpg", "test"), base=f"{STARTERS}/classify-images/model",
                    epochs=6, batch=32, rate=1e-3, margin=0.25, level=0.03)
    if name == "hymenoptera":
        return dict(kind="image", train=media_rows(f"{data}/img_hymenoptera", "train"),
                    test=media_rows(f"{data}/img_hymenoptera", "val"),
                    base=f"{shared}/weights/resnet_cifar10/resnet20-12fca82f.th", side=128,
                    epochs=30, batch=16, rate=1e-3, margin=0.1, level=0.06)
    if name == "digits":
        return dict(kind="audio", train=digit_rows(f"{data}/audio_fsdd", "train"),
                    test=digit_rows(f"{data}/audio_fsdd", "test"), base=f"{STARTERS}/recognise-words/model",
                    epochs=8, batch=16, rate=8e-4, margin=0.6, level=0.03)
    if name == "wnut17":
        return dict(kind="tagging", train=tagged_rows(f"{data}/ner_wnut17/train.conll"),
                    test=tagged_rows(f"{data}/ner_wnut17/test.conll"), base=f"{STARTERS}/classify-text/encoder",
                    epochs=3, batch=32, rate=5e-4, margin=0.05, level=0.02)
    if name == "multi30k":
        return dict(kind="seq2seq", train=translated_rows(f"{data}/multi30k_en_de", "train")[:12000],
                    test=translated_rows(f"{data}/multi30k_en_de", "test_2016_flickr"), base=None,
                    epochs=1, batch=32, rate=2e-3, margin=2, level=1)
    sys.exit(f"there is no task {name}")


def complete(task):
    """What both sides are told beside: labels, batches, metric, truth, chance."""
    kind, draw = task["kind"], random.Random(0)
    rows = list(range(len(task["train"])))
    batches = []
    for _ in range(task["epochs"]):
        draw.shuffle(rows)
        batches += [rows[i:i + task["batch"]] for i in range(0, len(rows), task["batch"])]
    task.update(batches=batches, warmup=len(batches) // 10, decay=0.01, clip=1.0, longest=64, labels=[])
    if kind in ("image", "audio"):
        task["labels"] = sorted({row["label"] for row in task["train"]})
        truth = [row["label"] for row in task["test"]]
        common = collections.Counter(row["label"] for row in task["train"]).most_common(1)[0][0]
        task.update(metric="accuracy", score=accuracy, truth=truth, chance=accuracy(truth, [common] * len(truth)))
    elif kind == "tagging":
        tags = [tag for row in task["train"] for tag in row["tags"]]
        task["labels"] = sorted(set(tags))
        truth = [row["tags"] for row in task["test"]]
        drawn = [[draw.choice(tags) for _ in row] for row in truth]
        task.update(metric="entity F1", score=entity_f1, truth=truth, chance=entity_f1(truth, drawn))
    else:
        truth = [row["target"] for row in task["test"]]
        task.update(metric="BLEU", score=bleu, truth=truth, chance=bleu(truth, [row["text"] for row in task["test"]]))
    return task


def write_rows(task, part, folder):
    """The rows as a file that Luthier reads."""
    rows, file = task[part], f"{folder}/{part}.jsonl"
    with open(file, "w", encoding="utf-8") as out:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False), file=out)
    return file


# ---- both sides -----------------------------------------------------------------------------------------------------
def run(words, **environment):
    """Wall seconds, processor seconds, largest resident MB of a command and what it waits for."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(words, stdout=out, stderr=err, env={**os.environ, "OMP_NUM_THREADS": "1", **environment})
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        out.seek(0), err.seek(0)
        if status:
            sys.exit(f"{' '.join(words[:4])} failed:\n{out.read().decode()[-2000:]}\n{err.read().decode()[-3000:]}")
        return dict(wall_s=wall, cpu_s=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss / 1024, out=out.read().decode())


def luthier(task, folder, cli):
    kind = task["kind"]
    roles = {"image": {"image": "path", "label": "label"}, "audio": {"audio": "path", "label": "label"},
             "tagging": {"tokens": "tokens", "tags": "tags"}, "seq2seq": {"text": "text", "target": "target"}}[kind]
    objective = {"tagging": {"kind": "tagging"}, "seq2seq": {"kind": "seq2seq", "max_target_tokens": task["longest"], "judged_rows": 0}}
    recipe = {"luthier": 1, "name": "real", "seed": 0, "objective": objective.get(kind, {"kind": "classification"}),
              "model": {"path": f"{folder}/start"},
              "data": {"train": f"{folder}/train.jsonl", "test": f"{folder}/test.jsonl", "roles": roles},
              "method": {"kind": "full"}, "export": [],
              "training": {"epochs": 1, "batches_file": f"{folder}/batches.json", "batch_size": task["batch"],
                           "learning_rate": task["rate"], "schedule": "linear", "warmup": {"value": task["warmup"], "unit": "step"},
                           "weight_decay": task["decay"], "max_grad_norm": task["clip"], "dropout": 0, "device": "cpu",
                           "precision": "fp32", "threads": 1, "evaluate_every": {"value": 0, "unit": "epoch"}, "keep_best": False,
                           "evaluate_base": False, "checkpoint_every": {"value": 0, "unit": "minute"}, "log_every": 1}}
    if kind in ("tagging", "seq2seq"):
        recipe["data"]["max_tokens"] = task["longest"]
    if task["labels"]:
        recipe["data"]["labels"] = task["labels"]
    json.dump(recipe, open(f"{folder}/recipe.json", "w"))
    home = {"LUTHIER_HOME": f"{folder}/home"}
    used = run([cli, "train", f"{folder}/recipe.json", "--json"], **home)
    database = sqlite3.connect(f"{folder}/home/luthier.db")
    run_id, summary = database.execute("select id, summary from runs").fetchone()
    summary = json.loads(summary)
    losses = [value for (value,) in database.execute("select value from metrics where name = 'train.loss' order by step")]
    run([cli, "export", run_id, "--to", "huggingface", "--out", f"{folder}/exported"], **home)
    run([cli, "predict", "--model", f"{folder}/exported", "--data", f"{folder}/test.jsonl", "--roles",
         json.dumps({role: column for role, column in roles.items() if role not in ("label", "tags", "target")}), "--out", f"{folder}/luthier.jsonl"], **home)
    key = {"tagging": "tags", "seq2seq": "answer"}.get(kind, "label")
    answers = [json.loads(line)[key] for line in open(f"{folder}/luthier.jsonl", encoding="utf-8")]
    used["peak_mb"] = max(used["peak_mb"], summary["peak_resident_bytes"] / 2**20)
    return dict(used, losses=losses, test_loss=summary["tuned"]["loss"], answers=answers, tuned=summary["tuned"])


def peer(task, folder):
    used = run([sys.executable, f"{HERE}/real_data_peer.py", folder])
    return dict(used, **json.loads(used["out"].strip().splitlines()[-1]))


def own_metric(task, tuned):
    """The metric as Luthier's own evaluation of the test part gave it."""
    names = {"accuracy": ["accuracy"], "entity F1": ["entity_f1"], "BLEU": ["bleu"]}[task["metric"]]
    return next((tuned[name] for name in names if name in tuned), None)


parser = argparse.ArgumentParser()
parser.add_argument("shared")
parser.add_argument("--cli", default="build/release/bin/luthier-cli")
parser.add_argument("--tasks", default="cifar10,hymenoptera,digits,wnut17,multi30k")
parser.add_argument("--sides", default="luthier,transformers", help="those to run now; with --work the other's result may be there already")
parser.add_argument("--work", help="a folder that keeps starts and results: what is there is not run again")
parser.add_argument("--limit", type=int, default=0, help="only so many rows of each part, one epoch: to try the script itself")
parser.add_argument("--out")
args = parser.parse_args()


def kept(file, make):
    """What `make` gives, once a work folder."""
    if not os.path.exists(file):
        result = make()
        json.dump(result, open(file + ".part", "w"))
        os.replace(file + ".part", file)
    return json.load(open(file))


def prepared(name, work):
    folder = f"{work}/{name}"
    os.makedirs(folder, exist_ok=True)
    task = task_of(name, os.path.abspath(args.shared))
    if args.limit:
        some = lambda rows: rows[::max(1, len(rows) // args.limit)]
        task.update(train=some(task["train"]), test=some(task["test"]), epochs=1)
    task = complete(task)
    score, truth = task.pop("score"), task.pop("truth")
    json.dump(task["batches"], open(f"{folder}/batches.json", "w"))
    json.dump(task, open(f"{folder}/task.json", "w"))
    for part in ("train", "test"):
        write_rows(task, part, folder)
    kept(f"{folder}/start.json", lambda: run([sys.executable, f"{HERE}/real_data_peer.py", folder, "--start"]))
    return folder, task, score, truth


def compared(name, task, score, truth, ours, theirs):
    result = {"task": name, "metric": task["metric"], "steps": len(task["batches"]), "rows": [len(task["train"]), len(task["test"])],
              "luthier": score(truth, ours["answers"]), "transformers": score(truth, theirs["answers"]), "chance": task["chance"],
              "margin": task["margin"], "told by luthier": own_metric(task, ours["tuned"]),
              "same answers": sum(a == b for a, b in zip(ours["answers"], theirs["answers"])) / len(truth),
              "test loss": [ours["test_loss"], theirs["test_loss"]], "first losses": [ours["losses"][:3], theirs["losses"][:3]],
              "last losses": [sum(side["losses"][-10:]) / len(side["losses"][-10:]) for side in (ours, theirs)]}
    for key in ("wall_s", "cpu_s", "peak_mb"):
        result[key] = [round(ours[key], 1), round(theirs[key], 1)]
    return result


results, failures = [], []
with tempfile.TemporaryDirectory() as temporary:
    work, names = args.work or temporary, args.tasks.split(",")
    for name in names:
        folder, task, score, truth = prepared(name, work)
        if "luthier" in args.sides:
            kept(f"{folder}/luthier.json", lambda: luthier(task, folder, args.cli))
        if "transformers" in args.sides:
            kept(f"{folder}/transformers.json", lambda: peer(task, folder))
        sides = [f"{folder}/{side}.json" for side in ("luthier", "transformers")]
        if not all(map(os.path.exists, sides)):
            continue
        result = compared(name, task, score, truth, *[json.load(open(side)) for side in sides])
        results.append(result)
        print(json.dumps(result), flush=True)
        if min(result["luthier"], result["transformers"]) < task["chance"] + task["margin"]:
            failures.append(f"{name}: not above chance by {task['margin']}")
        if abs(result["luthier"] - result["transformers"]) > task["level"]:
            failures.append(f"{name}: {result['luthier']} is not level with {result['transformers']}")
if args.out:
    json.dump(results, open(args.out, "w"), indent=1)
print("\n| task | metric | Luthier | transformers | chance | same answers | test loss L | t | wall s L | t | cpu s L | t | MB L | t |")
print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
for r in results:
    digits = 1 if r["metric"] == "BLEU" else 3
    print(f"| {r['task']} | {r['metric']} | {r['luthier']:.{digits}f} | {r['transformers']:.{digits}f} | {r['chance']:.{digits}f} | {r['same answers']:.3f} "
          f"| {r['test loss'][0]:.4f} | {r['test loss'][1]:.4f} | {r['wall_s'][0]:.0f} | {r['wall_s'][1]:.0f} | {r['cpu_s'][0]:.0f} | {r['cpu_s'][1]:.0f} "
          f"| {r['peak_mb'][0]:.0f} | {r['peak_mb'][1]:.0f} |")
if failures and not args.limit:
    sys.exit("\n".join(failures))
