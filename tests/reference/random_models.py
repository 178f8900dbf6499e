"""Random small models with what transformers computes with them, as test cases.

usage: random_models.py FAMILY HEAD SEED OUT [FAMILY HEAD SEED OUT]...

FAMILY: bert roberta distilbert llama qwen2 qwen3 mistral gpt2 t5 mt5.
HEAD: sequence_classification token_classification masked_lm causal_lm seq2seq_lm, and regression and multi_label:
sequence_classification with problem_type set.
Each OUT folder gets base/ (config.json, model.safetensors), io.safetensors (batch0.*, batch1.*: inputs, labels,
expect.logits, expect.loss; final.expect.logits after training) and expect.json: losses and gradient norms of ten AdamW
steps over the batches in turn, in evaluation mode, clipped at norm 1. Sizes, activations, biases, tying, grouped
queries, padding and more are drawn from the seed, so that cases differ in more than their numbers.
"""

import json
import os
import random
import sys

import torch
import transformers
from safetensors.torch import save_file

OPTIMIZER = {"name": "AdamW", "lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01,
             "max_grad_norm": 1.0, "batch_norm_training": False}
CLASSES = {"bert": "Bert", "roberta": "Roberta", "distilbert": "DistilBert", "llama": "Llama", "qwen2": "Qwen2",
           "mistral": "Mistral", "qwen3": "Qwen3", "gpt2": "GPT2", "t5": "T5", "mt5": "MT5"}
HEADS = {"sequence_classification": "ForSequenceClassification", "token_classification": "ForTokenClassification",
         "regression": "ForSequenceClassification", "multi_label": "ForSequenceClassification",
         "masked_lm": "ForMaskedLM", "causal_lm": "ForCausalLM", "seq2seq_lm": "ForConditionalGeneration"}


def encoder_settings(draw, family, padding):
    heads = draw.choice([1, 2, 3, 4])
    width = heads * draw.choice([8, 12, 16])
    inner, layers, positions = draw.choice([24, 40, 64]), draw.choice([1, 2, 3]), draw.choice([24, 33, 40])
    activation = draw.choice(["gelu", "relu", "gelu_new", "silu"])
    if family == "distilbert":
        return dict(dim=width, hidden_dim=inner, n_layers=layers, n_heads=heads, activation=activation, dropout=0.0,
                    attention_dropout=0.0, seq_classif_dropout=0.0, max_position_embeddings=positions)
    return dict(hidden_size=width, intermediate_size=inner, num_hidden_layers=layers, num_attention_heads=heads,
                hidden_act=activation, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
                layer_norm_eps=draw.choice([1e-12, 1e-5]), max_position_embeddings=positions + padding + 1,
                type_vocab_size=1 if family == "roberta" else draw.choice([1, 2, 3]))


