"""The notebook of docs/ runs from its first cell to its last."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient


def test_the_notebook_runs(
    root: Path, model_directory: Path, phage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLM_MODEL", str(model_directory))
    monkeypatch.setenv("GLM_GENOME", str(phage))
    monkeypatch.setenv("PYTHONPATH", str(root / "workflow" / "scripts"))
    notebook = nbformat.read(root / "docs" / "own_genomes.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(root)}}
    ).execute()
    printed = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )
    assert "lambda_phage: 62 genes" in printed
    assert "(62, 192) (62, 32)" in printed
    assert "(1, 32)" in printed
