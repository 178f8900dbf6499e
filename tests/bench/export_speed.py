"""Seconds and size of exports for each gigabyte of a model, and of llama.cpp's own converter on the same model.

    python3 tests/bench/export_speed.py TOKENIZER [--cli build/release/bin/luthier-cli] [--converter convert_hf_to_gguf.py]
                                        [--work FOLDER] [--formats huggingface:fp32,...]

The model is a Llama of 1.08 GB with random weights (tests/reference/large_model.py); TOKENIZER a folder with a Llama 2
tokenizer of 32000 tokens (tokenizer.model). Seconds are those of the whole command, the proof by another process in them. The
converter comes with llama.cpp (Debian: llama.cpp-tools, with python3-gguf); it proves nothing.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
TEXTS = ["The train to the coast leaves at seven.", "Water boils sooner in the mountains.", "She said no, and then again.",
         "A lake is water with land around it."]
parser = argparse.ArgumentParser()
parser.add_argument("tokenizer")
parser.add_argument("--cli", default="build/release/bin/luthier-cli")
parser.add_argument("--converter")
parser.add_argument("--work")
parser.add_argument("--formats", default="huggingface:fp32,huggingface:fp16,gguf:fp32,gguf:fp16,gguf:q8_0,gguf:q4_k_m,luthier:int8,"
                                         "luthier:nf4,torchscript:fp32,onnx:fp32,onnx:int8")
args = parser.parse_args()


def size_of(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


def timed(words, **more):
    start = time.perf_counter()
    child = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if child.returncode:
        sys.exit(f"{' '.join(words[:6])} failed:\n{child.stdout[-2000:]}")
    return time.perf_counter() - start


with tempfile.TemporaryDirectory() as temporary:
    work = args.work or temporary
    model, rows = f"{work}/model", f"{work}/rows.jsonl"
    if not os.path.exists(f"{model}/model.safetensors"):
        subprocess.run([sys.executable, f"{HERE}/../reference/large_model.py", "safetensors", model], check=True)
    for name in os.listdir(args.tokenizer):
        shutil.copy(os.path.join(args.tokenizer, name), model)
    with open(rows, "w", encoding="utf-8") as file:
        for text in TEXTS:
            print(json.dumps({"text": text}), file=file)
    gigabytes = os.path.getsize(f"{model}/model.safetensors") / 1e9
    print(f"{gigabytes:.2f} GB of weights\n\n| | s | s a GB | GB |\n|---|---|---|---|", flush=True)
    for one in args.formats.split(","):
        kind, precision = one.split(":")
        out = f"{work}/out"
        shutil.rmtree(out, ignore_errors=True)
        seconds = timed([args.cli, "export", model, "--to", kind, "--precision", precision, "--out", out, "--data", rows,
                         "--roles", '{"text": "text"}', "--json"], env={**os.environ, "LUTHIER_HOME": f"{work}/home"})
        print(f"| {kind} {precision} | {seconds:.1f} | {seconds / gigabytes:.1f} | {size_of(out) / 1e9:.2f} |", flush=True)
        shutil.rmtree(out)
    for kind in ("f32", "f16", "q8_0") if args.converter else ():
        out = f"{work}/out.gguf"
        seconds = timed([sys.executable, args.converter, model, "--outfile", out, "--outtype", kind])
        print(f"| convert_hf_to_gguf {kind} | {seconds:.1f} | {seconds / gigabytes:.1f} | {size_of(out) / 1e9:.2f} |", flush=True)
        os.remove(out)
