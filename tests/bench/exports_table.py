"""Every format and number type with every family and head: what comes out, proven, or why it is refused. Tables of docs/exports.md.

    python3 tests/bench/exports_table.py [--cli build/release/bin/luthier-cli] [--families bert,gpt2,...] [--formats onnx,...]
                                         [--work FOLDER [--kept]] [--out FILE.json] [--write]

Formats, number types, families and heads are those of `luthier-cli describe --json`; exported_models.py makes a small model
with random weights and a few rows for each. Every export is one call of luthier-cli on one thread with a limit of processor
time, and its numbers are those of its proof.json. --families takes families and model types. With --work, what came out
before is not computed again, but for what failed; with --kept nothing is, and what was not measured stays empty. --out writes
all numbers as JSON, --write puts the tables into docs/exports.md.
Exits with 1 when an export failed: no proof, a failed proof, an internal error, or the time limit.
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

import exported_models

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PAGE = os.path.join(ROOT, "docs/exports.md")
BEGIN, END = "<!-- exports table: begin -->", "<!-- exports table: end -->"
SECONDS = 240  # of a processor, for each process of an export
WALL = 3600  # for one export: longer than that, it waits for something that does not come
FIXED = "int8, fixed ranges"  # int8 with calibrate
WHOLE = ("fp32", "fp16", "bf16")  # their likeliest label or token is the same where their numbers are
REFUSALS = ("unsupported", "bad_input")


def processor_seconds():
    """Of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Exporter:
    """Exports models and keeps what came out in a file, so that a second call goes on where the first one stopped."""

    def __init__(self, cli, work, only_kept=False):
        self.cli, self.work, self.file, self.only_kept = cli, work, f"{work}/results.json", only_kept
        self.results = json.load(open(self.file)) if os.path.exists(self.file) else {}
        os.makedirs(work, exist_ok=True)

    def run(self, words):
        home = os.environ.get("LUTHIER_HOME", f"{self.work}/home")
        return subprocess.run([self.cli, *words], capture_output=True, text=True, timeout=WALL,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS)),
                              env={**os.environ, "OMP_NUM_THREADS": "1", "LUTHIER_HOME": home})

    def described(self):
        return json.loads(self.run(["describe", "--json"]).stdout)

    def model(self, model_type, head):
        folder = f"{self.work}/models/{model_type}-{head}"
        if not os.path.exists(f"{folder}/adapter/adapter_model.safetensors"):
            exported_models.write_model(model_type, head, folder)
        return folder

    def measure(self, modality, model_type, head, format, precision):
        rows, roles = exported_models.write_rows(modality, head, f"{self.work}/rows/{modality}-{head}")
        folder, out = self.model(model_type, head), f"{self.work}/exported"
        shutil.rmtree(out, ignore_errors=True)
        words = ["export", f"{folder}/base", "--to", format, "--precision", precision.split(",")[0], "--out", out, "--data", rows,
                 "--roles", json.dumps(roles), "--json"]
        if precision == FIXED:
            words += ["--set", "calibrate=true"]
        if format == "peft":
            words += ["--adapter", f"{folder}/adapter"]
        start = processor_seconds()
        try:
            child = self.run(words)
        except subprocess.TimeoutExpired:
            return {"failed": f"not done after {WALL} seconds"}
        if child.returncode < 0:
            return {"failed": f"ended by signal {-child.returncode} after {processor_seconds() - start:.0f} processor seconds"}
        last = child.stdout.strip().splitlines()[-1] if child.stdout.strip() else ""
        told = json.loads(last) if last.startswith("{") else {}
        if "error" in told:
            error = told["error"]
            if error["kind"] in REFUSALS:
                return {"refused": error["message"], "where": error.get("where", "")}
            return {"failed": f"{error['kind']}: {error['message']}"}
        if not os.path.exists(f"{out}/proof.json"):
            return {"failed": f"exit code {child.returncode}, no proof: {child.stderr.strip()[-300:]}"}
        proof = json.load(open(f"{out}/proof.json"))
        shutil.rmtree(out)
        kept = {key: proof.get(key) for key in ("passed", "max_abs_difference", "relative_difference", "agreement", "kl", "limit",
                                                "positions", "rows", "size_bytes", "load_seconds", "latency_ms")}
        kept["processor_seconds"] = round(processor_seconds() - start, 2)
        if not proof["passed"]:
            kept.update(failed=proof.get("problem") or "the proof failed", first_layer=proof.get("first_layer"))
        elif child.returncode:
            kept["failed"] = f"exit code {child.returncode} with a proof that passed"
        elif not proof.get("positions"):
            kept["failed"] = "the proof compared no logits"
        return kept

    def result(self, modality, model_type, head, format, precision):
        key = f"{model_type}/{head}/{format}/{precision}"
        if self.only_kept:
            return self.results.get(key, {})
        if key not in self.results or "failed" in self.results[key]:
            self.results[key] = self.measure(modality, model_type, head, format, precision)
            with open(f"{self.file}.new", "w") as file:
                json.dump(self.results, file, indent=1)
            os.replace(f"{self.file}.new", self.file)
            print(key, json.dumps(self.results[key]), file=sys.stderr, flush=True)
        return self.results[key]


def held(format, family, head):
    """Whether the catalog says that the format can hold it at all."""
    lacks = lambda names, one: bool(names) and one not in names
    return not lacks(format["families"], family["kind"]) and not (
        lacks(format["heads"], head) and lacks(format["heads"], f"{family['kind']}:{head}"))