def decoder_settings(draw, family):
    heads = draw.choice([2, 4, 6])
    settings = dict(hidden_size=heads * 8, intermediate_size=draw.choice([24, 40, 64]),
                    num_hidden_layers=draw.choice([1, 2, 3]), num_attention_heads=heads,
                    num_key_value_heads=draw.choice([1, 2, heads]), max_position_embeddings=64, attention_dropout=0.0,
                    rms_norm_eps=draw.choice([1e-6, 1e-5]))
    theta = draw.choice([10000.0, 500000.0, 1000000.0])
    settings["rope_parameters"] = {"rope_type": "default", "rope_theta": theta}
    if family == "llama":
        settings.update(attention_bias=draw.random() < 0.5, mlp_bias=draw.random() < 0.5)
        kind = draw.choice(["default", "linear", "llama3"])
        if kind == "linear":
            settings["rope_parameters"] = {"rope_type": "linear", "rope_theta": theta, "factor": 2.0}
        if kind == "llama3":
            settings["rope_parameters"] = {"rope_type": "llama3", "rope_theta": theta, "factor": 8.0,
                                           "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                           "original_max_position_embeddings": 32}
    if family == "mistral":
        settings.update(head_dim=draw.choice([8, 12]), sliding_window=draw.choice([None, 5, 64]))
    if family in ("qwen2", "qwen3") and draw.random() < 0.5:
        settings.update(use_sliding_window=True, sliding_window=5, max_window_layers=1)
    if family == "qwen3":
        settings.update(head_dim=draw.choice([8, 12, 16]), attention_bias=draw.random() < 0.5)
    return settings


def gpt2_settings(draw):
    heads = draw.choice([1, 2, 3, 4])
    return dict(n_embd=heads * draw.choice([8, 12]), n_head=heads, n_layer=draw.choice([1, 2, 3]),
                n_inner=draw.choice([None, 24, 56]), n_positions=draw.choice([40, 64]), embd_pdrop=0.0,
                attn_pdrop=0.0, resid_pdrop=0.0, classifier_dropout=0.0,
                activation_function=draw.choice(["gelu_new", "gelu", "relu"]),
                scale_attn_weights=draw.random() < 0.7, scale_attn_by_inverse_layer_idx=draw.random() < 0.4,
                reorder_and_upcast_attn=draw.random() < 0.3, layer_norm_epsilon=draw.choice([1e-5, 1e-6]))


def t5_settings(draw, family):
    return dict(d_model=draw.choice([24, 32, 48]), d_kv=draw.choice([8, 12]), d_ff=draw.choice([40, 64]),
                num_heads=draw.choice([2, 3, 4]), num_layers=draw.choice([1, 2, 3]),
                num_decoder_layers=draw.choice([1, 2]), dropout_rate=0.0, initializer_factor=draw.choice([0.5, 1.0]),
                relative_attention_num_buckets=draw.choice([8, 16, 32]),
                relative_attention_max_distance=draw.choice([20, 32, 128]), decoder_start_token_id=0,
                feed_forward_proj=draw.choice(["relu", "gated-gelu", "gated-silu"] if family == "t5" else
                                              ["gated-gelu"]))


def class_name(family, head):
    return "GPT2LMHeadModel" if (family, head) == ("gpt2", "causal_lm") else CLASSES[family] + HEADS[head]


def drawn(family, head, settings):
    """Config and model with weights off their initial values, so that a swapped or forgotten tensor shows."""
    config = getattr(transformers, CLASSES[family] + "Config")(**settings)
    model = getattr(transformers, class_name(family, head))(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    return config, model


def make(family, head, seed):
    draw = random.Random(f"{family} {head} {seed}")
    torch.manual_seed(draw.randrange(1 << 30))
    vocabulary = draw.choice([50, 77, 96])
    encoder = family in ("bert", "roberta", "distilbert")
    padding = 1 if family == "roberta" else 0
    settings = dict(vocab_size=vocabulary, pad_token_id=padding, bos_token_id=None, eos_token_id=None,
                    tie_word_embeddings=draw.random() < 0.6, num_labels=draw.choice([2, 3, 7]))
    if head == "regression":
        settings.update(num_labels=1, problem_type="regression")
    if head == "multi_label":
        settings.update(problem_type="multi_label_classification")
    if family == "gpt2":
        settings.update(gpt2_settings(draw))
    elif family in ("t5", "mt5"):
        settings.update(t5_settings(draw, family), eos_token_id=1)
    else:
        settings.update(encoder_settings(draw, family, padding) if encoder else decoder_settings(draw, family))
    return draw, *drawn(family, head, settings)


def batches_of(draw, config, head, padding):
    batches = []
    for index in range(2):
        rows, tokens = draw.choice([2, 3, 4]), draw.choice([7, 12, 16])
        left = config.model_type in ("llama", "qwen2", "qwen3", "mistral") and draw.random() < 0.3
        ids = torch.randint(padding + 1, config.vocab_size, (rows, tokens))
        mask = torch.ones_like(ids)
        if index == 0 or draw.random() < 0.7:
            for row in range(1, rows):
                length = draw.randrange(3, tokens + 1)
                mask[row, slice(0, tokens - length) if left else slice(length, tokens)] = 0
        ids[mask == 0] = padding
        batch = {"input_ids": ids, "attention_mask": mask}
        if getattr(config, "type_vocab_size", 0) > 1 and draw.random() < 0.7:
            batch["token_type_ids"] = torch.randint(0, config.type_vocab_size, ids.shape)
        if head == "sequence_classification":
            batch["labels"] = torch.randint(0, config.num_labels, (rows,))
        elif head == "regression":
            batch["labels"] = torch.randn(rows)
        elif head == "multi_label":
            batch["labels"] = torch.randint(0, 2, (rows, config.num_labels)).float()
        elif head == "seq2seq_lm":
            labels = torch.randint(2, config.vocab_size, (rows, draw.choice([5, 9])))
            for row in range(1, rows):
                labels[row, draw.randrange(2, labels.shape[1] + 1):] = -100
            batch["labels"] = labels
        else:
            top = config.num_labels if head == "token_classification" else config.vocab_size
            labels = torch.randint(0, top, ids.shape)
            labels[(mask == 0) | (torch.rand(ids.shape) < 0.3)] = -100
            labels[0, 1] = draw.randrange(top)  # never a batch without any label
            batch["labels"] = labels
        batches.append(batch)
    return batches


def train(model, batches):
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=OPTIMIZER["lr"], betas=OPTIMIZER["betas"], eps=OPTIMIZER["eps"],
                                  weight_decay=OPTIMIZER["weight_decay"])
    losses, norms, first = [], [], {}
    for step in range(10):
        loss = model(**batches[step % len(batches)]).loss
        loss.backward()
        if step == 0:
            first = {name: p.grad.norm().item() for name, p in model.named_parameters() if p.grad is not None}
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, OPTIMIZER["max_grad_norm"]).item())
        optimizer.step()
        optimizer.zero_grad()
    return losses, norms, first


def write_case(family, head, seed, out):
    draw, config, model = make(family, head, seed)
    os.makedirs(out, exist_ok=True)
    model.save_pretrained(os.path.join(out, "base"))
    batches = batches_of(draw, config, head, config.pad_token_id)
    tensors = {}
    for index, batch in enumerate(batches):
        with torch.no_grad():
            result = model(**batch)
        for name, tensor in batch.items():
            tensors[f"batch{index}.{name}"] = tensor
        tensors[f"batch{index}.expect.logits"] = result.logits
        tensors[f"batch{index}.expect.loss"] = result.loss.reshape(1)
    losses, norms, first = train(model, batches)
    with torch.no_grad():
        tensors["final.expect.logits"] = model(**batches[0]).logits
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()},
              os.path.join(out, "io.safetensors"))
    with open(os.path.join(out, "expect.json"), "w") as file:
        json.dump({"case": f"{family}-{head}-{seed}", "optimizer": OPTIMIZER, "losses": losses,
                   "grad_norms_before_clipping": norms, "grad_norm_per_parameter": first,
                   "trainable_parameters": sum(p.numel() for p in model.parameters())}, file, indent=1)


def main(words):
    if not words or len(words) % 4 != 0:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for family, head, seed, out in zip(words[::4], words[1::4], words[2::4], words[3::4]):
        write_case(family, head, seed, out)


if __name__ == "__main__":
    main(sys.argv[1:])
