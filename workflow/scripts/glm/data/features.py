"""From stored protein embeddings to the model's input and labels, on whatever device it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glm import tables
from glm.data.constants import CLIP, FORWARD, MASKED, REVERSE, WITHOUT_REPRESENTATIVE
from glm.errors import GlmError


@dataclass(frozen=True)
class Preprocessing:
    """How inputs and labels are made of embeddings; the keys of a gLM's configuration.

    input_clip: standardised features are cut to +- so many deviations; None: they are not.
    label_clip: the same of the whitened components. ones_standardised: the ones of a gene without
    representative stand for its embedding, and are standardised and clipped as one; else they stand
    for its standardised features. The published code clips labels, and standardises ones.
    """

    input_clip: float | None = CLIP
    label_clip: float | None = None
    ones_standardised: bool = False

    @classmethod
    def of(cls, keys: Mapping[str, Any]) -> Preprocessing:
        """As a model's configuration says; what it does not say is as the paper has it."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: keys[name] for name in known & keys.keys()})


class FeatureBuilder(nn.Module):
    """Standardises embeddings, adds orientation, masks, and makes labels; holds no parameters.

    The buffers are float32 and move with `.to(device)`: mean and standard_deviation (D,),
    directions (components, D), centre (components,) and variance (components,), as the tables
    `standardisation` and `label_components` hold them.
    """

    mean: Tensor
    standard_deviation: Tensor
    directions: Tensor
    centre: Tensor
    variance: Tensor

    def __init__(
        self,
        mean: Tensor,
        standard_deviation: Tensor,
        directions: Tensor,
        centre: Tensor,
        variance: Tensor,
        preprocessing: Preprocessing = Preprocessing(),
    ) -> None:
        """Take the fitted numbers; features that never vary are left at zero."""
        super().__init__()
        self.preprocessing = preprocessing
        scale = standard_deviation.masked_fill(standard_deviation == 0, 1)
        self.register_buffer("mean", mean.float())
        self.register_buffer("standard_deviation", scale.float())
        self.register_buffer("directions", directions.float())
        self.register_buffer("centre", centre.float())
        self.register_buffer("variance", variance.float())

    def standardise(self, embeddings: Tensor, present: Tensor | None = None) -> Tensor:
        """(genes, D) raw, of any floating type, to float32: standardised, clipped.

        present: (genes,) bool, by default all; a gene without representative is a vector of ones.
        """
        raw, made = embeddings.float(), self.preprocessing
        if present is None:
            present = torch.ones(len(raw), dtype=torch.bool, device=raw.device)
        missing = ~present[:, None]
        if made.ones_standardised:
            raw = raw.masked_fill(missing, WITHOUT_REPRESENTATIVE)
        standard = clip((raw - self.mean) / self.standard_deviation, made.input_clip)
        if made.ones_standardised:
            return standard
        return standard.masked_fill(missing, WITHOUT_REPRESENTATIVE)

    def features(
        self,
        embeddings: Tensor,
        present: Tensor,
        forward: Tensor,
        masked_genes: Tensor | None = None,
    ) -> Tensor:
        """The model's input, (genes, D + 1) float32.

        forward: (genes,) bool, the strand: the last feature is +0.5 or -0.5. masked_genes:
        (genes,) bool; every feature of a masked gene, its orientation too, is -1.
        """
        built = torch.cat([self.standardise(embeddings, present), orientation(forward)], 1)
        if masked_genes is None:
            return built
        return built.masked_fill(masked_genes[:, None], MASKED)

    def labels(self, embeddings: Tensor, present: Tensor, forward: Tensor) -> Tensor:
        """What is to be predicted, (genes, components + 1) float32.

        Whitened principal components of what `standardise` makes, clipped, then the orientation.
        The label of a gene without representative means nothing but its orientation, and it is
        never a candidate in the accuracies.
        """
        # a matrix product in half precision would change which label is the closest
        with torch.autocast(embeddings.device.type, enabled=False):
            scores = self.standardise(embeddings, present) @ self.directions.T - self.centre
            whitened = clip(scores / self.variance.sqrt(), self.preprocessing.label_clip)
            return torch.cat([whitened, orientation(forward)], 1)


def clip(numbers: Tensor, limit: float | None) -> Tensor:
    """Numbers cut to +- a limit; as they are without one."""
    return numbers if limit is None else numbers.clamp(-limit, limit)


def orientation(forward: Tensor) -> Tensor:
    """(genes,) bool to (genes, 1) float32: +0.5 on the forward strand, -0.5 on the reverse."""
    return forward[:, None].float() * (FORWARD - REVERSE) + REVERSE


def read_feature_builder(
    standardisation: Path, label_components: Path, keys: Mapping[str, Any]
) -> FeatureBuilder:
    """The fitted numbers of the two tables, as the module that makes features and labels.

    keys: of the configuration of the model that they are for, as `Preprocessing` reads them.
    Raises `GlmError` if the tables were not fitted on embeddings of the same size.
    """
    fitted = tables.read(standardisation, tables.STANDARDISATION).sort_by("feature")
    components = tables.read(label_components, tables.LABEL_COMPONENTS).sort_by("component")
    directions = np.stack(components["direction"].to_numpy())
    if directions.shape[1] != len(fitted):
        raise GlmError(
            f"{label_components}: directions over {directions.shape[1]} features, but "
            f"{standardisation} has {len(fitted)}; fit both again on the same embeddings"
        )
    return FeatureBuilder(
        mean=torch.from_numpy(fitted["mean"].to_numpy().copy()),
        standard_deviation=torch.from_numpy(fitted["standard_deviation"].to_numpy().copy()),
        directions=torch.from_numpy(directions),
        centre=torch.from_numpy(components["centre"].to_numpy().copy()),
        variance=torch.from_numpy(components["variance"].to_numpy().copy()),
        preprocessing=Preprocessing.of(keys),
    )
