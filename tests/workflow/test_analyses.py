"""Meaning, annotation transfer, variance and enzymes by the rules, on real genes in planted places.

Twelve windows of two genomes hold one protein (IF-1 of E. coli) in the middle: its own embedding
is the same everywhere, and those of its neighbours tell the genome. Six copies of one more window
are contexts that do not vary.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from tests.captions import caption_of
from tests.conftest import require
from tests.plant import plant, plant_splits, plant_subcontigs
from tests.random_model import write_model
from tests.unit.corpus.small_release import DEMO
from tests.workflow.small_run import (
    ESCHERICHIA_DH1,
    STAPHYLOCOCCUS_N315,
    WINDOW,
    genes_of,
    make_checkout,
    sequences,
    snakemake,
    write_representatives,
)

from glm import tables
from glm.inference.replicates import from_table

FEATURES = 16
WINDOWS, COPIES, MIDDLE = 6, 6, 14  # windows of a genome; copies of one; place of IF-1
BIOMES = ("root:Host-associated:Gut", "root:Host-associated:Skin", "root:Engineered")
FAMILIES, MEMBERS = 10, 8  # named families, one of unnamed proteins among every four
CLASSES = [f"1.1.1.{number}" for number in range(1, FAMILIES + 1)]
FIGURES = [
    "semantics/by_biome/by_biome.png",
    "semantics/nobody/nobody.png",
    "unannotated/annotation_transfer.png",
    "context_variance/context_variance.png",
    "enzymes/figures/enzyme_network.png",
    "enzymes/figures/enzyme_results.png",
]
RULES = [
    "find_focal_genes", "analyse_semantics", "measure_annotation_transfer",
    "contextualise_subcontigs", "measure_context_variance",
    "assign_enzymes", "select_enzymes", "embed_enzymes",
    "classify_enzymes",
]  # fmt: skip
SETTINGS: dict[str, object] = {
    "release": {"source": "genomes", "genomes": ["none.gbk"]},
    "contextualisation": {"shards": 1},
    "semantics": {
        "minimum_group": 2,
        "permutations": 99,
        "bootstrap_rounds": 100,
        "seeds": 2,
        "entries": [
            {
                "name": "by_biome", "title": "IF-1", "group_by": "biome", "biome_level": 2,
                "sets": [{"name": "IF-1", "queries": "resources/demo/queries/if1.faa"}],
            },
            {
                "name": "nobody", "title": "Nobody", "group_by": "set",
                "sets": [{"name": "none", "accessions": ["MGYP999999"]}],
            },
        ],
    },
    "unannotated": {"share": 1.0, "projection": "pca", "bootstrap_rounds": 100, "seeds": 2},
    "context_variance": {
        "minimum_occurrences": COPIES, "sample_size": 5, "samples": 3, "seeds": 2,
        "bootstrap_rounds": 50, "controls": [], "minimum_word": 2,
    },
    "enzymes": {
        "reference": "enzymes.faa", "seeds": 2, "bootstrap_rounds": 50, "minimum_test": 1,
        "perceptron": {"hidden_sizes": [32], "maximum_epochs": 40},
    },
}  # fmt: skip


def windows() -> list[tuple[int, list[str]]]:
    """Genome and proteins of each window: six of each, a lonely one, and copies of another."""
    query = "".join((DEMO / "queries/if1.faa").read_text().splitlines()[1:])
    focal = next(name for name, sequence in sequences().items() if sequence == query)
    found = []
    for number, assembly in enumerate((ESCHERICHIA_DH1, STAPHYLOCOCCUS_N315)):
        genes = [protein for protein, _ in genes_of(assembly)]
        for first in range(300, 300 + WINDOWS * WINDOW, WINDOW):
            found.append((number, genes[first : first + WINDOW]))
    lonely = [protein for protein, _ in genes_of(ESCHERICHIA_DH1)[900 : 900 + WINDOW]]
    found.append((2, lonely))
    for _, proteins in found:
        proteins[MIDDLE] = focal
    copied = [protein for protein, _ in genes_of(ESCHERICHIA_DH1)[1200 : 1200 + WINDOW]]
    return found + [(0, copied)] * COPIES


def write_run(folder: Path) -> list[str]:
    """Tables and a gLM of random weights; returns the representatives' sequences."""
    placed = windows()
    names = list(dict.fromkeys(protein for _, proteins in placed for protein in proteins))
    place = {name: number for number, name in enumerate(names)}
    genome = {name: number for number, proteins in placed for name in proteins}
    corpus = folder / "metagenomes"
    plant_subcontigs(
        corpus / "subcontigs.parquet",
        [[place[name] for name in proteins] for _, proteins in placed],
        assembly=[f"assembly {number}" for number in range(len(placed))],
        biome=[BIOMES[number] for number, _ in placed],
    )
    found = [sequences()[name] for name in names]
    write_representatives(corpus, found)
    family = families(len(names), place[placed[0][1][MIDDLE]])
    rng = np.random.default_rng(1)
    embeddings = 0.3 * rng.normal(size=(len(names), FEATURES))
    embeddings[:, 0] += 4 * np.array([genome[name] == 1 for name in names])
    centres = 5 * rng.normal(size=(FAMILIES, FEATURES - 1))
    embeddings[family >= 0, 1:] = centres[family[family >= 0]] + 0.1 * rng.normal(
        size=((family >= 0).sum(), FEATURES - 1)
    )
    np.save(corpus / "embedding_store.npy", embeddings.astype(np.float16))
    write_annotations(corpus, family)
    plant_splits(folder / "decontamination/splits.parquet", ["train"] * len(placed))
    write_model(folder, embeddings)
    return found


