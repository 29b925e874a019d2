"""The published artefacts, made small: the keys, shapes and forms that were seen of them; and the
servers that have them.

`write_published(folder)` writes what a user fetches: glm.bin, norm.pkl, pca.pkl,
operon_predictor.pkl and protein_model/, an ESM-2 as the Hugging Face hub lays it out. All weights
are random; `Size()` takes seconds to write and to read genomes with, `PUBLISHED_WIDTH` is of the
published width with one layer. `Servers(folder)` answers as Zenodo (the record, as its API's
documentation has it; a file's old address leads to the new one) and GitHub do.
"""

from __future__ import annotations

import copyreg
import hashlib
import io
import json
import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from tests.plant import random_protein
from tests.servers import LocalServer, QuietHandler
from torch import Tensor
from transformers import EsmConfig, EsmForMaskedLM

from glm.embedding.alphabet import TOKENS
from glm.embedding.batching import embed_sequences
from glm.embedding.packed import PackedEncoder

DISTANCES, PREDICTIONS, VOCABULARY = 1023, 4, 11
FILES = ("glm.bin", "norm.pkl", "pca.pkl", "operon_predictor.pkl")
PROTEIN_MODEL = "protein_model"
PROTEINS = 150  # that the means, deviations and components are of


@dataclass(frozen=True)
class Size:
    """Of the gLM (the published one has 19 x 1280, 10 heads, 3072 wide, 99 components) and of the
    protein model that it reads (33 layers of 1280)."""

    layers: int = 2
    hidden: int = 40
    heads: int = 10
    wide: int = 48
    embedding: int = 64
    components: int = 20
    protein_layers: int = 2
    protein_heads: int = 4


PUBLISHED_WIDTH = Size(1, 1280, 10, 3072, 1280, 99, 1, 20)


def encoder_shapes(prefix: str, size: Size, pooler: bool) -> dict[str, tuple[int, ...]]:
    """Shapes of one nested RoBERTa encoder, as transformers names them."""
    hidden = size.hidden
    shapes: dict[str, tuple[int, ...]] = {
        f"{prefix}.embeddings.word_embeddings.weight": (VOCABULARY, hidden),
        f"{prefix}.embeddings.position_embeddings.weight": (512, hidden),
        f"{prefix}.embeddings.token_type_embeddings.weight": (1, hidden),
        f"{prefix}.embeddings.LayerNorm.weight": (hidden,),
        f"{prefix}.embeddings.LayerNorm.bias": (hidden,),
    }
    for layer in range(size.layers):
        here = f"{prefix}.encoder.layer.{layer}"
        per_head = hidden // size.heads
        shapes[f"{here}.attention.self.distance_embedding.weight"] = (DISTANCES, per_head)
        for name, rows, columns in (
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", size.wide, hidden),
            ("output.dense", hidden, size.wide),
        ):
            shapes[f"{here}.{name}.weight"] = (rows, columns)
            shapes[f"{here}.{name}.bias"] = (rows,)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{here}.{name}.weight"] = shapes[f"{here}.{name}.bias"] = (hidden,)
    if pooler:
        shapes[f"{prefix}.pooler.dense.weight"] = (hidden, hidden)
        shapes[f"{prefix}.pooler.dense.bias"] = (hidden,)
    return shapes


def checkpoint(size: Size) -> dict[str, Tensor]:
    """All the keys of glm.bin, dead encoders and heads among them, in half precision."""
    hidden, label = size.hidden, PREDICTIONS * (size.components + 1)
    shapes = {
        **encoder_shapes("roberta.roberta", size, pooler=False),
        **encoder_shapes("roberta.bert", size, pooler=True),
        **encoder_shapes("encoder", size, pooler=True),
        "dense.weight": (hidden, size.embedding + 1),
        "dense.bias": (hidden,),
        "roberta.lm_head.dense.weight": (label, hidden),
        "roberta.lm_head.dense.bias": (label,),
        "roberta.lm_head.dense_prob.weight": (PREDICTIONS, hidden),
        "roberta.lm_head.dense_prob.bias": (PREDICTIONS,),
        "contact_head.regression.weight": (1, size.layers * size.heads),
        "contact_head.regression.bias": (1,),
    }
    torch.manual_seed(0)
    spread = 1 / hidden**0.5  # context matters, and nothing saturates
    made = {key: torch.randn(shape) * spread for key, shape in shapes.items()}
    return {key: (value + key.endswith("LayerNorm.weight")).half() for key, value in made.items()}


class OldPickler(pickle._Pickler):
    """Pickles as numpy 1 and scikit-learn 1.1.2 did: numpy's module of then, its models' state."""

    def save_global(self, obj: Any, name: str | None = None) -> None:
        """A name, as protocol 4 writes it."""
        self.save(obj.__module__.replace("numpy._core", "numpy.core"))
        self.save(name or obj.__qualname__)
        self.write(pickle.STACK_GLOBAL)
        self.memoize(obj)

    def reducer_override(self, obj: Any) -> Any:
        """A model's attributes, with those that later versions took away."""
        if not isinstance(obj, BaseEstimator):
            return NotImplemented
        state = {**vars(obj), "_sklearn_version": "1.1.2"}
        if isinstance(obj, LogisticRegression):
            state |= {"penalty": "l2", "multi_class": "auto", "l1_ratio": None}
        return copyreg.__newobj__, (type(obj),), state


