"""What a reference's header calls a protein, and whether the name says anything.

Headers are read as UniRef (`UniRef100_Q6GZX4 Product n=4 Tax=… RepID=…`), UniProt
(`sp|Q6GZX4|001R_FRG3G Product OS=… OX=… PE=4 SV=1`), RefSeq (`WP_000000001.1 product [Organism]`)
and prokka's databases (`ID EC~~~gene~~~product`) write them; anything else is all product.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FIELDS = re.compile(r"\s(?:n|Tax|TaxID|RepID|OS|OX|GN|PE|SV|EC|Split)=.*", re.DOTALL)
ORGANISM = re.compile(r"\s*\[[^\[\]]+\]\s*$")
PROKKA = "~~~"
WORDS = ("unannotated", "uncharacterized", "hypothetical", "DUF")
"""The words by which the paper calls a hit unannotated."""


def product_name(title: str) -> str:
    """The product of a FASTA header (without `>`); empty if it has none."""
    _, _, rest = title.strip().partition(" ")
    if PROKKA in rest:
        fields = rest.split(PROKKA)
        return fields[2].strip() if len(fields) > 2 else ""
    without_fields = FIELDS.sub("", f" {rest}")
    return ORGANISM.sub("", without_fields).strip()


def word_pattern(words: Sequence[str]) -> re.Pattern[str]:
    """A pattern of whole words in any case.

    A word ends where its letters end, so that DUF1234 and DUF_1 are DUF, and Duffy is not.
    """
    choice = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?<![^\W\d_])(?:{choice})(?![^\W\d_])", re.IGNORECASE)


def unannotated_word(product: str, pattern: re.Pattern[str]) -> str | None:
    """The word, in lower case, for which a product counts as unannotated; None if there is none."""
    found = pattern.search(product)
    return found[0].lower() if found else None
