"""The synthetic corpus of the training's tests."""

from tests.unit.training.conftest import inputs

__all__ = ["inputs"]
