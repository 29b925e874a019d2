from __future__ import annotations

import numpy as np
import pytest
from tests.conftest import require

from glm.errors import GlmError
from glm.paralogs.selection import Listed, cluster, count, parse_clusters, select

RANDOM = np.random.default_rng(4)


def protein(length: int = 120) -> str:
    return "".join(RANDOM.choice(list("ACDEFGHIKLMNPQRSTVWY"), length))


def mutate(sequence: str, share: float) -> str:
    letters = list(sequence)
    for place in RANDOM.choice(len(letters), int(share * len(letters)), replace=False):
        letters[place] = "A" if letters[place] != "A" else "G"
    return "".join(letters)


def listed(a: str, c: str, a_sequence: str | None, c_sequence: str | None) -> Listed:
    return Listed(a, c, a_sequence, c_sequence, "uniprot")


def test_every_exclusion_has_its_reason() -> None:
    twin = protein()
    pairs = [
        listed("P12345", "P12346", twin, protein()),
        listed("P12351", "P12352", None, protein()),
        listed("P12361", "P12363", protein(), protein()),
        listed("P12371", "P12372", "MKV*LLAGGWWYY", protein()),
        listed("P12375", "P12376", protein(), "MKVJLLAGGWWYY"),
        listed("P12381", "P12382", "MKV", protein()),
        listed("P12391", "P12392", twin, protein()),
        listed("A0A023GPI8", "A0A023GPI9", protein().lower() + "*", protein()),
    ]
    kept, excluded = select(pairs, by_accession=True)
    assert [pair.a for pair in kept] == ["P12345", "A0A023GPI8"]
    assert kept[1].a_sequence is not None
    assert kept[1].a_sequence.isupper()
    assert [(entry.reason, entry.detail) for entry in excluded] == [
        ("no sequence", "P12351"),
        ("accessions do not differ by one", "P12361, P12363"),
        ("illegal residue", "P12371: '*' at 4"),
        ("illegal residue", "P12376: 'J' at 4"),
        ("sequence too short", "P12381: 3 residues"),
        ("a protein of it is in another pair", "P12391, P12392"),
    ]
    assert count(excluded)["illegal residue"] == 2


def test_genes_found_side_by_side_need_no_accessions() -> None:
    kept, _ = select([listed("contig:1", "contig:2", protein(), protein())], by_accession=False)
    assert len(kept) == 1


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(GlmError, match=r"of 1 pairs none can be analysed \(no sequence: 1\)"):
        select([listed("P12345", "P12346", None, None)], by_accession=True)


def test_cd_hit_joins_what_is_alike_and_nothing_else() -> None:
    require("cd-hit")
    one, other = protein(200), protein(200)
    sequences = {"a": one, "b": mutate(one, 0.2), "c": other, "d": mutate(other, 0.3)}
    found = cluster(sequences, identity=0.5, threads=1)
    assert found["a"] == found["b"]
    assert found["c"] == found["d"]
    assert found["a"] != found["c"]


def test_clusters_are_read_from_cd_hits_format() -> None:
    text = (
        ">Cluster 0\n0\t240aa, >3... *\n1\t238aa, >12... at 71.43%\n>Cluster 1\n0\t90aa, >0... *\n"
    )
    assert parse_clusters(text) == {3: 0, 12: 0, 0: 1}
