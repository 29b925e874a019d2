"""The three kinds of protein model: a folder, a name on the hub, a fair-esm checkpoint."""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glm import files, hub, logs
from glm.corpus import streams
from glm.corpus.download import fetch
from glm.corpus.release import RemoteFile
from glm.embedding.alphabet import TOKENS
from glm.embedding.protein_model import (
    CONFIG,
    IDENTITY,
    WEIGHTS,
    Identity,
    identify,
    load_model,
    read_identity,
    refuse_random,
)
from glm.errors import GlmError
from glm.torch_files import read_torch

if TYPE_CHECKING:
    import torch
    from transformers import EsmConfig, EsmModel

VOCABULARY = "vocab.txt"


@dataclass(frozen=True)
class FairEsm:
    """A published fair-esm checkpoint: its address, and the bytes that must come from there."""

    url: str
    size: int
    sha256: str


FAIR_ESM = {
    "esm2_t33_650M_UR50D.pt": FairEsm(
        "https://dl.fbaipublicfiles.com/fair-esm/models/esm2_t33_650M_UR50D.pt",
        2_607_531_725,
        "c89758ebab0cecd17aebf8fae7a3000f56cac3e544606e1f8780696c00b8cf16",
    ),
}
FAIR_ESM_PREFIX = re.compile(r"^(encoder\.sentence_encoder\.|encoder\.)")
FAIR_ESM_RENAMED = (
    (r"^embed_tokens\.", "embeddings.word_embeddings."),
    (r"^emb_layer_norm_after\.", "encoder.emb_layer_norm_after."),
    (r"^layers\.0\.self_attn\.rot_emb\.inv_freq$", "rotary_embeddings.inv_freq"),
    (r"^layers\.(\d+)\.self_attn\.([qkv])_proj\.", r"encoder.layer.\1.attention.self.\2."),
    (r"^layers\.(\d+)\.self_attn\.out_proj\.", r"encoder.layer.\1.attention.output.dense."),
    (r"^layers\.(\d+)\.self_attn_layer_norm\.", r"encoder.layer.\1.attention.LayerNorm."),
    (r"^layers\.(\d+)\.fc1\.", r"encoder.layer.\1.intermediate.dense."),
    (r"^layers\.(\d+)\.fc2\.", r"encoder.layer.\1.output.dense."),
    (r"^layers\.(\d+)\.final_layer_norm\.", r"encoder.layer.\1.LayerNorm."),
    (r"\.self\.q\.", ".self.query."),
    (r"\.self\.k\.", ".self.key."),
    (r"\.self\.v\.", ".self.value."),
)


def fetch_protein_model(
    model: str, output: Path, revision: str | None = None, allow_random_weights: bool = False
) -> Identity:
    """Put the protein model that the configuration names into the folder `output`.

    `model` is a folder, a fair-esm checkpoint (a path, or the name of a published one), or a name
    on the hub. Raises `GlmError` if it is none of them, is damaged, or was never trained.
    """
    if Path(model).is_dir():
        return copy_folder(Path(model), output, allow_random_weights)
    if model.endswith(".pt"):
        return fetch_fair_esm(model, output)
    if hub.NAME.fullmatch(model) and not files.is_missing_folder(model):
        return fetch_from_hub(model, output, revision)
    raise GlmError(
        f"embedding.model is {model!r}: no such folder, and neither a fair-esm checkpoint "
        f"({', '.join(FAIR_ESM)}) nor a name on the hub (facebook/esm2_t33_650M_UR50D)"
    )


def copy_folder(source: Path, output: Path, allow_random_weights: bool) -> Identity:
    """Copy a model's folder, its weights checked against its identity."""
    identity = read_identity(source)
    refuse_random(identity, source, allow_random_weights)
    load_model(source)
    found = files.sha256(source / WEIGHTS)
    if found != identity.sha256:
        raise GlmError(
            f"{source / WEIGHTS}: SHA-256 is {found}, {IDENTITY} says {identity.sha256}; "
            "restore the file (git checkout), or correct the identity if the weights are new"
        )
    write_folder(source, output, identity)
    return identity


def write_folder(source: Path, output: Path, identity: Identity) -> None:
    """Copy configuration and weights, and write what they are and the vocabulary beside them."""
    with files.writing(output) as beside:
        beside.mkdir()
        for name in (CONFIG, WEIGHTS):
            shutil.copyfile(source / name, beside / name)
        identity.write(beside)
        write_vocabulary(beside)