def columns(format):
    """Its number types, and int8 once more where activation ranges can be fixed. A bundle holds the same ONNX files."""
    return format["precisions"] + ([FIXED] if "calibrate" in format["fields"] and format["kind"] != "bundle" else [])


def measured(exporter, catalog, formats, families):
    """{format: [(model type, head, {precision: result})]} in the catalog's order."""
    table = {}
    for format in catalog["exporters"]:
        if formats and format["kind"] not in formats:
            continue
        rows = table[format["kind"]] = []
        for family in catalog["families"]:
            known = exported_models.model_types(family)
            if not known:
                raise SystemExit(f"exported_models.py makes no {family['kind']} models")
            for model_type in known:
                if families and family["kind"] not in families and model_type not in families:
                    continue
                for head in family["heads"]:
                    one = lambda precision: exporter.result(family["modality"], model_type, head, format["kind"], precision)
                    cells = {}
                    for precision in columns(format):
                        # What the catalog rules out is asked for once: the reason has nothing to do with the number type.
                        first = cells.get(format["precisions"][0])
                        ruled_out = first and "refused" in first and not held(format, family, head)
                        cells[precision] = first if ruled_out else one(precision)
                    if any(cells.values()):
                        rows.append((model_type, head, cells))
    return {kind: rows for kind, rows in table.items() if rows}


def short(number):
    """4.2e-7; 0 where both numbers are the same to the last bit."""
    return "0" if number == 0 else f"{number:.1e}".replace("e-0", "e-").replace("e+00", "")


class Notes:
    """Reasons, numbered in the order in which they are first given."""

    def __init__(self):
        self.texts = []

    def number(self, text):
        if text not in self.texts:
            self.texts.append(text)
        return f"({self.texts.index(text) + 1})"


def cell_of(result, format, precision, notes):
    if not result:
        return ""
    if "refused" in result:
        reason = result["refused"].removeprefix(f"this model cannot become a {format['label']}: ")
        return notes.number(f"{format['label']}: {reason}")
    if "failed" in result:
        return "failed: " + result["failed"].splitlines()[0].replace("|", "/")[:100]
    share = "" if precision in WHOLE else f" · {100 * result['agreement']:.0f} %"
    return short(result["relative_difference"]) + share


def table_of(format, rows, notes):
    precisions = columns(format)
    lines, refused = [f"**{format['label']}**", "", "| model, head | " + " | ".join(precisions) + " |",
                      "|---|" + "---|" * len(precisions)], {}
    limits = {}
    for model_type, head, cells in rows:
        texts = [cell_of(cells[one], format, one, notes) for one in precisions]
        limits.update({one: cells[one]["limit"] for one in precisions if "limit" in cells[one]})
        if len(set(texts)) == 1 and "refused" in cells[precisions[0]]:
            refused.setdefault(model_type, []).append(f"{head} {texts[0]}")
            continue
        lines.append(f"| {model_type}, {head} | " + " | ".join(texts) + " |")
    if not limits:  # not one was written
        lines = lines[:1]
    else:
        lines.append("| limit of the proof | " + " | ".join(short(limits[one]) if one in limits else "" for one in precisions) + " |")
    if refused:
        lines += ["", "Refused: " + "; ".join(f"{model_type} {', '.join(heads)}" for model_type, heads in refused.items()) + "."]
    return "\n".join(lines) + "\n"


def markdown(catalog, table):
    notes = Notes()
    empty = any(not result for rows in table.values() for _, _, cells in rows for result in cells.values())
    parts = ["## What was proven", "",
             "Made by `tests/bench/exports_table.py`, a small model with random weights for each row. A cell is the largest "
             "difference\nof any logit from the live model's, as a share of the largest logit; below 16 bits also how often the "
             "likeliest label or\ntoken is the same. In random weights many tokens are nearly as likely as the likeliest, so these "
             "shares are lower than those\nof trained models. A number in brackets is a reason below"
             + ("; an empty cell was not measured.\n" if empty else ".\n")]
    formats = {one["kind"]: one for one in catalog["exporters"]}
    parts += [table_of(formats[kind], rows, notes) for kind, rows in table.items()]
    parts += [f"({i + 1}) {text}  " for i, text in enumerate(notes.texts)]
    return "\n".join(parts).rstrip() + "\n"


def write_page(text):
    page = open(PAGE, encoding="utf-8").read()
    if BEGIN not in page or END not in page:
        raise SystemExit(f"{PAGE} lacks the lines {BEGIN} and {END}")
    before, rest = page.split(BEGIN, 1)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n{text}{END}{rest.split(END, 1)[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", default="build/release/bin/luthier-cli")
    parser.add_argument("--families", default="")
    parser.add_argument("--formats", default="")
    parser.add_argument("--work")
    parser.add_argument("--kept", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    if args.write and (args.families or args.formats):
        parser.error("docs/exports.md holds all tables: --write goes without --families and --formats")
    split = lambda words: [word for word in words.split(",") if word]
    exported_models.quiet()
    with tempfile.TemporaryDirectory() as temporary:
        exporter = Exporter(os.path.abspath(args.cli), os.path.abspath(args.work or temporary), args.kept)
        catalog = exporter.described()
        table = measured(exporter, catalog, split(args.formats), split(args.families))
    text = markdown(catalog, table)
    print(text)
    if args.out:
        flat = [{"format": kind, "model_type": model_type, "head": head, "precision": precision, **result}
                for kind, rows in table.items() for model_type, head, cells in rows for precision, result in cells.items()]
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(flat, file, indent=1)
    if args.write:
        write_page(text)
    return any("failed" in result for rows in table.values() for _, _, cells in rows for result in cells.values())


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
