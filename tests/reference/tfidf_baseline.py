#!/usr/bin/env python3
"""A plain text classifier to compare with: TF-IDF of words and word pairs, then logistic regression (scikit-learn).

    installer/toolbox python3 tests/reference/tfidf_baseline.py TRAIN TEST [--seeds N] [--columns text,label]

TRAIN and TEST are CSV files (RFC 4180, UTF-8) whose header names a column "text" and a column "label". With --columns
they are tab-separated files without header or quoting, whose columns have the given names in the given order, such as
"text,label" or "id,label,text". The script prints one line of JSON. It shares no code with Luthier.

A seed shuffles the training rows and seeds the solver. The problem is convex, so the accuracies of different seeds are
the same or nearly so.
"""
import argparse
import csv
import json
import random
import sys


def fail(what):
    sys.exit(f"tfidf_baseline: {what}")


def read_rows(path, columns):
    """Returns the texts and the labels of a file."""
    texts, labels = [], []
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            if columns:
                rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                names = columns
            else:
                rows = csv.reader(file, strict=True)
                names = next(rows, [])
            if "text" not in names or "label" not in names:
                fail(f'{path}: needs the columns "text" and "label", has {names}')
            text_at, label_at = names.index("text"), names.index("label")
            for row in rows:
                if not row:
                    continue
                if len(row) != len(names):
                    fail(f"{path}: line {rows.line_num} has {len(row)} columns instead of {len(names)}")
                texts.append(row[text_at])
                labels.append(row[label_at])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        fail(f"{path}: {error}")
    if not texts:
        fail(f"{path}: has no rows")
    return texts, labels


def main():
    parser = argparse.ArgumentParser(description="TF-IDF and logistic regression as a baseline for text classification")
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="run with the seeds 0 to N-1 (default 1)")
    parser.add_argument("--columns", type=lambda names: names.split(","), metavar="NAMES",
                        help="read tab-separated files without header that have these columns, e.g. text,label")
    parser.add_argument("-C", type=float, default=1.0, help="inverse strength of the L2 penalty (default 1.0)")
    options = parser.parse_args()
    if options.seeds < 1:
        parser.error("--seeds must be at least 1")

    train_texts, train_labels = read_rows(options.train, options.columns)
    test_texts, test_labels = read_rows(options.test, options.columns)
    if len(set(train_labels)) < 2:
        fail(f"{options.train}: needs at least two different labels")

    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    accuracies = []
    for seed in range(options.seeds):
        order = list(range(len(train_texts)))
        random.Random(seed).shuffle(order)
        model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
                              LogisticRegression(C=options.C, max_iter=1000, random_state=seed))
        model.fit([train_texts[i] for i in order], [train_labels[i] for i in order])
        predicted = model.predict(test_texts)
        accuracies.append(sum(p == t for p, t in zip(predicted, test_labels)) / len(test_labels))

    print(json.dumps({
        "train_rows": len(train_texts),
        "test_rows": len(test_texts),
        "labels": len(set(train_labels)),
        "seeds": list(range(options.seeds)),
        "accuracy": [round(a, 6) for a in accuracies],
        "mean": round(sum(accuracies) / len(accuracies), 6),
    }))


if __name__ == "__main__":
    main()
