import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from glm.errors import GlmError
from protein_model_training.release import (
    AMINO_ACIDS,
    PAIR_COLUMNS,
    Release,
    choose_fitting_set,
    group_families,
    hold_out,
    read_release,
    substitution_scores,
)


def pairs_of(*names: tuple[str, str], alignment: tuple[str, str] = ("LA", "LG")) -> pd.DataFrame:
    rows = [(*name, 0.4, *alignment) for name in names]
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def test_release_is_read_whole(release: Release) -> None:
    assert (
        len(release.sequences) == len(release.assemblies) == len(release.representatives) == 37178
    )
    vibrio = release.proteins_of("Vibrio cholerae", "N16961")
    assert 3400 < len(vibrio) < 3700
    assert set(vibrio) < set(release.proteins_of("Vibrio cholerae"))


def test_missing_release_and_genome_are_named(tmp_path: Path, release: Release) -> None:
    with pytest.raises(GlmError, match=re.escape(str(tmp_path))):
        read_release(tmp_path)
    with pytest.raises(GlmError, match="Vibrio harveyi"):
        release.proteins_of("Vibrio harveyi")


def test_families_are_connected_components() -> None:
    families = group_families(list("abcde"), pairs_of(("a", "b"), ("b", "c"), ("e", "d")))
    assert families[0] == families[1] == families[2] != families[3] == families[4]


def test_families_are_held_out_whole_and_large_ones_never() -> None:
    families = np.concatenate([np.zeros(101, int), np.repeat(np.arange(1, 1001), 3)])
    held = hold_out(families, seed=0)
    assert not held[:101].any()
    by_family = held[101:].reshape(1000, 3)
    assert (by_family.all(1) == by_family.any(1)).all()
    assert by_family.mean() == pytest.approx(0.15, abs=0.03)


def test_scores_reward_what_is_aligned_often() -> None:
    pairs = pairs_of(("a", "b"), alignment=("LLLLAAAALI-GX", "LLLLAAAALLGGX"))
    scores = substitution_scores(pairs, np.zeros(1, int))
    leucine, alanine, isoleucine = (AMINO_ACIDS.index(residue) for residue in "LAI")
    np.testing.assert_allclose(scores, scores.T)
    assert scores[leucine, leucine] > 0 > scores[leucine, alanine]
    assert scores[leucine, isoleucine] > scores[alanine, isoleucine]


def test_excluded_organism_and_held_out_families_are_not_fitted_on(release: Release) -> None:
    names = [name for name, s in release.sequences.items() if release.representatives[name] == name]
    chosen = set(names[:1500])
    small = Release(
        {name: release.sequences[name] for name in chosen},
        {name: name for name in chosen},
        {name: release.assemblies[name] for name in chosen},
        release.organisms,
    )
    fitting = choose_fitting_set(small, "Escherichia coli", seed=1, threads=2)
    assert fitting.held_out
    assert not set(fitting.held_out) & set(fitting.fitted)
    kin = set(small.proteins_of("Escherichia coli"))
    assert kin
    assert not kin & set(fitting.fitted)
    assert min(map(len, fitting.fitted.values())) >= 51
    assert (np.diagonal(fitting.scores) > 0).all()
