"""Fit what the gLM reads and predicts on the training proteins.

The mean and standard deviation of each embedding feature, and the whitened principal components
that are the labels (Methods, Sequence database).
"""

from pathlib import Path

from glm import step, tables
from glm.embedding.fits import fit_label_components, fit_standardisation, training_proteins


def fit_features(
    embeddings: list[Path],
    representatives: Path,
    subcontigs: Path,
    splits: Path,
    components: int,
    *,
    standardisation: Path,
    label_components: Path,
) -> None:
    """Fit both and write them; components: of the labels."""
    training = training_proteins(subcontigs, splits, representatives)
    scale = fit_standardisation(embeddings, training)
    fitted = fit_label_components(embeddings, training, scale, components)
    tables.write(scale, standardisation, tables.STANDARDISATION, step.stamp())
    tables.write(fitted, label_components, tables.LABEL_COMPONENTS, step.stamp())


if __name__ == "__main__":
    step.run(fit_features)
