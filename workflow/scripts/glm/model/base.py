"""What both models are: a torch module with a configuration, written and read as transformers does.

To import transformers takes longer than torch, and nothing here needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.overrides import TorchFunctionMode

from glm.model.configuration import Configuration
from glm.model.directory import WEIGHTS

FORMER_NAMES = {
    r"^project\.": "input_projection.",
    r"^predict\.": "prediction_head.",
    r"^weigh\.": "likelihood_head.",
    r"\.widen\.": ".up_projection.",
    r"\.narrow\.": ".down_projection.",
}
"""What some weights were called before, as a pattern, and what they are called now."""


def current_name(name: str) -> str:
    """What a weight of this or an older version is called now."""
    for former, current in FORMER_NAMES.items():
        name = re.sub(former, current, name)
    return name


class Undrawn(TorchFunctionMode):
    """Draws no random numbers: where there are shapes alone, torch's compiler would be imported."""

    def __torch_function__(
        self, function: Any, types: Any, arguments: Any = (), options: Any = None
    ) -> Any:
        """Call a function of torch, unless it is one that draws in place."""
        options = options or {}
        if function.__name__ in ("normal_", "uniform_"):
            return arguments[0] if arguments else options["tensor"]
        return function(*arguments, **options)


@contextmanager
def shapes_alone() -> Iterator[None]:
    """Models made in this have weights of their shapes, but no numbers and no memory."""
    with torch.device("meta"), Undrawn():
        yield


class Model(nn.Module):
    """A model of a configuration: its random weights, and its folder."""

    config_class: ClassVar[type[Configuration]]
    config: Any

    def __init__(self, config: Configuration) -> None:
        """Keep the configuration; the weights are the subclass's, which ends with `post_init`."""
        self.config = config  # first: transformers' constructor, where it follows, asks for it
        super().__init__()

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next(self.parameters()).device

    def post_init(self) -> None:
        """Draw every module's weights anew, those within a module before its own."""
        self.apply(self._init_weights)

    def _init_weights(self, module: nn.Module) -> None:
        """Random weights of one module, by transformers' rules: normal, biases zero, norms one."""
        match module:
            case nn.Linear():
                nn.init.normal_(module.weight, std=self.config.initializer_range)
                nn.init.zeros_(module.bias)
            case nn.Embedding():
                nn.init.normal_(module.weight, std=self.config.initializer_range)
            case nn.LayerNorm():
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            case nn.LSTM():
                for name, values in module.named_parameters():
                    if "weight" in name:
                        nn.init.xavier_uniform_(values)
                    else:
                        nn.init.zeros_(values)

    @classmethod
    def from_pretrained(cls, folder: Path | str) -> Self:
        """The model of a folder, float32, in evaluation mode, on the processor.

        Weights are found under their former names too. Raises OSError, ValueError or TypeError
        for a folder of no such model, SafetensorError for torn weights, and RuntimeError naming
        every weight that is missing, unexpected or of another shape.
        """
        with shapes_alone():
            made = cls(cls.config_class.from_pretrained(folder))
        weights = {
            current_name(name): values.to(torch.float32, copy=True)  # not the file, mapped
            for name, values in load_file(Path(folder) / WEIGHTS).items()
        }
        made.load_state_dict(weights, assign=True)
        return made.eval()

    def save_pretrained(self, folder: Path | str) -> None:
        """Write config.json and model.safetensors into a folder, which is made if need be."""
        kind = str(next(self.parameters()).dtype).removeprefix("torch.")
        self.config.save_pretrained(folder, architectures=[type(self).__name__], dtype=kind)
        weights = {name: value.contiguous() for name, value in self.state_dict().items()}
        save_file(weights, Path(folder) / WEIGHTS, {"format": "pt"})
