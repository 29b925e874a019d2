"""Take a gLM that is there already, in place of training one: its directory, checked."""

from pathlib import Path

from glm import step
from glm.model.pretrained import EmbeddingSettings, take_pretrained


def download_pretrained_model(
    identity: Path,
    pretrained: str,
    layer: int | None,
    maximum_residues: int | None,
    maximum_tokens: int | None,
    *,
    model: Path,
    standardisation: Path,
    label_components: Path,
    config: Path,
) -> None:
    """Put the model directory `pretrained` (a folder or an address) into that of `model`.

    identity: of the run's protein model, which must be the gLM's. layer, maximum_residues,
    maximum_tokens: how the run embeds proteins, which must be as in the gLM's training.
    """
    settings = EmbeddingSettings(layer, maximum_residues, maximum_tokens)
    take_pretrained(pretrained, model.parent, standardisation.parent, identity.parent, settings)


if __name__ == "__main__":
    step.run(download_pretrained_model)
