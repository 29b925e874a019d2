"""A corpus that is too small for some analyses still gets its report."""

from __future__ import annotations

import pytest
from tests.faults.pipeline import Pipeline

REASONS = {
    "semantics": "0 groups with enough genes; two are needed",
    "enzymes": "0 enzyme classes have 3 proteins or more",
    "taxonomy": "under two labels have a contig for each fold",
    "viruses": "the genomes have too few viral contigs",
}


@pytest.mark.parametrize("analysis", REASONS)
def test_the_page_says_why_in_the_place_of_the_figure(analysed: Pipeline, analysis: str) -> None:
    page = (analysed.results / "report" / "index.html").read_text()
    assert f"Nothing could be measured: {REASONS[analysis]}" in page
