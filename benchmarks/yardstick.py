"""The published training step's shape, on transformers 4.57.6; run by its own environment.

An independent implementation to measure and to compare with: RoBERTa's encoder as transformers
had it, eager attention with `relative_key_query`, a padded batch, heads on every position, the
loss averaged over all positions, the accuracy counted in a Python loop over the masked genes
inside the forward pass, and an AdamW that is neither fused nor foreach. It carries none of the
published model's dead weights, which would only make it larger.

It knows nothing of the package, so that the two cannot be wrong together.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import RobertaConfig, RobertaModel

ALPHA = 1e-4
OURS_TO_ROBERTA = {
    "attention_output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up_projection": "intermediate.dense",
    "down_projection": "output.dense",
    "feed_forward_norm": "output.LayerNorm",
}


class Yardstick(nn.Module):
    """Input projection, RoBERTa encoder, and the two heads, on padded batches."""

    def __init__(self, sizes: dict[str, Any]) -> None:
        """`sizes` are the entries of the gLM's config.json."""
        super().__init__()
        self.predictions = sizes["predictions"]
        self.label_size = sizes["label_components"] + 1
        settings: dict[str, Any] = {
            "vocab_size": 2,
            "hidden_size": sizes["hidden_size"],
            "num_hidden_layers": sizes["layers"],
            "num_attention_heads": sizes["heads"],
            "intermediate_size": sizes["feed_forward_size"],
            "hidden_dropout_prob": sizes["dropout"],
            "attention_probs_dropout_prob": sizes["dropout"],
            "max_position_embeddings": sizes["maximum_distance"],
            "position_embedding_type": "relative_key_query",
            "type_vocab_size": 1,
            "layer_norm_eps": sizes["layer_norm_eps"],
            "attn_implementation": "eager",
        }
        config = RobertaConfig(**settings)
        self.dense = nn.Linear(sizes["embedding_size"] + 1, config.hidden_size)
        self.roberta = RobertaModel(config, add_pooling_layer=False)
        self.heads = nn.Linear(config.hidden_size, self.predictions * self.label_size)
        self.likelihoods = nn.Linear(config.hidden_size, self.predictions)

    def hidden(self, features: Tensor, real: Tensor) -> Tensor:
        """(subcontigs, L, features) and the mask of real genes to (subcontigs, L, hidden)."""
        return self.roberta(
            inputs_embeds=self.dense(features), attention_mask=real
        ).last_hidden_state

    def forward(
        self, features: Tensor, real: Tensor, masked: Tensor, labels: Tensor
    ) -> tuple[Tensor, int]:
        """Loss averaged over all positions, and how many masked genes are found.

        features: (subcontigs, L, size), labels: (subcontigs, L, label size); real and masked:
        (subcontigs, L), int64 and bool.
        """
        hidden = self.hidden(features, real)
        predictions = self.heads(hidden).view(*hidden.shape[:2], self.predictions, -1)
        likelihoods = self.likelihoods(hidden)
        errors = (predictions - labels[:, :, None]).square().mean(-1)
        closest = errors.argmin(-1)
        chosen = predictions.gather(
            2, closest[..., None, None].expand(-1, -1, 1, self.label_size)
        ).squeeze(2)
        squared = F.mse_loss(chosen * masked[..., None], labels * masked[..., None])
        entropy = F.cross_entropy(
            (likelihoods * masked[..., None]).flatten(0, 1), (closest * masked).flatten()
        )
        found = 0
        with torch.no_grad():
            for subcontig, gene in masked.nonzero():
                distances = torch.cdist(chosen[subcontig, gene][None], labels[subcontig])
                found += int(distances.argmin() == gene)
        return squared + ALPHA * entropy, found


def optimiser(model: nn.Module, learning_rate: float = 1e-4) -> torch.optim.AdamW:
    """AdamW, one parameter and one operation after another."""
    return torch.optim.AdamW(
        model.parameters(), lr=learning_rate, eps=1e-6, weight_decay=0, foreach=False, fused=False
    )


def load(model: Yardstick, ours: dict[str, Tensor]) -> None:
    """Give the yardstick the weights of a gLM of this project, by name; all must find a place."""
    theirs = {
        "dense.weight": ours["input_projection.weight"],
        "dense.bias": ours["input_projection.bias"],
        "roberta.embeddings.token_type_embeddings.weight": ours["token_type.weight"],
        "roberta.embeddings.LayerNorm.weight": ours["norm.weight"],
        "roberta.embeddings.LayerNorm.bias": ours["norm.bias"],
    }
    for kind in ("weight", "bias"):
        theirs[f"heads.{kind}"] = ours[f"prediction_head.{kind}"]
        theirs[f"likelihoods.{kind}"] = ours[f"likelihood_head.{kind}"]
    for layer in range(len(model.roberta.encoder.layer)):
        here, there = f"layers.{layer}", f"roberta.encoder.layer.{layer}"
        theirs[f"{there}.attention.self.distance_embedding.weight"] = ours[
            f"{here}.attention.distance.weight"
        ]
        for kind in ("weight", "bias"):
            thirds = ours[f"{here}.attention.query_key_value.{kind}"].chunk(3)
            for name, part in zip(("query", "key", "value"), thirds, strict=True):
                theirs[f"{there}.attention.self.{name}.{kind}"] = part
            for name, their_name in OURS_TO_ROBERTA.items():
                theirs[f"{there}.{their_name}.{kind}"] = ours[f"{here}.{name}.{kind}"]
    missing, unexpected = model.load_state_dict(theirs, strict=False)
    never_used = {"roberta.embeddings.word_embeddings.weight"}
    never_used.add("roberta.embeddings.position_embeddings.weight")
    if unexpected or set(missing) - never_used:
        raise ValueError(f"weights do not fit: {missing=}, {unexpected=}")
    nn.init.zeros_(model.roberta.embeddings.position_embeddings.weight)


def main() -> None:
    """Hidden states of batches of padded features under given weights, file to file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, required=True, help="directory of a saved gLM")
    parser.add_argument("--input", type=Path, required=True, help="safetensors: features.N, real.N")
    parser.add_argument("--output", type=Path, required=True, help="safetensors: hidden.N")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = Yardstick(json.loads((arguments.model / "config.json").read_text())).eval()
    load(model, load_file(arguments.model / "model.safetensors"))
    given = load_file(arguments.input)
    with torch.no_grad():
        hidden = {
            f"hidden.{batch}": model.hidden(given[f"features.{batch}"], given[f"real.{batch}"])
            for batch in range(len(given) // 2)
        }
    save_file(hidden, arguments.output)


if __name__ == "__main__":
    main()
