"""Which proteins are learned from and tested on (Methods, Enzyme Commission number prediction)."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from glm import tables, tools
from glm.data.corpus import Corpus
from glm.enzymes.reference import is_whole
from glm.errors import GlmError

SHARES = {"train": 0.72, "validation": 0.08, "test": 0.20}
UNSEEN = "unseen"
PUBLISHED_MORE_THAN = 50


def sample_subcontigs(splits: Path, count: int, seed: int) -> np.ndarray:
    """Names of up to `count` random training subcontigs, (n,) int64, ascending."""
    table = tables.read(splits, tables.SPLITS, ["subcontig", "split"])
    names = table.filter(pc.equal(table["split"], "train"))["subcontig"].to_numpy()
    drawn = np.random.default_rng(seed).permutation(names)[:count]
    return np.sort(drawn)


def first_occurrences(
    subcontigs: Path, chosen: np.ndarray, ec_of: Mapping[int, str]
) -> pd.DataFrame:
    """The first gene of each representative that has an EC number, in the chosen subcontigs.

    Returns representative, protein, ec, subcontig and rank, in the order of the corpus.
    """
    seen: set[int] = set()
    rows: list[tuple[int, int, str, int, int]] = []
    columns = ["subcontig", "representative", "protein"]
    table = tables.read_where(subcontigs, tables.SUBCONTIGS, "subcontig", chosen, columns)
    for batch in table.to_batches():
        for name, *genes in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            for rank, (number, protein) in enumerate(zip(*genes, strict=True)):
                if number in ec_of and number not in seen:
                    seen.add(number)
                    rows.append((number, protein, ec_of[number], name, rank))
    return pd.DataFrame(rows, columns=["representative", "protein", "ec", "subcontig", "rank"])


def genes_of(examples: pd.DataFrame, corpus: Corpus, subcontigs: Path) -> np.ndarray:
    """The gene of each example, (examples,) int64 into the corpus.

    examples: rows of `ENZYME_EXAMPLES`. subcontigs: where the corpus was read from. Raises
    `GlmError` if the examples were chosen from others.
    """
    where = np.searchsorted(corpus.subcontig, examples["subcontig"].to_numpy())
    gene: np.ndarray = corpus.offsets[where] + examples["rank"].to_numpy()
    if (corpus.representative[gene] != examples["representative"].to_numpy()).any():
        raise GlmError(f"{subcontigs}: not the subcontigs that the examples were chosen from")
    return gene


def keep_classes(
    found: pd.DataFrame, minimum: int, assigned: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Whole EC numbers only, then classes of at least `minimum`; what goes is logged.

    assigned: proteins of each class in the whole corpus, of which the published protocol takes
    those of more than `PUBLISHED_MORE_THAN` only. Raises `GlmError` if fewer than two classes are
    left, for there is nothing to tell apart.
    """
    whole = found[found["ec"].map(is_whole)]
    sizes = whole["ec"].map(whole["ec"].value_counts())
    large = whole["ec"].map(assigned) > PUBLISHED_MORE_THAN if assigned is not None else True
    kept = whole[(sizes >= minimum) & large].reset_index(drop=True)
    classes = kept["ec"].nunique()
    logging.info(
        "proteins with an EC number: %d; partial numbers dropped: %d; of classes under %d "
        "dropped: %d (%d classes); left: %d of %d classes",
        len(found), len(found) - len(whole), minimum, len(whole) - len(kept),
        whole["ec"].nunique() - classes, len(kept), classes,
    )  # fmt: skip
    if classes < 2:
        raise GlmError(
            f"{classes} enzyme classes have {minimum} proteins or more"
            + (f" and over {PUBLISHED_MORE_THAN} in the corpus" if assigned is not None else "")
            + f" ({len(found)} proteins have an EC number): too few to classify. Take more "
            "subcontigs (enzymes.subcontigs), a larger enzymes.reference, or set it to null"
        )
    return kept


def left_out(found: pd.DataFrame, kept: int) -> dict[str, int]:
    """Counts for the figures: proteins with a number, partial ones, and those of small classes."""
    whole = int(found["ec"].map(is_whole).sum())
    return {
        "with_number": len(found),
        "partial_numbers": len(found) - whole,
        "of_small_classes": whole - kept,
    }


def split_groups(labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    """Deal whole groups to train, validation and test, class by class, in the paper's shares.

    labels: (n,) class of each protein. groups: (n,); a group counts for the class most of its
    proteins have. The groups of a class are shuffled and dealt at even distances with a random
    start, so that each share is met as nearly as whole groups allow; a class always has a group to
    train on. Returns (n,) names of `SHARES`.
    """
    random = np.random.default_rng(seed)
    ends = np.cumsum(list(SHARES.values()))[:-1]
    names = np.array(list(SHARES), dtype=object)
    frame = pd.DataFrame({"label": labels, "group": groups})
    counts = frame.groupby(["group", "label"], sort=True).size().reset_index(name="count")
    main = counts.sort_values(["count", "label"], ascending=[False, True], kind="stable")
    main = main.drop_duplicates("group").sort_values("group", kind="stable")
    dealt: dict[object, str] = {}
    for _, members in main.groupby("label", sort=True):
        shuffled = random.permutation(members["group"].to_numpy())
        places = (np.arange(len(shuffled)) + random.random()) / len(shuffled)
        places[0] = 0
        parts = names[np.searchsorted(ends, places, side="right")]
        dealt.update(zip(shuffled.tolist(), parts.tolist(), strict=True))
    return np.array([dealt[group] for group in np.asarray(groups).tolist()], dtype=object)


def mark_unseen(labels: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Take proteins out of validation and test whose class has nothing to train on."""
    known = np.isin(labels, np.unique(labels[parts == "train"]))
    return np.where(known | (parts == "train"), parts, UNSEEN)


def cluster_homologues(
    representatives: Path, wanted: np.ndarray, identity: float, coverage: float, threads: int
) -> np.ndarray:
    """Clusters of the wanted representatives with mmseqs, (n,) index of the one that stands for it.

    wanted: (n,) int32, each once. identity, coverage: the least within a cluster.
    """
    place = {int(number): index for index, number in enumerate(wanted)}
    clusters = np.full(len(wanted), -1)
    with tempfile.TemporaryDirectory() as folder:
        fasta = Path(folder, "enzymes.faa")
        columns = ["representative", "sequence"]
        named = tables.read_where(
            representatives, tables.REPRESENTATIVES, "representative", wanted, columns
        )
        with fasta.open("w") as handle:
            for number, sequence in zip(*(c.to_pylist() for c in named.columns), strict=True):
                handle.write(f">{place[number]}\n{sequence}\n")
        command = ["mmseqs", "easy-cluster", str(fasta), f"{folder}/result", f"{folder}/work"]
        options = ["--min-seq-id", str(identity), "-c", str(coverage), "--cov-mode", "0"]
        tools.run([*command, *options, "--threads", str(threads), "-v", "2"])
        for line in Path(folder, "result_cluster.tsv").read_text().splitlines():
            representative, member = map(int, line.split("\t"))
            clusters[member] = representative
    return clusters