def families(count: int, focal: int) -> np.ndarray:
    """Family of each protein, -1 of most."""
    family = np.full(count, -1)
    chosen = [number for number in range(FAMILIES * MEMBERS + 1) if number != focal]
    family[chosen[: FAMILIES * MEMBERS]] = np.arange(FAMILIES * MEMBERS) % FAMILIES
    return family


def write_annotations(corpus: Path, family: np.ndarray) -> None:
    """Three of four members of a family are named; of the others none is."""
    number = np.arange(len(family))
    named = (family >= 0) & (number // FAMILIES % 4 > 0)
    products = [f"enzyme {k}" if yes else None for k, yes in zip(family, named, strict=True)]
    plant(
        corpus / "annotations.parquet",
        tables.ANNOTATIONS,
        representative=number,
        protein=number,
        product=products,
        hit=None,
        annotated=named,
    )


def write_enzymes(path: Path, found: list[str], focal: int) -> None:
    """The families' enzymes, a class of two, and a partial number."""
    family = families(len(found), focal)
    lines = [
        f">enzyme{number} EC={CLASSES[k]}\n{sequence}\n"
        for number, (k, sequence) in enumerate(zip(family, found, strict=True))
        if k >= 0
    ]
    rest = np.flatnonzero(family < 0)[5:8]
    for number, ec in zip(rest, ("2.2.2.2", "2.2.2.2", "3.3.3.-"), strict=True):
        lines.append(f">other{number} EC={ec}\n{found[number]}\n")
    path.write_text("".join(lines))


@pytest.fixture(scope="module")
def run(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run's results, all made by one call of Snakemake."""
    require("diamond")
    require("mmseqs")
    checkout = make_checkout(root, tmp_path_factory.mktemp("analyses"))
    folder = checkout / "results/small"
    found = write_run(folder)
    first = tables.read(folder / "metagenomes/subcontigs.parquet", tables.SUBCONTIGS)
    write_enzymes(checkout / "enzymes.faa", found, first["representative"][0].as_py()[MIDDLE])
    done = snakemake(checkout, [f"results/small/{name}" for name in FIGURES], RULES, **SETTINGS)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


def test_figures_are_pictures_with_captions(run: Path) -> None:
    for name in FIGURES:
        assert image.imread(run / name).std() > 0.01
        assert (run / name).with_suffix(".pdf").read_bytes()[:4] == b"%PDF"
        assert len(caption_of(run / name)) > 40


def test_contexts_part_the_genomes_and_proteins_alone_do_not(run: Path) -> None:
    folder = run / "semantics/by_biome"
    genes = tables.read(folder / "focal_genes.parquet", tables.FOCAL_GENES).to_pandas()
    assert (genes["rank"] == MIDDLE).all()
    assert set(genes["found_by"]) == {"query"}
    assert len(tables.read(folder / "points.parquet", tables.SEMANTIC_POINTS)) == 5 * 2 * WINDOWS
    found = tables.read(folder / "separation.parquet", tables.SEPARATION).to_pandas()
    value = found.set_index(["representation", "measure"])["value"]
    assert value["context-free", "silhouette"] == 0
    assert value["contextualised", "neighbour purity"] > 0.9
    assert value["mean of neighbours", "adjusted Rand index"] == 1
    assert value["shuffled context", "silhouette"] < value["contextualised", "silhouette"]


def test_a_group_of_one_is_left_out_and_the_figure_says_so(run: Path) -> None:
    folder = run / "semantics/by_biome"
    about = tables.read_stamp(folder / "separation.parquet")["parameters"]
    assert about["left_out"] == {"group Engineered of 1, fewer than 2": 1}
    assert "Left out: group Engineered of 1" in caption_of(folder / "by_biome.png")


def test_an_empty_focal_set_says_so_in_the_figure_s_place(run: Path) -> None:
    folder = run / "semantics/nobody"
    assert tables.read_counts(folder / "focal_genes.parquet")["places"] == 0
    assert len(tables.read(folder / "separation.parquet", tables.SEPARATION)) == 0
    said = "Nothing could be measured: 0 groups with enough genes; two are needed."
    assert caption_of(folder / "nobody.png") == said


def test_the_planted_share_of_unannotated_proteins_is_near_a_named_one(run: Path) -> None:
    folder = run / "unannotated"
    points = tables.read(folder / "points.parquet", tables.TRANSFER_POINTS).to_pandas()
    table = tables.read(folder / "transfer.parquet", tables.TRANSFER).to_pandas()
    found = table.set_index("representation")
    said = caption_of(run / "unannotated/annotation_transfer.png")
    genes = len(points) // points["representation"].nunique()
    assert f"A and B are samples of the same {genes:,} genes" in said
    assert (found["seeds"] == 2).all()
    free = points[(points["representation"] == "context-free") & points["distance"].notna()]
    of_family = FAMILIES * MEMBERS // 4
    planted = of_family / (~free["annotated"]).sum()
    assert found.loc["context-free", "potential"] == pytest.approx(planted, abs=0.02)
    assert found.loc["protein + mean of neighbours, equal dimension", "potential"] > planted / 2
    assert found.loc["context-free", "precision"] > 0.9
    assert found.loc["context-free", "potential_deviation"] < 0.02
    assert found["potential_deviation"].notna().all()


def test_the_planted_families_are_found_in_other_genomes_by_each_representation(run: Path) -> None:
    folder = run / "unannotated"
    table = tables.read(folder / "same_product.parquet", tables.SAME_PRODUCT).to_pandas()
    found = table.set_index("representation")
    assert set(found.index) == {
        "context-free", "after attention", "last hidden layer", "masked", "untrained gLM",
        "context-free, equal dimension", "last hidden layer, equal dimension",
        "protein + gLM, equal dimension",
    }  # fmt: skip
    assert found.loc["context-free", "value"] > 0.9
    assert found.loc["masked", "value"] < 0.5  # neighbours do not tell the family
    names = tables.read(folder / "numbers.parquet", tables.NUMBERS)["id"].to_pylist()
    for name in ("difference", "difference_at_equal_dimension", "difference_beside_protein"):
        assert f"context_effect.same_product.{name}" in names
    for name in ("_at_equal_dimension", "_beside_protein", "_with_shuffled_context", ""):
        assert f"context_transfer.gain{name}" in names


def test_a_protein_in_many_contexts_varies_and_those_of_one_context_do_not(run: Path) -> None:
    folder = run / "context_variance"
    found = tables.read(folder / "variances.parquet", tables.CONTEXT_VARIANCE).to_pandas()
    assert set(found["seed"]) == {0, 1}
    often = found[found["occurrences"] > COPIES]
    assert often["representative"].nunique() == 1  # IF-1
    assert set(often["occurrences"]) == {2 * WINDOWS + 1}
    others = found[found["occurrences"] == COPIES]
    assert others["representative"].nunique() == WINDOW - 2  # edges do not count
    assert others["variance"].max() < 0.01 * often["variance"].min()
    fits = tables.read(folder / "fits.parquet", tables.VARIANCE_FIT).to_pandas()
    assert (fits["seeds"] == 2).all()


def test_enzymes_are_reported_and_small_classes_counted(run: Path) -> None:
    folder = run / "enzymes"
    examples = tables.read(folder / "examples.parquet", tables.ENZYME_EXAMPLES).to_pandas()
    assert examples["ec"].value_counts().to_dict() == dict.fromkeys(CLASSES, MEMBERS)
    about = tables.read_stamp(folder / "results.parquet")["parameters"]
    assert (about["of_small_classes"], about["partial_numbers"]) == (2, 1)
    said = caption_of(folder / "figures/enzyme_results.png")
    assert "1 proteins with partial numbers, 2 of classes that are too small" in said
    drawn = from_table(folder / "features.parquet", tables.ENZYME_FEATURES)
    for control in ("untrained", "shuffled"):
        first, second = drawn[control]
        assert np.abs(first - second).max() > 0.1
    results = tables.read(folder / "results.parquet", tables.ENZYME_RESULTS).to_pandas()
    found = results[(results["measure"] == "accuracy") & (results["split"] == "stratified")]
    value = found.set_index(["classifier", "features"])["value"]
    assert value["linear", "protein model"] > 0.9
    assert value["nearest neighbours", "protein model"] > 0.9
    assert value["linear, equal dimension", "protein model"] > 0.5
    numbers = tables.read(folder / "numbers.parquet", tables.NUMBERS).to_pandas()
    reported = numbers.set_index("id")["value"].map(json.loads)
    assert reported["enzyme_classes.classes"] == FAMILIES
