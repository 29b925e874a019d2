"""What GPUs can do by their makers' data sheets, by what a card's name has in it."""

from __future__ import annotations

PEAKS = {"A100": 312.0, "H100": 989.0, "H200": 989.0, "L40S": 362.0, "A10": 125.0}
"""Dense bf16 matrix products, in TFLOP/s."""
RESIDUES = {"A100": 100_000, "H100": 300_000, "H200": 350_000}
"""Residues a second of ESM-2 650M that this project asks for."""
