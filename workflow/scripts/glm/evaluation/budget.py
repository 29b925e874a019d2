"""How much of the gLM's training its baseline had: a model that saw less is no equal."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from glm import tables


def said(glm: Path, bilstm: Path) -> str:
    """What share of the subcontigs that the gLM saw the biLSTM saw, in words.

    glm, bilstm: metrics.parquet of their trainings, which count steps x batch size.
    """
    of_glm, of_bilstm = (
        pc.max(tables.read(path, tables.METRICS, ["subcontigs"])["subcontigs"]).as_py()
        for path in (glm, bilstm)
    )
    return f"the biLSTM saw {of_bilstm / of_glm:.2f} of the subcontigs that the gLM saw"