def fetch_from_hub(name: str, output: Path, revision: str | None) -> Identity:
    """Fetch a model from the Hugging Face hub, or take it from the hub's own cache.

    The identity holds the commit that the revision stood for.
    """
    folder = hub.snapshot(
        name,
        (CONFIG, WEIGHTS),
        revision,
        "Check the name, embedding.revision and the network, and run again (it resumes); or name "
        "in embedding.model a folder that holds the model (docs/network.md)",
    )
    for file in (CONFIG, WEIGHTS):
        if not (folder / file).is_file():
            raise GlmError(f"{name}: the hub, or its cache, has no {file}; name a model that has")
    identity = identify(folder, name, f"https://huggingface.co/{name} at {folder.name}")
    write_folder(folder, output, identity)
    return identity


def fetch_fair_esm(model: str, output: Path) -> Identity:
    """Convert a fair-esm checkpoint, fetched from its publisher unless `model` is a file."""
    path, known = Path(model), FAIR_ESM.get(Path(model).name)
    source, fetched = str(path), None
    if not path.is_file():
        if known is None or path.name != model:
            raise GlmError(
                f"embedding.model is {model!r}: no such file; published fair-esm checkpoints with "
                f"a known checksum are {', '.join(FAIR_ESM)}"
            )
        path = fetched = fetch_checkpoint(known, output.with_name(f".{output.name}.{model}"))
        source = known.url
    found = files.sha256(path)
    if known is not None and found != known.sha256:
        raise GlmError(
            f"{source}: SHA-256 {found}; {known.url} has {known.sha256}. Nothing of it was used: "
            f"compare it with the publisher's, or name {path.name} alone, which is then fetched"
        )
    esm = convert_fair_esm(path)
    with files.writing(output) as beside:
        beside.mkdir()
        esm.save_pretrained(beside)
        weights = files.sha256(beside / WEIGHTS)
        identity = Identity(
            *(Path(model).stem, f"{source} (SHA-256 {found})", weights),
            *(esm.config.hidden_size, esm.config.num_hidden_layers),
        )
        identity.write(beside)
        write_vocabulary(beside)
    if fetched is not None:
        fetched.unlink()
    return identity


def fetch_checkpoint(known: FairEsm, path: Path) -> Path:
    """Fetch a published checkpoint to `path`, resuming what is there already."""
    file = RemoteFile(known.url, path.name, "protein_model", md5=None, sha256=known.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    name = Path(known.url).name
    with streams.client() as client, logs.progress_bar(known.size, "B", desc=name) as bar:
        return fetch(client, file, path.parent, bar)


def convert_fair_esm(path: Path) -> EsmModel:
    """Read a fair-esm ESM-2 checkpoint (tensors and plain settings alone) as an `EsmModel`."""
    checkpoint = read_torch(path, argparse.Namespace)
    try:
        settings, state = checkpoint["cfg"]["model"], checkpoint["model"]
        sizes = (
            settings.encoder_layers,
            settings.encoder_embed_dim,
            settings.encoder_attention_heads,
        )
        return from_fair_esm_state(state, *sizes, settings.token_dropout)
    except (RuntimeError, LookupError, TypeError, AttributeError) as error:
        raise GlmError(f"{path}: is no fair-esm ESM-2 checkpoint ({error})") from error
    except GlmError as error:
        raise GlmError(f"{path}: {error}") from error


def esm_config(
    layers: int, features: int, heads: int, feed_forward: int, token_dropout: bool = True
) -> EsmConfig:
    """transformers' configuration of an ESM-2."""
    from transformers import EsmConfig

    return EsmConfig(
        vocab_size=len(TOKENS),
        mask_token_id=TOKENS.index("<mask>"),
        pad_token_id=TOKENS.index("<pad>"),
        hidden_size=features,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=feed_forward,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-5,
        position_embedding_type="rotary",
        token_dropout=token_dropout,
        emb_layer_norm_before=False,
    )


def from_fair_esm_state(
    state: Mapping[str, torch.Tensor], layers: int, features: int, heads: int, token_dropout: bool
) -> EsmModel:
    """The `EsmModel` of fair-esm's weights. Raises `GlmError` if some are missing."""
    from transformers import EsmModel

    config = esm_config(layers, features, heads, 4 * features, token_dropout)
    renamed = {}
    for key, tensor in state.items():
        name = FAIR_ESM_PREFIX.sub("", key)
        for pattern, replacement in FAIR_ESM_RENAMED:
            name = re.sub(pattern, replacement, name)
        renamed[name] = tensor.float()
    model = EsmModel(config, add_pooling_layer=False)
    missing = model.load_state_dict(renamed, strict=False).missing_keys
    # Rotary frequencies follow from the head size; contacts are not predicted here.
    needed = [name for name in missing if not name.startswith(("contact_head", "rotary"))]
    if needed:
        raise GlmError(f"lacks the weights {', '.join(needed[:5])}")
    return model.eval()


def write_vocabulary(directory: Path) -> None:
    """Write ESM-2's tokens in their order, as its tokenizer reads them."""
    (directory / VOCABULARY).write_text("\n".join(TOKENS) + "\n")
