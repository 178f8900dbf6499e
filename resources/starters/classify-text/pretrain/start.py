"""Makes the model that masked language modelling starts from, out of the corpus's statistics.

    python3 start.py OUT_FOLDER TEXT_FILE...

TEXT_FILEs have a row of text a line. Writes a WordPiece vocabulary (trained here, 14336 pieces) and a BERT of two layers
whose weights are no noise but what counting can tell (needs numpy, scipy, scikit-learn, tokenizers, safetensors):

* Token embeddings: which pieces stand within ten of each other in a row (once for the next four, half for the others), as
  positive pointwise mutual information with the context's probability smoothed by the power 0.75, factorised by a
  truncated SVD to 255 numbers times the root of the singular value (Levy and Goldberg 2014; Levy, Goldberg and Dagan 2015).
  All are brought to one length, because the layer normalisation does so anyway; the length goes into the last number.
* That 256th number is a weight: log(a / (a + p)) for a piece of probability p (Arora, Liang and Ma 2017; a = 0.001) plus
  the logarithm of the length. The first layer's queries ask for it through their bias alone and its keys hold it alone,
  so that attention starts as the mean of a row's pieces by these weights, which values and output pass on.

Everything else is small noise. So the first position starts as a summary of the row, and masked language modelling starts
as a guess from the words around, instead of from nothing.
"""
import json, os, sys

import numpy as np
import scipy.sparse as sparse
from safetensors.numpy import save_file
from sklearn.utils.extmath import randomized_svd
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

PIECES, WIDTH, INNER, LAYERS, WINDOW, NEAR = 14336, 256, 768, 2, 10, 4
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WEIGHT_SCALE = 0.03  # of the 256th number beside 255 numbers of length 1
RARE = 1e-3          # "a" above


def vocabulary(rows):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(rows, trainers.WordPieceTrainer(vocab_size=PIECES, special_tokens=SPECIAL,
                                                                  limit_alphabet=160, show_progress=False))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def counted(tokenizer, rows):
    """How often each piece occurs [V], and how often each two stand near each other [V, V]."""
    size, stream = tokenizer.get_vocab_size(), []
    gap = np.full(WINDOW, -1, np.int32)
    for first in range(0, len(rows), 5000):
        for encoded in tokenizer.encode_batch(rows[first:first + 5000], add_special_tokens=False):
            stream += [np.array(encoded.ids, np.int32), gap]
    stream = np.concatenate(stream)
    pairs = sparse.csr_matrix((size, size), dtype=np.float32)
    for first in range(0, len(stream), 3_000_000):
        part = stream[first:first + 3_000_000 + WINDOW]
        for distance in range(1, WINDOW + 1):
            left = part[:3_000_000][:len(part) - distance]
            right = part[distance:distance + len(left)]
            both = (left >= 0) & (right >= 0)
            value = np.full(both.sum(), 1.0 if distance <= NEAR else 0.5, np.float32)
            pairs = pairs + sparse.coo_matrix((value, (left[both], right[both])), shape=(size, size)).tocsr()
    return np.bincount(stream[stream >= 0], minlength=size).astype(np.float64), pairs + pairs.T


def vectors(pairs):
    """[V, 255]: PPMI, factorised."""
    pairs = pairs.tocoo()
    of_piece = np.asarray(pairs.sum(1)).ravel() + 1e-9
    of_context = of_piece ** 0.75
    information = np.log(pairs.data / (of_piece[pairs.row] * (of_context / of_context.sum())[pairs.col]))
    positive = information > 0
    matrix = sparse.csr_matrix((information[positive].astype(np.float32), (pairs.row[positive], pairs.col[positive])),
                               shape=pairs.shape)
    left, values, _ = randomized_svd(matrix, WIDTH, n_iter=3, random_state=0)
    return (left * values ** 0.5)[:, :WIDTH - 1]


def weights(counts, vector):
    """The model's tensors by their names in checkpoints."""
    noise = np.random.default_rng(1)
    special = np.arange(len(SPECIAL))
    length = np.linalg.norm(vector, axis=1)
    share = counts / counts.sum()
    weight = np.clip(np.log(RARE / (RARE + share)) + np.log(np.maximum(length, 1e-3) / length.mean()), -6, 3)
    weight[special] = -6
    embedding = np.zeros((len(counts), WIDTH))
    embedding[:, :-1] = vector / (length[:, None] + 1e-9)
    embedding[special, :-1] = 0.02 * noise.normal(size=(len(SPECIAL), WIDTH - 1))
    embedding[:, -1] = WEIGHT_SCALE * weight
    tensors = {"bert.embeddings.word_embeddings.weight": embedding,
               "bert.embeddings.position_embeddings.weight": 0.002 * noise.normal(size=(128, WIDTH)),
               "bert.embeddings.token_type_embeddings.weight": np.zeros((2, WIDTH))}

    def linear(name, inputs, outputs):
        tensors[name + ".weight"] = 0.02 * noise.normal(size=(outputs, inputs))
        tensors[name + ".bias"] = np.zeros(outputs)

    def norm(name):
        tensors[name + ".LayerNorm.weight"], tensors[name + ".LayerNorm.bias"] = np.ones(WIDTH), np.zeros(WIDTH)

    norm("bert.embeddings")
    for layer in range(LAYERS):
        name = f"bert.encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            linear(name + "attention.self." + part, WIDTH, WIDTH)
        linear(name + "attention.output.dense", WIDTH, WIDTH)
        norm(name + "attention.output")
        linear(name + "intermediate.dense", WIDTH, INNER)
        linear(name + "output.dense", INNER, WIDTH)
        norm(name + "output")
    first = "bert.encoder.layer.0.attention."
    # A head of 64 numbers divides by 8, and the layer norm made the 256th number sqrt(256) times as large.
    tensors[first + "self.key.weight"][:, -1] = 1
    tensors[first + "self.query.bias"][:] = 8 / (64 * WIDTH ** 0.5 * WEIGHT_SCALE)
    tensors[first + "self.value.weight"] += np.eye(WIDTH)
    tensors[first + "output.dense.weight"] += 2 * np.eye(WIDTH)
    return {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}


def write(out, tokenizer, tensors):
    os.makedirs(out, exist_ok=True)
    tokenizer.save(os.path.join(out, "tokenizer.json"))
    with open(os.path.join(out, "tokenizer_config.json"), "w") as file:
        json.dump({"tokenizer_class": "BertTokenizerFast", "do_lower_case": True, "model_max_length": 128,
                   **{token[1:-1].lower() + "_token": token for token in SPECIAL}}, file, indent=2)
    with open(os.path.join(out, "config.json"), "w") as file:
        json.dump({"architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": tokenizer.get_vocab_size(),
                   "hidden_size": WIDTH, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
                   "num_attention_heads": 4, "max_position_embeddings": 128, "type_vocab_size": 2, "hidden_act": "gelu",
                   "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "initializer_range": 0.02,
                   "layer_norm_eps": 1e-12, "pad_token_id": 0}, file, indent=2)
    save_file(tensors, os.path.join(out, "model.safetensors"))


def main(out, *files):
    rows = [row for name in files for row in open(name, encoding="utf-8").read().split("\n") if len(row) > 20]
    tokenizer = vocabulary(rows)
    counts, pairs = counted(tokenizer, rows)
    print(len(rows), "rows,", int(counts.sum()), "pieces")
    write(out, tokenizer, weights(counts, vectors(pairs)))


if __name__ == "__main__":
    main(*sys.argv[1:])
