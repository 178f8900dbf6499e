"""Expected numbers of tests/core/eval/probability_metrics_test.cpp and number_metrics_test.cpp, by scikit-learn and
SciPy. Rows are made by the same formulas there."""

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import f1_score, matthews_corrcoef, roc_auc_score, top_k_accuracy_score

i = np.arange(60)
binary = ((i * i + i // 7) % 7 < 3).astype(int)
scores = ((i * 37) % 17 + 4 * binary) / 20  # many ties
print("binary auc", repr(roc_auc_score(binary, scores)))

truth = (i * i + i // 5) % 4
logits = np.stack([((i * (11 + 3 * k) + k) % 13) / 4 + (truth == k) + k / 100 for k in range(4)], axis=1)
shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
print("one-vs-rest auc", repr(roc_auc_score(truth, shares, multi_class="ovr")))
print("top 2", repr(top_k_accuracy_score(truth, shares, k=2)))
said = shares.argmax(1)
print("mcc", repr(matthews_corrcoef(truth, said)))
right, sure = said == truth, shares.max(1)
bins = np.minimum(np.ceil(sure * 15) - 1, 14)
print("calibration", repr(sum(abs(right[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean() for b in set(bins))))

has = np.stack([(i * (k + 2) + i // 3) % 5 < 2 for k in range(4)], axis=1)
given = np.stack([((i * (k + 2) + i // 4) % 5 < 2) & (k != 3) for k in range(4)], axis=1)
print("macro f1", repr(f1_score(has, given, average="macro", zero_division=0)))
print("micro f1", repr(f1_score(has, given, average="micro")))
print("exact", repr((has == given).all(1).mean()))

a, b = (i * 7) % 23 / 3.0, (i * 7) % 23 / 2.0 + (i * 5) % 11
print("pearson", repr(pearsonr(a, b)[0]), "spearman", repr(spearmanr(a, b)[0]), "mse", repr(((a - b) ** 2).mean()))
