"""How a table is declared: its columns, their types, meaning and unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type (None: a fixed-size list whose length the data decides)."""

    name: str
    type: pa.DataType | None
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table's name and columns."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """What the columns are called."""
        return [column.name for column in self.columns]

    def frame(self, rows: Sequence[Mapping[str, Any]] = ()) -> pd.DataFrame:
        """Rows as a DataFrame, which has the columns where there is no row too."""
        import pandas as pd  # a third of a second, which most scripts need not wait for

        return pd.DataFrame(rows, columns=self.names)

    def schema(self, **types: pa.DataType) -> pa.Schema:
        """The Arrow schema; `types` gives the types that the data decides, by column."""
        return pa.schema(
            [
                pa.field(
                    column.name,
                    types.get(column.name, column.type),
                    metadata={"meaning": column.meaning},
                )
                for column in self.columns
            ]
        )


def table(name: str, /, **columns: tuple[pa.DataType | None, str]) -> Table:
    """Declare a table: `column=(type, meaning)`."""
    return Table(name, tuple(Column(key, kind, text) for key, (kind, text) in columns.items()))


INT32, INT64, FLOAT, DOUBLE = pa.int32(), pa.int64(), pa.float32(), pa.float64()
STRING, BOOL = pa.string(), pa.bool_()
