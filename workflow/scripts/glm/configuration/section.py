"""A section of the configuration, and the ranges that its keys share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
ShareBelowOne = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Address = Annotated[str, Field(pattern="://")]
Words = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
Precision = Literal["fp32", "bf16", "fp16"]
Reduction = Literal["masked", "published"]
Projection = Literal["umap", "pca"]


class Section(BaseModel):
    """Keys with their types; the string below a key is its meaning. Unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        use_attribute_docstrings=True,
        regex_engine="python-re",
        protected_namespaces=(),
    )
