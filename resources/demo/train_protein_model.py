"""Make the demo's protein model from the demo's release: resources/demo/protein_model/.

    python resources/demo/train_protein_model.py --threads 2

Layer 1 is constructed from windows of the release's proteins, the projection behind it is fitted on
them in closed form. E. coli's proteins and 15 % of the families of homologues are left out; the
latter are listed in held_out.txt for evaluate_protein_model.py. The same release, packages, mmseqs
and kind of processor give the same bytes; another processor or a GPU rounds otherwise, and
components whose variances are nearly equal may then come out turned.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "workflow" / "scripts"))

from glm import files, step  # noqa: E402
from glm.embedding.checkpoints import write_vocabulary  # noqa: E402
from glm.embedding.protein_model import WEIGHTS, Identity  # noqa: E402
from protein_model_training.detectors import FEATURES, build_detectors  # noqa: E402
from protein_model_training.projection import (  # noqa: E402
    fit_projection,
    pooled_activations,
    set_projection,
)
from protein_model_training.release import choose_fitting_set, read_release  # noqa: E402

EXCLUDED = "Escherichia coli"
THRESHOLD_PROTEINS = 80
NOTE = (
    "detectors of residue patterns, constructed, and a projection fitted on the demo's proteins; "
    "not trained by masked language modelling, and no substitute for ESM-2"
)


def train_protein_model(
    threads: int,
    release: Path = HERE / "release",
    device: str = "cpu",
    run_seed: int = 1,
    *,
    output: Path = HERE / "protein_model",
) -> None:
    """Choose the proteins, build the detectors, fit the projection, write the model's folder.

    device: cpu or cuda.
    """
    torch.set_num_threads(1)  # here and below: sums do not depend on how many cores there are
    corpus = read_release(release)
    chosen = choose_fitting_set(corpus, EXCLUDED, run_seed, threads)
    proteins = list(chosen.fitted.values())
    every = max(1, len(proteins) // THRESHOLD_PROTEINS)
    model = build_detectors(proteins, proteins[::every], chosen.scores, run_seed, device)
    logging.info("built the detectors; now their activations over %d proteins", len(proteins))
    activations = pooled_activations(model, proteins, threads, device)
    with threadpool_limits(1):
        projection = fit_projection(activations, chosen.homologues)
    set_projection(model, projection)

    output.mkdir(parents=True, exist_ok=True)
    with files.writing(output / "new") as beside:
        model.save_pretrained(beside)
        write_vocabulary(beside)
        (beside / "held_out.txt").write_text("".join(f"{name}\n" for name in chosen.held_out))
        weights = files.sha256(beside / WEIGHTS)
        source = "resources/demo/train_protein_model.py"
        layers = model.config.num_hidden_layers
        identity = Identity("demo-encoder", source, weights, FEATURES, layers, True, note=NOTE)
        identity.write(beside)
    for path in (output / "new").iterdir():
        path.chmod(0o644)
        path.replace(output / path.name)
    (output / "new").rmdir()
    logging.info("%s: SHA-256 %s", output / WEIGHTS, weights)


if __name__ == "__main__":
    step.run(train_protein_model)
