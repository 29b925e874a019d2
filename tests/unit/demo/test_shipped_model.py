import json
from pathlib import Path

import numpy as np

from glm import files
from glm.embedding.batching import embed_sequences
from glm.embedding.protein_model import WEIGHTS, load_encoder, read_identity


def test_weights_are_those_of_the_identity(demo: Path) -> None:
    folder = demo / "protein_model"
    identity = read_identity(folder)
    assert files.sha256(folder / WEIGHTS) == identity.sha256
    assert identity.is_demo
    assert identity.weights == "trained"
    assert "no substitute for ESM-2" in identity.note
    assert (folder / WEIGHTS).stat().st_size <= 6_000_000


def test_loads_and_embeds(demo: Path) -> None:
    encoder, identity = load_encoder(demo / "protein_model")
    embedded = embed_sequences(encoder, ["MKTAYIAKQR", "M", "MXBUZO", "MKTAYIAKQR" * 300])
    assert embedded.shape == (4, identity.features)
    assert np.isfinite(embedded).all()
    assert np.abs(embedded[0] - embedded[1]).max() > 0.1


def test_figures_in_the_readme_are_those_of_the_shipped_weights(demo: Path) -> None:
    folder = demo / "protein_model"
    result = json.loads((folder / "retrieval.json").read_text())
    assert result["sha256"] == read_identity(folder).sha256
    readme = (folder / "README.md").read_text()
    for recall in result["recalls"]:
        assert f"{recall['recall_at_1']:.3f} | {recall['recall_at_10']:.3f}" in readme


def test_held_out_list_is_kept(demo: Path) -> None:
    held = (demo / "protein_model" / "held_out.txt").read_text().split()
    assert len(held) == len(set(held)) > 1000
