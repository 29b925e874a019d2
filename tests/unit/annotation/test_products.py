from __future__ import annotations

import pytest

from glm.annotation.products import WORDS, product_name, unannotated_word, word_pattern

TITLES = {
    # UniRef, UniProt, RefSeq, INSDC, prokka's databases: headers as they are published
    "UniRef100_Q6GZX4 Putative transcription factor 001R n=4 Tax=Ranavirus TaxID=10492 RepID=001R":
        "Putative transcription factor 001R",
    "UniRef100_UPI0003E2 DUF4097 domain-containing protein n=1 Tax=Bacillus TaxID=1386 RepID=UPI":
        "DUF4097 domain-containing protein",
    "sp|A1RK89|MINC_SHESW Probable septum site-determining protein MinC OS=Shewanella sp. GN=minC":
        "Probable septum site-determining protein MinC",
    "tr|G1RYF3|G1RYF3_NOMLE Uncharacterized protein OS=Nomascus leucogenys GN=CMTM5 PE=4 SV=1":
        "Uncharacterized protein",
    "WP_000002542.1 MULTISPECIES: F0F1 ATP synthase subunit A [Enterobacteriaceae]":
        "MULTISPECIES: F0F1 ATP synthase subunit A",
    "NP_414542.1 thr operon leader peptide [Escherichia coli str. K-12 substr. MG1655]":
        "thr operon leader peptide",
    "WP_1.1 3-oxoacyl-[acyl-carrier-protein] synthase [Vibrio cholerae]":
        "3-oxoacyl-[acyl-carrier-protein] synthase",
    "YP_005355174.1 2.4.1.-~~~cpsE~~~glycosyl transferase group 2 family protein":
        "glycosyl transferase group 2 family protein",
    "YP_005353464.1 mevalonate kinase OS=Enterococcus EC=2.7.1.36": "mevalonate kinase",
    "UniRef100_X n=1 Tax=root TaxID=1 RepID=X": "",
    "MGYP000000000001": "",
}  # fmt: skip
UNKNOWN = {
    "Uncharacterized protein": "uncharacterized",
    "Putative uncharacterized protein (Fragment)": "uncharacterized",
    "Uncharacterized tRNA/rRNA methyltransferase MUL_4155": "uncharacterized",
    "HYPOTHETICAL PROTEIN": "hypothetical",
    "Conserved hypothetical DegV family protein": "hypothetical",
    "hypothetical_protein": "hypothetical",
    "conserved unannotated protein": "unannotated",
    "DUF4097 domain-containing protein": "duf",
    "Protein of unknown function DUF86, BT0167 group": "duf",
    "Domain of unknown function (DUF3794)": "duf",
    "DUF218-containing protein": "duf",
    "PF04055/DUF_512 domain protein": "duf",
}
KNOWN = [
    "Duffy receptor beta form",
    "Duffy-antigen binding protein",
    "DUFFY binding domain-containing protein",
    "Hypothetically",
    "Protein of unknown function",
    "Putative protease",
    "MDUF homologue",
    "DNA-directed RNA polymerase subunit beta",
    "UPF0102 protein YraN",
    "Uncharacterised protein",  # the paper lists the American spelling alone
]


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_the_product_of_a_header(title: str) -> None:
    assert product_name(title) == TITLES[title]


@pytest.mark.parametrize("product", UNKNOWN)
def test_names_of_unknown_proteins(product: str) -> None:
    assert unannotated_word(product, word_pattern(WORDS)) == UNKNOWN[product]


@pytest.mark.parametrize("product", KNOWN)
def test_names_that_only_contain_such_letters(product: str) -> None:
    assert unannotated_word(product, word_pattern(WORDS)) is None


def test_other_words_by_configuration() -> None:
    pattern = word_pattern(["uncharacterised", "c++ (x)"])
    assert unannotated_word("Uncharacterised protein", pattern) == "uncharacterised"
    assert unannotated_word("a C++ (x) protein", pattern) == "c++ (x)"
    assert unannotated_word("hypothetical protein", pattern) is None