def old_pickle(value: Any) -> bytes:
    """A pickle of protocol 4 as the published ones are."""
    buffer = io.BytesIO()
    OldPickler(buffer, 4).dump(value)
    return buffer.getvalue()


def write_protein_model(folder: Path, size: Size) -> PackedEncoder:
    """An ESM-2 of random weights as the hub lays it out; returns what embeds with it."""
    torch.manual_seed(1)
    config = EsmConfig(
        vocab_size=len(TOKENS), mask_token_id=TOKENS.index("<mask>"), token_dropout=True,
        pad_token_id=TOKENS.index("<pad>"), hidden_size=size.embedding,
        num_hidden_layers=size.protein_layers, num_attention_heads=size.protein_heads,
        intermediate_size=4 * size.embedding, position_embedding_type="rotary",
        layer_norm_eps=1e-5, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        initializer_range=1 / size.embedding**0.5,
    )  # fmt: skip
    whole = EsmForMaskedLM(config).eval()
    whole.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(TOKENS) + "\n")
    (folder / "README.md").write_text("A model card.\n")
    return PackedEncoder(whole.esm, torch.float32, "cpu", None)


def operon_predictor(size: Size) -> LogisticRegression:
    """A regression of as many heads, of planted pairs: the first head is more on operons."""
    random = np.random.default_rng(2)
    same_operon = random.random(300) < 0.6
    attention = random.gamma(1, 0.07, (300, size.layers * size.heads))
    attention[:, 0] += 0.1 * same_operon
    return LogisticRegression(random_state=16, max_iter=1000).fit(
        attention, same_operon.astype(int)
    )


def fitted(encoder: PackedEncoder, size: Size) -> tuple[dict[str, np.ndarray], PCA]:
    """Means and deviations of random proteins' embeddings, and their whitened components."""
    proteins = [random_protein(20 + seed % 60, seed) for seed in range(PROTEINS)]
    embedded = embed_sequences(encoder, proteins).astype(np.float64)
    norm = {"mean": embedded.mean(0), "std": embedded.std(0)}
    scaled = (embedded - norm["mean"]) / norm["std"]
    pca = PCA(size.components, whiten=True, svd_solver="randomized", random_state=0)
    return norm, pca.fit(scaled)


def write_published(folder: Path, size: Size = Size()) -> Path:
    """Write all artefacts into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(checkpoint(size), folder / "glm.bin")
    norm, pca = fitted(write_protein_model(folder / PROTEIN_MODEL, size), size)
    for name, made in (("norm", norm), ("pca", pca), ("operon_predictor", operon_predictor(size))):
        (folder / f"{name}.pkl").write_bytes(old_pickle(made))
    return folder


class Servers(LocalServer):
    """Zenodo and GitHub at one address, with what lies in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Handler)
        self.folder = folder
        self.asked: list[str] = []  # names of files
        self.breaks_after: int | None = None  # bytes of the next answer
        self.damaged: set[str] = set()  # names of files that come with a wrong last byte
        self.record: dict[str, Any] | None = None  # instead of the true one

    def state(self) -> dict[str, Any]:
        """What the record's API says."""
        content = (self.folder / "glm.bin").read_bytes()
        address = f"{self.url}/api/records/7855545/files/glm.bin/content"
        file = {
            "id": "b3b3f1c5", "key": "glm.bin", "size": len(content),
            "checksum": f"md5:{hashlib.md5(content).hexdigest()}", "links": {"self": address},
        }  # fmt: skip
        return {"id": 7855545, "recid": "7855545", "doi": "10.5281/zenodo.7855545", "files": [file]}


class Handler(QuietHandler):
    server: Servers

    def respond(self) -> None:
        commit = "8473041306afe96296e5b218a8805338f68a8e6c"
        if self.path == "/api/records/7855545":
            record = self.server.record or self.server.state()
            self.answer(200, json.dumps(record).encode())
        elif self.path == "/record/7855545/files/glm.bin":
            self.answer(302, b"", {"Location": "/records/7855545/files/glm.bin"})
        elif self.path == "/records/7855545/files/glm.bin":
            self.send_file("glm.bin")
        elif found := re.fullmatch(rf"/y-hwang/gLM/{commit}/data/(\w+\.pkl)", self.path):
            self.send_file(found[1])
        else:
            self.answer(404, b"")

    def send_file(self, name: str) -> None:
        self.server.asked.append(name)
        content = (self.server.folder / name).read_bytes()
        if name in self.server.damaged:
            content = content[:-1] + bytes([content[-1] ^ 1])
        stop, self.server.breaks_after = self.server.breaks_after, None
        self.send_rest(content, stop)
