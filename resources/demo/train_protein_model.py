"""Train the demo's protein model on the demo's release: resources/demo/protein_model/.

    python resources/demo/train_protein_model.py --device cuda

Minutes on a GPU; on a processor the same takes some twenty hours of two cores. E. coli's proteins
and 15 % of the families of homologues are left out; the latter are listed in held_out.txt for
evaluate_protein_model.py.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "workflow" / "scripts"))

from glm import files, step  # noqa: E402
from glm.embedding.checkpoints import write_vocabulary  # noqa: E402
from glm.embedding.protein_model import WEIGHTS, Identity  # noqa: E402
from protein_model_training.contrastive import FEATURES, LAYERS, Training, train  # noqa: E402
from protein_model_training.evolution import Evolution  # noqa: E402
from protein_model_training.release import choose_fitting_set, read_release  # noqa: E402

EXCLUDED = "Escherichia coli"
NOTE = (
    "trained on the demo's proteins, by their homologues and masked residues; "
    "no substitute for ESM-2"
)


def train_protein_model(
    threads: int,
    release: Path = HERE / "release",
    device: str = "cpu",
    steps: int = 1600,
    pairs: int = 1024,
    length: int = 256,
    learning_rate: float = 2e-3,
    run_seed: int = 1,
    *,
    output: Path = HERE / "protein_model",
) -> None:
    """Choose the proteins, train, write the model's folder.

    device: cpu or cuda. pairs: of homologues a step. length: residues of each that are read.
    """
    torch.set_num_threads(threads)
    chosen = choose_fitting_set(read_release(release), EXCLUDED, run_seed, threads)
    how = Training(steps, pairs, length, learning_rate)
    model = train(Evolution(chosen, device), how, run_seed).esm
    for weights in model.parameters():  # not the rotation's frequencies, which need their digits
        weights.data = weights.data.half()

    output.mkdir(parents=True, exist_ok=True)
    with files.writing(output / "new") as beside:
        model.save_pretrained(beside)
        write_vocabulary(beside)
        (beside / "held_out.txt").write_text("".join(f"{name}\n" for name in chosen.held_out))
        sha256 = files.sha256(beside / WEIGHTS)
        source = "resources/demo/train_protein_model.py"
        identity = Identity("demo-encoder", source, sha256, FEATURES, LAYERS, True, note=NOTE)
        identity.write(beside)
    for path in (output / "new").iterdir():
        path.chmod(0o644)
        path.replace(output / path.name)
    (output / "new").rmdir()
    logging.info("%s: SHA-256 %s", output / WEIGHTS, sha256)


if __name__ == "__main__":
    step.run(train_protein_model)
