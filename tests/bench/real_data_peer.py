"""The transformers side of real_data.py.

    python3 real_data_peer.py FOLDER --start     writes FOLDER/start, the model that both sides start from
    python3 real_data_peer.py FOLDER             trains it as FOLDER/task.json says and answers the test part; one JSON line

The loop is the plain one: padding to the longest row of a batch, AdamW without decay on norms and biases, linear schedule with
warm-up, clipped gradients.
"""
import json, os, shutil, sys, warnings

warnings.filterwarnings("ignore")
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import torch
import transformers as tf

torch.set_num_threads(1)
tf.utils.logging.disable_progress_bar()
folder = sys.argv[1]
task = json.load(open(f"{folder}/task.json"))
kind, labels, start = task["kind"], task["labels"], f"{folder}/start"
CLASSES = {"image": tf.AutoModelForImageClassification, "audio": tf.AutoModelForAudioClassification,
           "tagging": tf.AutoModelForTokenClassification, "seq2seq": tf.T5ForConditionalGeneration}


def write_start():
    torch.manual_seed(0)
    if kind == "seq2seq":
        write_tokenizer([row["text"] for row in task["train"]] + [row["target"] for row in task["train"]], 3000)
        model = tf.T5ForConditionalGeneration(tf.T5Config(
            vocab_size=3000, d_model=128, d_kv=32, d_ff=512, num_layers=2, num_decoder_layers=2, num_heads=4, dropout_rate=0.0,
            pad_token_id=0, eos_token_id=1, decoder_start_token_id=0))
    elif task["base"].endswith(".th"):
        model = from_cifar_weights(task["base"])
        os.makedirs(start, exist_ok=True)
        json.dump({"image_processor_type": "ViTImageProcessor", "do_resize": True, "do_center_crop": False, "do_rescale": True,
                   "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [0.485, 0.456, 0.406],
                   "image_std": [0.229, 0.224, 0.225], "resample": 2}, open(f"{start}/preprocessor_config.json", "w"))
    else:
        no_dropout = {"hidden_dropout": 0.0, "final_dropout": 0.0, "apply_spec_augment": False} if kind == "audio" else {}
        model = CLASSES[kind].from_pretrained(task["base"], num_labels=len(labels), id2label=dict(enumerate(labels)), dtype=torch.float32,
                                              label2id={label: i for i, label in enumerate(labels)}, ignore_mismatched_sizes=True, **no_dropout)
        for name in ("preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"):
            if os.path.exists(f"{task['base']}/{name}"):
                os.makedirs(start, exist_ok=True)
                shutil.copy(f"{task['base']}/{name}", start)
    model.save_pretrained(start)
    if task.get("side"):
        file = f"{start}/preprocessor_config.json"
        settings = json.load(open(file))
        settings["size"] = {"height": task["side"], "width": task["side"]}
        json.dump(settings, open(file, "w"))


