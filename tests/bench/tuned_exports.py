"""What an export changes in a model that was trained: every starter in every format and number type. Tables of docs/exports.md.

    python3 tests/bench/tuned_exports.py [--cli build/release/bin/luthier-cli] [--starters classify-text,...] [--formats onnx,...]
                                         [--work FOLDER] [--write]

Each starter is fine-tuned with its recipe, on one thread, and exported; all numbers are those of the proofs, over held-out rows:
the largest difference of logits as a share of the largest, how often the likeliest label or token is the same, what the data calls
right in memory and from the disk, and whole answers. With --work a trained starter is not trained again, nor is what was exported
before. --write puts the tables into docs/exports.md. Exits with 1 when a proof failed.
"""
import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

from exports_table import FIXED, columns

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PAGE = os.path.join(ROOT, "docs/exports.md")
BEGIN, END = "<!-- tuned table: begin -->", "<!-- tuned table: end -->"
HEADING = """## What it changes in a trained model

Made by `tests/bench/tuned_exports.py`: the starters, fine-tuned with their recipes. Differences are of logits, in parts of the
largest. The metric is the data's, over the rows that the proof compares, from the disk; "whole answers" are written token by token, the
likeliest each time. Peak memory is that of the process that proved it, without LibTorch where the format's home has none.
"""


def run(cli, home, words):
    return subprocess.run([cli, *words], capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1", "LUTHIER_HOME": home})


def trained(cli, starter, home):
    """The run's id."""
    def finished():
        if not os.path.exists(f"{home}/luthier.db"):
            return None
        row = sqlite3.connect(f"{home}/luthier.db").execute("select id from runs where status = 'success'").fetchone()
        return row and row[0]
    if not finished():
        child = run(cli, home, ["train", f"{ROOT}/resources/starters/{starter}/recipe.json", "--set", "training.threads=1"])
        if child.returncode:
            sys.exit(f"{starter} was not trained:\n{child.stderr[-2000:]}")
    return finished()


def exported(cli, home, run_id, kind, precision, out):
    if not os.path.exists(f"{out}/proof.json"):
        words = ["export", run_id, "--to", kind, "--precision", precision.split(",")[0], "--out", out, "--overwrite", "--json"]
        child = run(cli, home, words + (["--set", "calibrate=true"] if precision == FIXED else []))
        if not os.path.exists(f"{out}/proof.json"):
            return None, child.stdout.strip().splitlines()[-1] if child.stdout.strip() else child.stderr.strip()
    return json.load(open(f"{out}/proof.json")), ""


def percent(share):
    return f"{100 * share:.4g} %"


def cells(proof):
    shown = lambda metric, key: f"{metric[key]:.4f}" if metric["name"] in ("loss", "mse") else percent(metric[key])
    metrics = {metric["name"]: metric for metric in proof["metrics"]}
    loss = metrics.pop("loss", None)
    other = next(iter(metrics.values()), None)
    answers = proof["answers"]
    return [f"{proof['relative_difference']:.1e}".replace("e-0", "e-") if proof["relative_difference"] else "0", percent(proof["agreement"]),
            shown(loss, "artefact") if loss else "", shown(other, "artefact") if other else "",
            f"{answers['same']} of {answers['count']}" if answers else "", f"{proof['size_bytes'] / 1e6:.1f}",
            f"{proof['peak_memory_bytes'] / 1e6:.0f}"], [m for m in (loss, other) if m], proof


def table(name, rows):
    """Rows of cells; columns that are empty everywhere are left out."""
    heads = ["", "largest difference", "same likeliest", "loss", "metric", "whole answers", "MB", "peak MB"]
    metrics = rows[0][1][1]
    other = next((m for m in metrics if m["name"] != "loss"), None)
    heads[4] = other["name"].replace("_", " ") if other else "metric"
    lines = [[label, *cells_] for label, (cells_, _, _) in rows]
    used = [i for i in range(len(heads)) if i == 0 or any(line[i] for line in lines)]
    live = ", ".join(f"{m['name'].replace('_', ' ')} {m['live']:.4f}" if m["name"] in ("loss", "mse") else
                     f"{m['name'].replace('_', ' ')} {percent(m['live'])}" for m in metrics)
    proof = rows[0][1][2]
    text = f"\n**{name}** ({proof['rows']} rows, {proof['positions']} positions; in memory {live})\n\n"
    for line in [[heads[i] for i in used], ["---"] * len(used)] + [[line[i] for i in used] for line in lines]:
        text += "| " + " | ".join(line) + " |\n"
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cli", default="build/release/bin/luthier-cli")
    parser.add_argument("--starters", default=",".join(sorted(os.listdir(f"{ROOT}/resources/starters"))))
    parser.add_argument("--formats")
    parser.add_argument("--work")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    text, failed = HEADING, []
    with tempfile.TemporaryDirectory() as temporary:
        work = args.work or temporary
        os.makedirs(work, exist_ok=True)
        catalog = json.loads(run(args.cli, f"{work}/home", ["describe", "--json"]).stdout)
        for starter in args.starters.split(","):
            home = f"{work}/{starter}"
            run_id, rows = trained(args.cli, starter, home), []
            for format in catalog["exporters"]:
                if args.formats and format["kind"] not in args.formats.split(","):
                    continue
                for precision in columns(format):
                    out = f"{home}/out/{format['kind']}-{precision.replace(', ', '-').replace(' ', '-')}"
                    proof, refusal = exported(args.cli, home, run_id, format["kind"], precision, out)
                    print(starter, format["kind"], precision, refusal or proof["passed"], file=sys.stderr, flush=True)
                    if not proof:
                        continue
                    if not proof["passed"]:
                        failed.append(f"{starter} {format['kind']} {precision}: {proof['problem']}")
                    elif format["kind"] != "bundle":  # the same ONNX files
                        rows.append((f"{format['label']}, {precision}", cells(proof)))
            if rows:
                text += table(starter, rows)
    print(text)
    if args.write:
        page = open(PAGE, encoding="utf-8").read()
        before, rest = page.split(BEGIN)
        open(PAGE, "w", encoding="utf-8").write(f"{before}{BEGIN}\n{text}{END}{rest.split(END)[1]}")
    for one in failed:
        print(one, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
