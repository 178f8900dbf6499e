"""Random small speech models with what transformers computes with them, as test cases.

usage: random_speech.py FAMILY HEAD SEED OUT [FAMILY HEAD SEED OUT]...

FAMILY: wav2vec2 whisper. HEAD: ctc audio_classification (wav2vec2), seq2seq_lm audio_classification (whisper).
The OUT folders are as random_models.py writes them. Sizes, both ways of normalising Wav2Vec2's convolutions and layers,
biases, odd and even position kernels, weighted sums over layers, tying and padding are drawn from the seed.
"""

import json
import os
import random
import sys

import torch
import transformers
from safetensors.torch import save_file

from random_models import OPTIMIZER, train

CLASSES = {("wav2vec2", "ctc"): "Wav2Vec2ForCTC",
           ("wav2vec2", "audio_classification"): "Wav2Vec2ForSequenceClassification",
           ("whisper", "seq2seq_lm"): "WhisperForConditionalGeneration",
           ("whisper", "audio_classification"): "WhisperForAudioClassification"}


def wav2vec2_settings(draw, seed):
    heads = draw.choice([1, 2, 4])
    convolutions = draw.choice([2, 3])
    return dict(hidden_size=heads * draw.choice([8, 12]), num_attention_heads=heads,
                num_hidden_layers=draw.choice([1, 2, 3]), intermediate_size=draw.choice([24, 40]),
                hidden_act=draw.choice(["gelu", "relu"]), feat_extract_activation=draw.choice(["gelu", "relu"]),
                feat_extract_norm="layer" if seed % 2 == 0 else "group", do_stable_layer_norm=seed % 3 == 0,
                conv_dim=[draw.choice([8, 12]) for _ in range(convolutions)], conv_stride=[5, 2, 2][:convolutions],
                conv_kernel=[10, 3, draw.choice([2, 3])][:convolutions], conv_bias=draw.random() < 0.5,
                num_conv_pos_embeddings=draw.choice([7, 16]), num_conv_pos_embedding_groups=draw.choice([1, 2, 4]),
                layer_norm_eps=draw.choice([1e-5, 1e-6]), hidden_dropout=0.0, activation_dropout=0.0,
                attention_dropout=0.0, feat_proj_dropout=0.0, final_dropout=0.0, layerdrop=0.0,
                apply_spec_augment=False, mask_time_prob=draw.choice([0.0, 0.05]),
                ctc_loss_reduction=draw.choice(["mean", "sum"]), ctc_zero_infinity=True,
                classifier_proj_size=draw.choice([9, 16]), use_weighted_layer_sum=draw.random() < 0.5)


def whisper_settings(draw):
    heads = draw.choice([1, 2, 4])
    return dict(d_model=heads * draw.choice([8, 12]), encoder_attention_heads=heads, decoder_attention_heads=heads,
                encoder_layers=draw.choice([1, 2, 3]), decoder_layers=draw.choice([1, 2, 3]),
                encoder_ffn_dim=draw.choice([24, 40]), decoder_ffn_dim=draw.choice([24, 40]),
                num_mel_bins=draw.choice([8, 16]), max_source_positions=draw.choice([20, 30]),
                max_target_positions=draw.choice([12, 24]), activation_function=draw.choice(["gelu", "relu"]),
                scale_embedding=draw.random() < 0.3, decoder_start_token_id=1, suppress_tokens=None,
                begin_suppress_tokens=None, tie_word_embeddings=draw.random() < 0.7,
                classifier_proj_size=draw.choice([9, 16]), use_weighted_layer_sum=draw.random() < 0.5)


def drawn(family, head, settings):
    """Config and model with weights off their initial values, so that a swapped or forgotten tensor shows."""
    config = {"wav2vec2": transformers.Wav2Vec2Config, "whisper": transformers.WhisperConfig}[family](**settings)
    model = getattr(transformers, CLASSES[family, head])(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    return config, model


def batches_of(draw, config, head):
    batches = []
    for _ in range(2):
        rows = draw.choice([2, 3, 4])
        if config.model_type == "whisper":
            batch = {"input_features": torch.randn(rows, config.num_mel_bins, 2 * config.max_source_positions)}
        else:
            samples = draw.choice([400, 555, 700])
            batch = {"input_values": torch.randn(rows, samples)}
            if draw.random() < 0.7:
                batch["attention_mask"] = torch.ones(rows, samples, dtype=torch.long)
                for row in range(1, rows):
                    length = draw.randrange(300, samples + 1)
                    batch["attention_mask"][row, length:] = 0
                    batch["input_values"][row, length:] = 0
        if head == "audio_classification":
            batch["labels"] = torch.randint(0, config.num_labels, (rows,))
        else:
            batch["labels"] = torch.randint(3, config.vocab_size, (rows, draw.choice([3, 5])))
            batch["labels"][1:, draw.choice([2, 3]):] = -100
        batches.append(batch)
    return batches


def write_case(family, head, seed, out):
    draw = random.Random(f"{family} {head} {seed}")
    torch.manual_seed(draw.randrange(1 << 30))
    settings = wav2vec2_settings(draw, seed) if family == "wav2vec2" else whisper_settings(draw)
    settings.update(vocab_size=draw.choice([20, 32]), pad_token_id=0, bos_token_id=1, eos_token_id=2,
                    num_labels=draw.choice([2, 3, 7]))
    config, model = drawn(family, head, settings)
    os.makedirs(out, exist_ok=True)
    model.save_pretrained(os.path.join(out, "base"))
    batches = batches_of(draw, config, head)
    tensors = {}
    for index, batch in enumerate(batches):
        with torch.no_grad():
            result = model(**{name: tensor.clone() for name, tensor in batch.items()})
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
                   "trainable_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad)}, file,
                  indent=1)


def main(words):
    if not words or len(words) % 4 != 0:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for family, head, seed, out in zip(words[::4], words[1::4], words[2::4], words[3::4]):
        write_case(family, head, int(seed), out)


if __name__ == "__main__":
    main(sys.argv[1:])
