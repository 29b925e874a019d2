"""The gLM, its biLSTM baseline, what goes into them and how they are judged.

Importing this package registers both models with transformers' Auto classes, so that
`AutoModel.from_pretrained(DIRECTORY)` loads a trained model with no code of its own.
"""

from transformers import AutoConfig, AutoModel

from glm.model.bilstm import BidirectionalLSTM
from glm.model.configuration import BidirectionalLSTMConfig, GenomicLanguageModelConfig
from glm.model.genomic import GenomicLanguageModel
from glm.model.layout import Layout
from glm.model.output import GenomicOutput

__all__ = [
    "BidirectionalLSTM",
    "BidirectionalLSTMConfig",
    "GenomicLanguageModel",
    "GenomicLanguageModelConfig",
    "GenomicOutput",
    "Layout",
]

for _config, _model in (
    (GenomicLanguageModelConfig, GenomicLanguageModel),
    (BidirectionalLSTMConfig, BidirectionalLSTM),
):
    AutoConfig.register(_config.model_type, _config, exist_ok=True)
    AutoModel.register(_config, _model, exist_ok=True)
