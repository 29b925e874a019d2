"""Published pickles, read without running them: numpy's arrays and scalars, and two of
scikit-learn's models as their attributes.

A pickle names what it wants called. Here every name but those of `KNOWN` is refused, and those are
functions of this module that build arrays from bytes and keep attributes: nothing of numpy's or
scikit-learn's own is called, so neither their versions nor a foreign file's wishes matter.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from glm.errors import GlmError

NUMBERS = "biufc?"  # kinds of numpy's numbers: no objects, no text


class Type:
    """Numpy's dtype as a pickle builds it: a code, and in its state the order of the bytes."""

    def __init__(self, code: str, align: bool = False, copy: bool = True) -> None:
        """Alignment and copying say nothing of numbers."""
        self.code, self.swapped = code, False

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """The second of the state is the order of the bytes."""
        self.swapped = state[1] == ">"

    def dtype(self) -> np.dtype[Any]:
        """The type; refuses what is no number."""
        found = np.dtype(self.code).newbyteorder(">" if self.swapped else "<")
        if found.kind not in NUMBERS:
            raise pickle.UnpicklingError(f"an array of {found}, which holds no numbers")
        return found


class Array:
    """Numpy's array as a pickle builds it."""

    def __init__(self, *empty: Any) -> None:
        """What it is made with is in its state again."""
        self.values = np.empty(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Version, shape, type, whether by columns, bytes."""
        _, shape, kind, by_columns, data = state
        flat = np.frombuffer(data, kind.dtype())
        self.values = flat.reshape(shape, order="F" if by_columns else "C")


class Model:
    """A model of scikit-learn: its attributes, and nothing that acts."""

    name = ""

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Keep the attributes."""
        self.attributes = {key: plain(value) for key, value in state.items()}


def model(name: str) -> type[Model]:
    """The stand-in of a model of scikit-learn."""
    return type(name, (Model,), {"name": name})


def scalar(kind: Type, data: bytes) -> Any:
    """Numpy's scalar."""
    return np.frombuffer(data, kind.dtype())[0]


def from_buffer(data: bytes, kind: Type, shape: tuple[int, ...], order: str) -> Array:
    """Numpy's array of a newer protocol."""
    made = Array()
    made.values = np.frombuffer(bytes(data), kind.dtype()).reshape(shape, order=order)  # type: ignore[call-overload]
    return made


def encoded(text: str, encoding: str) -> bytes:
    """Bytes of an older protocol."""
    return text.encode(encoding)


def no_bytes() -> bytes:
    """Bytes of an older protocol where there are none."""
    return b""


PCA, LOGISTIC_REGRESSION = model("PCA"), model("LogisticRegression")
KNOWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("_codecs", "encode"): encoded,
    ("__builtin__", "bytes"): no_bytes,
    ("numpy", "dtype"): Type,
    ("numpy", "ndarray"): Array,
    ("sklearn.decomposition._pca", "PCA"): PCA,
    ("sklearn.decomposition.pca", "PCA"): PCA,
    ("sklearn.linear_model._logistic", "LogisticRegression"): LOGISTIC_REGRESSION,
    ("sklearn.linear_model.logistic", "LogisticRegression"): LOGISTIC_REGRESSION,
}
for package in ("numpy.core", "numpy._core"):  # before and since numpy 2
    KNOWN[f"{package}.multiarray", "_reconstruct"] = Array
    KNOWN[f"{package}.multiarray", "scalar"] = scalar
    KNOWN[f"{package}.numeric", "_frombuffer"] = from_buffer


class Reader(pickle.Unpickler):
    """Finds nothing but what is in `KNOWN`."""

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in of a name; raises `UnpicklingError` for every other name."""
        if (module, name) not in KNOWN:
            raise pickle.UnpicklingError(
                f"it names {module}.{name}, which is neither an array of numbers nor a PCA or a "
                "LogisticRegression; nothing of it was run"
            )
        return KNOWN[module, name]


def plain(value: Any) -> Any:
    """A value with arrays in place of what a pickle built."""
    if isinstance(value, Array):
        return value.values
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(plain(each) for each in value)
    return value


def read_pickle(path: Path) -> Any:
    """What a pickle holds: numbers, text, containers of them, arrays, and `Model`s.

    Raises `GlmError` for a file that is no pickle, is cut off, or names anything else.
    """
    try:
        with path.open("rb") as file:
            return plain(Reader(file).load())
    except GlmError:
        raise
    except Exception as error:  # a damaged pickle may fail in any way
        raise GlmError(f"{path}: not a pickle that can be read ({error})") from error
