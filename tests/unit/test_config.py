from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from snakemake.utils import update_config

from glm.configuration import complete, is_asked, keys, validate
from glm.errors import GlmError

BRIEF = {"batch_size": 64, "steps": 300, "learning_rate": 1.0e-4, "warmup_steps": 5000}


@pytest.fixture
def paper(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "config" / "config.yaml").read_text())


@pytest.mark.parametrize("name", ["demo", "published", "refseq"])
def test_the_overlays_are_valid_and_say_only_what_differs(
    paper: dict[str, Any], root: Path, name: str
) -> None:
    def same(overlay: dict[str, Any], base: dict[str, Any], path: str = "") -> list[str]:
        return [
            name
            for key, value in overlay.items()
            for name in (
                same(value, base[key], f"{path}{key}.")
                if isinstance(value, dict)
                else [f"{path}{key}"] * (value == base[key])
            )
        ]

    overlay = yaml.safe_load((root / "config" / f"{name}.yaml").read_text())
    assert same(overlay, paper) == []
    whole = copy.deepcopy(paper)
    validate(whole)
    update_config(whole, overlay)
    assert whole["run"] == name
    validate(whole)


@pytest.mark.parametrize("page", ["docs/train.md", "docs/operons.md"])
def test_the_overlays_that_a_reader_copies_are_valid(
    paper: dict[str, Any], root: Path, page: str
) -> None:
    overlays = re.findall(r"```yaml\n(.*?)```", (root / page).read_text(), re.DOTALL)
    assert overlays
    for text in overlays:
        configuration = copy.deepcopy(paper)
        update_config(configuration, yaml.safe_load(text))
        validate(configuration)


def test_the_papers_numbers(paper: dict[str, Any]) -> None:
    assert paper["training"]["glm"]["steps"] == 1_296_960
    assert paper["training"]["glm"]["batch_size"] == 3000
    assert paper["labels"]["components"] == 99
    assert paper["decontamination"]["identity"] == 0.7
    assert paper["embedding"]["maximum_residues"] == 12290


def test_every_key_is_explained() -> None:
    explained = dict(keys())
    assert len(explained) > 150
    assert [key for key, meaning in explained.items() if not meaning] == []
    assert explained["reference.address"].startswith("RefSeq assembly folder")
    assert explained["semantics.entries[].sets[].queries"].startswith("Path or address")


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("glm", "layer", 3, r"unknown key 'glm.layer': did you mean 'layers'\?"),
        (None, "traning", {}, r"unknown key 'traning': did you mean 'training'\?"),
        ("training", "gpus", 1, r"training.gpus: one key gpus, at the top, is for all"),
        (None, "gpus", -1, r"gpus: -1: should be greater than or equal to 0"),
        (None, "gpus", "all", r"gpus: 'all': should be 'auto'"),
        (
            "training",
            "precision",
            "half",
            r"precision: 'half': should be 'fp32', .* \(Arithmetic",
        ),
        (
            "labels",
            "components",
            0,
            r"labels.components: 0: should be greater than .* \(PCA",
        ),
        ("training", "alpha", "1e-4", r"alpha: '1e-4': .*; YAML reads 1e-4 as text, write it with"),
        (None, "seed", -1, r"seed: -1: should be greater than or equal to 0"),
        ("corpus", "minimum_genes", 31, r"minimum_genes is larger than corpus.maximum_genes"),
        ("glm", "heads", 7, r"glm.heads does not divide glm.hidden_size"),
        ("bilstm", "hidden_size", 100, r"bilstm.hidden_size must be larger than a label"),
        ("release", "source", "genomes", r"release.genomes lists none"),
        ("reference", "address", "k12.fna.gz", r"reference.address is a file of sequences, but a"),
        ("training", "glm", BRIEF, r"training.glm.steps is 300, but the learning rate is only"),
        ("training", "bilstm", BRIEF, r"after training.bilstm.warmup_steps, 5,000: train longer"),
    ],
)
def test_faults_are_named(
    paper: dict[str, Any], section: str | None, key: str, value: Any, message: str
) -> None:
    (paper[section] if section else paper)[key] = value
    with pytest.raises(GlmError, match=message):
        validate(paper)


def test_null_budgets_are_filled_in(paper: dict[str, Any]) -> None:
    assert complete(paper) == paper
    glm, bilstm = paper["training"]["glm"], paper["training"]["bilstm"]
    glm |= {"batch_size": 32, "steps": 1000, "warmup_steps": None}
    bilstm |= {"batch_size": 64, "steps": None, "warmup_steps": None}
    validate(paper)
    found = complete(paper)["training"]
    assert found["glm"]["warmup_steps"] == 50
    assert (found["bilstm"]["steps"], found["bilstm"]["warmup_steps"]) == (500, 25)


def test_ones_own_genomes_have_few_analyses(paper: dict[str, Any]) -> None:
    """What is not done is not checked: the baseline's size."""
    assert is_asked(paper, "bilstm")
    paper["release"] |= {"source": "genomes", "genomes": ["a.fna"]}
    paper["bilstm"]["hidden_size"] = 16
    validate(paper)
    assert not is_asked(paper, "bilstm")
    assert is_asked(paper, "operons")
    paper["analyses"] = ["bilstm"]
    with pytest.raises(GlmError, match=r"bilstm.hidden_size must be larger than a label"):
        validate(paper)


def test_a_missing_key_is_named(paper: dict[str, Any]) -> None:
    del paper["glm"]["heads"]
    with pytest.raises(GlmError, match=r"glm.heads: is missing \(Attention heads"):
        validate(paper)
