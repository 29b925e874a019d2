"""Three tasks of DGEB by its own probes, from local copies of its data sets.

A copy is a folder of the task's name, as the Hugging Face hub has the data set: Parquet files
data/SPLIT-00000-of-00001.parquet (`hf download tattabio/TASK --repo-type dataset --local-dir
FOLDER/TASK`).

- ecoli_operonic_pair (train: Sequence, Label): genes in the genome's order; a label is of the gene
  and the next. The average precision of the best of four likenesses: cosine, dot product, and
  Manhattan and Euclidean distance. Nothing is fitted.
- modac_paralogy_bigene (train: Seq1, Seq2): whether the partner is among the 50 of largest cosine.
- ec_classification (train and test: Sequence, Label): macro F1 of a logistic regression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from glm.benchmarks.task import Array, Data, Judgement, Task
from glm.enzymes.scoring import class_f1
from glm.statistics import average_precision

PARTNERS = 50
ITERATIONS = 1000  # DGEB's, of the logistic regression


def likenesses(first: Array, second: Array) -> list[Array]:
    """Cosine, dot product, and Manhattan and Euclidean distance with their signs changed."""
    product = np.einsum("ij,ij->i", first, second)
    length = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    apart = first - second
    return [
        product / np.where(length == 0, 1, length),
        product,
        -np.abs(apart).sum(1),
        -np.linalg.norm(apart, axis=1),
    ]


def judge_operons(data: Mapping[str, Data], encode: Callable[[Sequence[str]], Array]) -> Judgement:
    """Neighbours by likeness; runs of genes that are joined are drawn whole."""
    genes = encode(data["train"]["Sequence"]).astype(float)
    joined = np.array(data["train"]["Label"][:-1], int) == 1
    scores = likenesses(genes[:-1], genes[1:])

    def best(weights: Array | None) -> Array:
        each = [average_precision(joined, score, weights) for score in scores]
        return np.max(each, axis=0)

    return Judgement(best, np.cumsum(np.append(True, ~joined[:-1])))


def judge_paralogs(data: Mapping[str, Data], encode: Callable[[Sequence[str]], Array]) -> Judgement:
    """Whether each protein's partner is among the fifty that are most like it."""
    sides = [encode(data["train"][name]).astype(float) for name in ("Seq1", "Seq2")]
    first, second = (
        side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12) for side in sides
    )
    cosine = first @ second.T
    # of equals, those that stand before
    order = np.argsort(-cosine, axis=1, kind="stable")[:, :PARTNERS]
    found = (order == np.arange(len(first))[:, None]).any(1)

    def share(weights: Array | None) -> Array:
        drawn = np.ones((1, len(found))) if weights is None else weights
        return np.asarray(drawn @ found / drawn.sum(1))

    return Judgement(share, np.arange(len(found)))


def judge_classes(data: Mapping[str, Data], encode: Callable[[Sequence[str]], Array]) -> Judgement:
    """Macro F1 of a logistic regression, not standardised, as DGEB has it."""
    truth = np.array(data["test"]["Label"])
    fitted = LogisticRegression(max_iter=ITERATIONS)
    fitted.fit(encode(data["train"]["Sequence"]), np.array(data["train"]["Label"]))
    called = fitted.predict(encode(data["test"]["Sequence"]))
    return Judgement(lambda weights: macro_f1(truth, called, weights), np.arange(len(truth)))


def macro_f1(truth: Array, called: Array, weights: Array | None) -> Array:
    """Mean F1 of the classes that are true or called, by (rounds, n) weights: (rounds,)."""
    classes, number = np.unique([truth, called], return_inverse=True)
    is_true, is_called = number.reshape(2, -1)
    return np.asarray(np.nanmean(class_f1(is_called, is_true, len(classes), weights), 1))


TASKS = (
    Task(
        "tattabio/ecoli_operonic_pair", "average precision", "pairs of neighbouring genes",
        {"train": ("Sequence", "Label")}, judge_operons, in_order=True,
    ),
    Task(
        "tattabio/modac_paralogy_bigene", f"recall at {PARTNERS}", "pairs of proteins",
        {"train": ("Seq1", "Seq2")}, judge_paralogs,
    ),
    Task(
        "tattabio/ec_classification", "macro F1", "test proteins",
        dict.fromkeys(("train", "test"), ("Sequence", "Label")), judge_classes,
    ),
)  # fmt: skip
