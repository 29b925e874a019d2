"""Where the published gLM is, what its files must be, and under which licence they are."""

from __future__ import annotations

RECORD, COMMIT = "7855545", "8473041306afe96296e5b218a8805338f68a8e6c"
ZENODO, GITHUB = "https://zenodo.org", "https://raw.githubusercontent.com"
CHECKPOINT, NORM, PCA, OPERONS = "glm.bin", "norm.pkl", "pca.pkl", "operon_predictor.pkl"
RECORD_OF_FILES = f"api/records/{RECORD}"
ADDRESSES = {
    CHECKPOINT: f"record/{RECORD}/files/{CHECKPOINT}",
    **{name: f"y-hwang/gLM/{COMMIT}/data/{name}" for name in (NORM, PCA, OPERONS)},
}
SHA256 = {
    NORM: "aa72b127e918b2d8aaf14df9e684058cda5165575d3a7121023a28fea8d035cc",
    PCA: "b1215bb9772c47defee37ec3385798ecd4f3d0dbf51eb30a1831ef84da3cb399",
    OPERONS: "b858c1d87d74b7c6248fe451743ed22cab12a416d4e51bc1af5675aff44ea47e",
}
"""glm.bin's is not known yet: until it is added here, the MD5 that its record states is checked."""
ESM2 = "facebook/esm2_t33_650M_UR50D"
LICENCE = f"""\
The published gLM is the property of the President and Fellows of Harvard College. Its licence
allows academic, non-commercial research only, and neither the weights nor what is made of them
may be passed on: https://github.com/y-hwang/gLM/blob/{COMMIT}/LICENSE
ESM-2, which it reads, is under the MIT licence. A patent application covers the method (NOTICE)."""
LICENCE_IN_SHORT = "academic, non-commercial research only; not to be passed on (y-hwang/gLM)"


def address(name: str, mirror: str | None) -> str:
    """The address of a file, or its record's; `mirror` has the paths of both servers."""
    path = ADDRESSES.get(name, name)
    server = GITHUB if name in (NORM, PCA, OPERONS) else ZENODO
    return f"{(mirror or server).rstrip('/')}/{path}"
