"""Planted contigs: what context knows is found, sisters in two folds are seen through."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from embed_contigs import mean_by_contig
from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED
from glm.inference.replicates import Replicates
from glm.probes import EQUAL
from glm.taxonomy import figures as drawing
from glm.taxonomy.classification import LOGISTIC, Found, analyse, assign_folds, make_task
from glm.taxonomy.summary import numbers

CLASSES, GENERA, EACH = 3, 5, 6


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, dict[str, Replicates]]:
    """Three classes of five genera of six contigs; one class is viral.

    Context-free features know the genus only, and nothing that genera of a class share; the
    contextualised ones know the class.
    """
    random = np.random.default_rng(0)
    genus = np.repeat(np.arange(CLASSES * GENERA), EACH)
    label = genus // GENERA
    n = len(genus)
    of_genus = random.normal(size=(CLASSES * GENERA, 20))[genus] * 2
    contigs = pd.DataFrame(
        {
            "subcontig": range(n),
            "accession": [f"G{x}" for x in range(n)],
            "domain": np.where(label == 2, "Viruses", "Bacteria"),
            "taxonomic_class": [f"class {x}" for x in label],
            "genus": [f"genus {x}" for x in genus],
        }
    )
    embeddings = {
        "context_free": of_genus + 0.3 * random.normal(size=(n, 20)),
        "trained": np.eye(CLASSES)[label] * 4 + random.normal(size=(n, CLASSES)),
        "untrained": random.normal(size=(n, 5)),
        "shuffled": random.normal(size=(n, 5)),
    }
    return contigs, {name: [rows] for name, rows in embeddings.items()}


@pytest.fixture(scope="module")
def found(planted: tuple[pd.DataFrame, dict[str, Replicates]]) -> Found:
    return analyse(*planted, "taxonomic_class", "genus", 5, [1, 2], 60)


def by_key(found: Found, classifier: str = LOGISTIC) -> pd.DataFrame:
    rows = pd.concat(found.results)
    rows = rows[rows["classifier"].isin([classifier, "none"])]
    return rows.set_index(["task", "folds", "measure", "features"]).sort_index()


def test_grouped_folds_see_through_sisters(found: Found) -> None:
    values = by_key(found)["value"]
    assert values[("class", "stratified", "average_precision", CONTEXT_FREE)] > 0.9
    assert values[("class", "grouped", "average_precision", CONTEXT_FREE)] < 0.6
    assert values[("class", "grouped", "average_precision", CONTEXTUALISED)] > 0.85
    assert values[("class", "grouped", "accuracy", "untrained gLM")] < 0.6


def test_differences_are_paired_and_have_intervals(found: Found) -> None:
    row = by_key(found).loc[("class", "grouped", "average_precision", CONTEXTUALISED)]
    free = by_key(found).loc[("class", "grouped", "average_precision", CONTEXT_FREE)]
    assert row["difference"] == pytest.approx(row["value"] - free["value"])
    assert 0 < row["difference_lower"] <= row["difference"] <= row["difference_upper"]
    assert row["n"] == CLASSES * GENERA * EACH
    assert free["fold_deviation"] > 0
    equal = by_key(found, EQUAL).loc[("class", "grouped", "average_precision", CONTEXTUALISED)]
    assert equal["difference_lower"] > 0  # not by more features
    silhouette = by_key(found).loc[("class", "stratified", "silhouette")]
    assert silhouette.loc[CONTEXTUALISED, "difference_lower"] > 0.1


def test_viruses_are_a_task_of_their_own(found: Found) -> None:
    virus = by_key(found).loc["virus"]
    assert virus.loc[("stratified", "average_precision", CONTEXTUALISED), "value"] > 0.9
    assert (virus["classes"] == 2).all()


def test_curves_and_confusion_cover_every_contig(
    planted: tuple[pd.DataFrame, dict[str, Replicates]], found: Found
) -> None:
    curves = pd.concat(found.curves)
    chosen = curves.query("task == 'class' and folds == 'grouped' and features == @CONTEXTUALISED")
    assert chosen["fold"].nunique() == 5
    assert chosen["recall"].between(0, 1).all()
    confusion = pd.concat(found.confusion).query("task == 'class' and features == @CONTEXTUALISED")
    assert confusion.groupby("folds")["contigs"].sum().eq(len(planted[0])).all()


def test_no_group_is_in_two_folds(planted: tuple[pd.DataFrame, dict[str, Replicates]]) -> None:
    contigs, _ = planted
    task = make_task("class", "grouped", contigs["taxonomic_class"], contigs["genus"], 5)
    fold = assign_folds(task, 5, 1)
    assert (pd.Series(fold).groupby(task.groups).nunique() == 1).all()
    assert set(fold) == set(range(5))


def test_fewer_groups_than_folds_are_a_fold_each() -> None:
    labels = pd.Series(["a"] * 6 + ["b"] * 6)
    groups = pd.Series([f"g{n // 3}" for n in range(12)])
    task = make_task("class", "grouped", labels, groups, 5)
    assert set(assign_folds(task, 5, 1)) == {0, 1, 2, 3}


def test_classes_too_small_or_unknown_are_counted() -> None:
    labels = pd.Series(["a"] * 6 + ["b"] * 6 + ["c"] * 2 + [None] * 3 + ["d"] * 5)
    groups = pd.Series([f"g{n % 3}" for n in range(17)] + ["alone"] * 5)
    stratified = make_task("class", "stratified", labels, groups, 5)
    assert stratified.classes.tolist() == ["a", "b", "d"]
    assert stratified.dropped == 5
    grouped = make_task("class", "grouped", labels, groups, 5)
    assert grouped.classes.tolist() == ["a", "b"]  # all of d is of one group
    assert grouped.dropped == 10
    assert make_task("class", "stratified", labels[:6], groups[:6], 5) is None


def test_means_of_contigs_of_unequal_lengths() -> None:
    rows = np.arange(10, dtype=np.float16).reshape(5, 2)
    found = mean_by_contig(rows, np.array([2, 3]))
    np.testing.assert_array_equal(found, [[1, 2], [6, 7]])


def test_contigs_of_one_genome_are_drawn_together() -> None:
    labels, genomes = pd.Series(list("aabb") * 5), pd.Series([f"G{n // 4}" for n in range(20)])
    stratified = make_task("class", "stratified", labels, genomes, 2, genomes)
    grouped = make_task("class", "grouped", labels, pd.Series(list("xy") * 10), 2, genomes)
    assert stratified is not None
    assert grouped is not None
    assert stratified.drawn.tolist() == genomes.tolist()
    assert set(grouped.drawn) == {"x", "y"}


def test_the_scorecard_and_the_figures(
    planted: tuple[pd.DataFrame, dict[str, Replicates]], found: Found
) -> None:
    contigs, embeddings = planted
    results = pd.concat(found.results)
    reported = {row["id"]: row for row in numbers(contigs, results, "class", True)}
    assert json.loads(reported["taxonomy.viral_genomes"]["value"]) == GENERA * EACH
    assert json.loads(reported["taxonomy.average_precision_gain_grouped"]["value"]) > 0.2
    assert "taxonomy.virus_average_precision_gain" in reported
    assert (
        json.loads(reported["taxonomy.average_precision_gain_at_equal_dimension"]["value"]) > -0.1
    )
    # sisters are each other's nearest, but where they are kept apart
    nearest = "taxonomy.average_precision_nearest_neighbours"
    assert json.loads(reported[nearest]["value"]) > 0.9
    assert json.loads(reported[f"{nearest}_grouped"]["value"]) < 0.6
    curves, confusion = pd.concat(found.curves), pd.concat(found.confusion)
    coordinates = pd.concat(
        pd.DataFrame(embeddings["trained"][0][:, :2], columns=["x", "y"]).assign(
            features=name, subcontig=contigs["subcontig"]
        )
        for name in (CONTEXT_FREE, CONTEXTUALISED)
    )
    drawn = drawing.projection(coordinates, contigs, "taxonomic_class", results, "pca")
    assert "n = 90" in drawn[1]
    assert "n = 90" in drawing.precision_recall(curves, results, "taxonomic_class", "genus")[1]
    assert "n = 90" in drawing.confusion(confusion, "taxonomic_class")[1]
    assert "n = 90" in drawing.viruses(results)[1]
    assert "too few viral contigs" in drawing.viruses(results[results["task"] == "class"])[1]
