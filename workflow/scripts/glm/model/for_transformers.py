"""Both models as transformers' own: importing this module registers them with its Auto classes.

`AutoModel.from_pretrained(DIRECTORY)` then loads a trained model with no code of its own. Each
class is one of `glm.model` and a `PreTrainedModel`; its files are the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from glm.model import bilstm, configuration, genomic
from glm.model.base import FORMER_NAMES, Model


class GenomicLanguageModelConfig(PretrainedConfig, configuration.GenomicLanguageModelConfig):  # type: ignore[misc]
    """A gLM's configuration, with transformers' names of its sizes."""

    model_type = configuration.GenomicLanguageModelConfig.model_type
    attribute_map = {  # noqa: RUF012  (transformers declares it without ClassVar)
        "num_hidden_layers": "layers",
        "num_attention_heads": "heads",
        "intermediate_size": "feed_forward_size",
    }

    def __post_init__(self, **kwargs: Any) -> None:
        """Refuse what no model can have, as ours does."""
        super().__post_init__(**kwargs)
        configuration.GenomicLanguageModelConfig.__post_init__(self)


class BidirectionalLSTMConfig(PretrainedConfig, configuration.BidirectionalLSTMConfig):  # type: ignore[misc]
    """A biLSTM's configuration."""

    model_type = configuration.BidirectionalLSTMConfig.model_type


class PreTrainedConstructor(PreTrainedModel):
    """transformers' constructor, called without arguments by that of `Model`."""

    def __init__(self) -> None:
        """With the configuration that `Model` has kept."""
        super().__init__(self.config)


class PreTrainedMethods:
    """Those methods of `PreTrainedModel` that `Model`, which comes before it, has too."""

    @classmethod
    def from_pretrained(cls, *arguments: Any, **options: Any) -> Any:
        """As transformers has it; weights are found under their former names too."""
        options = {"key_mapping": FORMER_NAMES, **options}
        return super(Model, cls).from_pretrained(*arguments, **options)  # type: ignore[misc]

    def save_pretrained(self, folder: Path | str, *arguments: Any, **options: Any) -> None:
        """As transformers has it."""
        super(Model, self).save_pretrained(folder, *arguments, **options)  # type: ignore[misc]

    def post_init(self) -> None:
        """As transformers has it."""
        super(Model, self).post_init()  # type: ignore[misc]


class GenomicLanguageModel(PreTrainedMethods, genomic.GenomicLanguageModel, PreTrainedConstructor):  # type: ignore[misc]
    """The gLM."""

    config_class = GenomicLanguageModelConfig  # type: ignore[misc]
    base_model_prefix = "glm"
    main_input_name = "features"


class BidirectionalLSTM(PreTrainedMethods, bilstm.BidirectionalLSTM, PreTrainedConstructor):  # type: ignore[misc]
    """The biLSTM."""

    config_class = BidirectionalLSTMConfig  # type: ignore[misc]
    base_model_prefix = "bilstm"
    main_input_name = "features"


for _model in (GenomicLanguageModel, BidirectionalLSTM):
    AutoConfig.register(_model.config_class.model_type, _model.config_class, exist_ok=True)
    AutoModel.register(_model.config_class, _model, exist_ok=True)
