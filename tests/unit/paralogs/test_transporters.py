from __future__ import annotations

import pandas as pd
import pytest

from glm.paralogs.transporters import Candidate, find, is_atpase, is_permease

# PDB 2ONK, chains A and C: the ATPase and the permease of A. fulgidus' molybdate transporter
ATPASE = (
    "MFLKVRAEKRLGNFRLNVDFEMGRDYCVLLGPTGAGKSVFLELIAGIVKPDRGEVRLNGADITPLPPERRGIGFVPQDYALFPHLSVYRNI"
    "AYGLRNVERVERDRRVREMAEKLGIAHLLDRKPARLSGGERQRVALARALVIQPRLLLLDEPLSAVDLKTKGVLMEELRFVQREFDVPILH"
    "VTHDLIEAAMLADEVAVMLNGRIVEKGKLKELFSAKNGEVAEFLSARNLLLKVSKILD"
)
PERMEASE = (
    "MRLLFSALLALLSSIILLFVLLPVAATVTLQLFNFDEFLKAASDPAVWKVVLTTYYAALISTLIAVIFGTPLAYILARKSFPGKSVVEGIV"
    "DLPVVIPHTVAGIALLVVFGSSGLIGSFSPLKFVDALPGIVVAMLFVSVPIYINQAKEGFASVDVRLEHVARTLGSSPLRVFFTVSLPLSV"
    "RHIVAGAIMSWARGISEFGAVVVIAYYPMIAPTLIYERYLSEGLSAAMPVAAILILLSLAVFVALRIIVG"
)
SEQUENCES = {1: ATPASE, 2: PERMEASE, 3: "MKTAYIAKQR" * 25}


def test_the_two_chains_are_known_for_what_they_are() -> None:
    assert is_atpase(ATPASE)
    assert is_permease(PERMEASE)
    assert not is_atpase(PERMEASE)
    assert not is_permease(ATPASE)


def test_a_broken_signature_is_no_atpase() -> None:
    assert not is_atpase(ATPASE.replace("GPTGAGKS", "GPTGAGAA"))
    assert not is_atpase(ATPASE.replace("LSGGERQR", "LSPPERQR"))


def genes(*rows: tuple[int, int, int, bool]) -> pd.DataFrame:
    """Contig, protein, start, strand; each 700 bases long."""
    table = pd.DataFrame(rows, columns=["contig", "protein", "start", "forward"])
    return table.assign(rank=range(len(table)), end=table["start"] + 699)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, 1, 1, True), (1, 2, 711, True)], [Candidate(0, 1)]),
        ([(1, 2, 1, False), (1, 1, 690, False)], [Candidate(1, 0)]),
        ([(1, 1, 1, True), (1, 2, 711, False)], []),  # on two strands
        ([(1, 1, 1, True), (1, 2, 902, True)], []),  # 201 bases apart
        ([(1, 1, 1, True), (2, 2, 711, True)], []),  # on two contigs
        ([(1, 1, 1, True), (1, 3, 711, True), (1, 2, 1421, True)], []),  # one between
        ([(1, 1, 1, True), (1, 99, 711, True)], []),  # a gene without sequence
    ],
)
def test_pairs_stand_side_by_side(rows: list, expected: list[Candidate]) -> None:
    assert find(genes(*rows), SEQUENCES) == expected