def from_cifar_weights(file):
    """ResNet-20 as He et al. trained it on CIFAR-10 (names of akamaster/pytorch_resnet_cifar10), as a ResNet of transformers:
    the 3 x 3 kernels of its first layer in the middle of 7 x 7, shortcuts without weights as 1 x 1 convolutions that pick
    channels. The first layer here halves the picture twice, so the picture has to be four times as large."""
    given = {name.removeprefix("module."): value
             for name, value in torch.load(file, map_location="cpu", weights_only=True)["state_dict"].items()}
    model = tf.ResNetForImageClassification(tf.ResNetConfig(
        embedding_size=16, hidden_sizes=[16, 32, 64], depths=[3, 3, 3], layer_type="basic", id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)}))
    made = {}
    def normalization(to, name):
        for part in ("weight", "bias", "running_mean", "running_var"):
            made[f"{to}.{part}"] = given[f"{name}.{part}"]
    first = torch.zeros(16, 3, 7, 7)
    first[:, :, 2:5, 2:5] = given["conv1.weight"]
    made["resnet.embedder.embedder.convolution.weight"] = first
    normalization("resnet.embedder.embedder.normalization", "bn1")
    for stage in range(3):
        for block in range(3):
            for conv in (1, 2):
                to = f"resnet.encoder.stages.{stage}.layers.{block}.layer.{conv - 1}"
                made[f"{to}.convolution.weight"] = given[f"layer{stage + 1}.{block}.conv{conv}.weight"]
                normalization(f"{to}.normalization", f"layer{stage + 1}.{block}.bn{conv}")
        if stage:
            wide = 16 * 2 ** stage
            to = f"resnet.encoder.stages.{stage}.layers.0.shortcut"
            picks = torch.zeros(wide, wide // 2, 1, 1)
            for channel in range(wide // 2):
                picks[wide // 4 + channel, channel] = 1
            made |= {f"{to}.convolution.weight": picks, f"{to}.normalization.weight": torch.full((wide,), (1 + 1e-5) ** 0.5),
                     f"{to}.normalization.bias": torch.zeros(wide), f"{to}.normalization.running_mean": torch.zeros(wide),
                     f"{to}.normalization.running_var": torch.ones(wide)}
    left = model.load_state_dict(made, strict=False)
    assert not left.unexpected_keys and all("classifier" in name or "num_batches" in name for name in left.missing_keys), left
    return model


def write_tokenizer(texts, size):
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(texts, trainers.UnigramTrainer(vocab_size=size, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>",
                                                                 show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    os.makedirs(start, exist_ok=True)
    tokenizer.save(f"{start}/tokenizer.json")
    json.dump({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"},
              open(f"{start}/tokenizer_config.json", "w"))


def padded(rows, value):
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])


def image_batches():
    from PIL import Image
    processor = tf.AutoImageProcessor.from_pretrained(start)
    def inputs(rows):
        images = [Image.open(row["path"]).convert("RGB") for row in rows]
        return {"pixel_values": processor(images, return_tensors="pt")["pixel_values"]}
    return inputs


def audio_batches():
    from scipy.io import wavfile
    from scipy.signal import resample_poly
    extractor = tf.AutoFeatureExtractor.from_pretrained(start)
    def inputs(rows):
        sounds = []
        for row in rows:
            rate, samples = wavfile.read(row["path"])
            sounds.append(resample_poly(samples.astype("float32") / 32768, extractor.sampling_rate // rate, 1))
        return dict(extractor(sounds, sampling_rate=extractor.sampling_rate, padding=True, return_tensors="pt"))
    return inputs


def text_batches():
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(f"{start}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(task["longest"])
    ids_of = {label: i for i, label in enumerate(labels)}
    def encoded(row):
        if kind == "seq2seq":
            return tokenizer.encode(row["text"]).ids, tokenizer.encode(row["target"]).ids
        encoding, seen, targets = tokenizer.encode(row["tokens"], is_pretokenized=True), set(), []
        for word in encoding.word_ids:  # the first token of a word carries its label
            targets.append(-100 if word is None or word in seen else ids_of[row["tags"][word]])
            seen.add(word)
        return encoding.ids, targets
    def inputs(rows):
        made = [encoded(row) for row in rows]
        ids = padded([a for a, _ in made], 0)
        return {"input_ids": ids, "attention_mask": padded([[1] * len(a) for a, _ in made], 0),
                "labels": padded([b for _, b in made], -100)}
    return inputs, tokenizer


def answers_of(model, batch, result, rows, tokenizer):
    """Labels, tags of words, or texts."""
    if kind in ("image", "audio"):
        return [labels[i] for i in result.logits.argmax(-1).tolist()]
    if kind == "seq2seq":
        written = model.generate(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"],
                                 max_new_tokens=task["longest"], do_sample=False, num_beams=1)
        return tokenizer.decode_batch(written.tolist())
    answers = []
    for row, given, wanted in zip(rows, result.logits.argmax(-1), batch["labels"]):
        tags = [labels[i] for i in given[wanted != -100].tolist()]
        answers.append(tags + ["O"] * (len(row["tokens"]) - len(tags)))  # words that were cut off
    return answers


def train_and_answer():
    torch.manual_seed(0)
    model = CLASSES[kind].from_pretrained(start)
    tokenizer = None
    if kind == "image":
        inputs = image_batches()
    elif kind == "audio":
        inputs = audio_batches()
    else:
        inputs, tokenizer = text_batches()
    def batch_of(rows):
        batch = inputs(rows)
        if kind in ("image", "audio"):
            batch["labels"] = torch.tensor([labels.index(row["label"]) for row in rows])
        return batch
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW([{"params": [p for p in parameters if p.dim() >= 2], "weight_decay": task["decay"]},
                                   {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0}], lr=task["rate"])
    steps, warmup = len(task["batches"]), task["warmup"]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (step + 1) / warmup if step < warmup else (steps - step) / max(1, steps - warmup))
    model.train()
    losses = []
    for numbers in task["batches"]:
        loss = model(**batch_of([task["train"][i] for i in numbers])).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, task["clip"])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    model.eval()
    answers, total, weight = [], 0.0, 0
    with torch.no_grad():
        for at in range(0, len(task["test"]), 64):
            rows = task["test"][at:at + 64]
            batch = batch_of(rows)
            result = model(**batch)
            count = int((batch["labels"] != -100).sum())
            total, weight = total + result.loss.item() * count, weight + count
            answers += answers_of(model, batch, result, rows, tokenizer)
    print(json.dumps({"losses": losses, "test_loss": total / weight, "answers": answers}))


write_start() if "--start" in sys.argv else train_and_answer()
