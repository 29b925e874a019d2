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
    """One column: its Arrow type (None: what the data decides, a list's or a vector's length)."""

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

    def joined(self, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Tables one after another; where there is none, the columns without a row."""
        import pandas as pd

        return pd.concat(parts, ignore_index=True) if parts else self.frame()

    def schema(self, **types: pa.DataType | pa.Field) -> pa.Schema:
        """The Arrow schema; `types` gives the types that the data decides, by column."""
        return pa.schema([self._field(column, types.get(column.name)) for column in self.columns])

    def _field(self, column: Column, decided: pa.DataType | pa.Field | None) -> pa.Field:
        """A column's field, its meaning beside what the decided one says of itself."""
        if not isinstance(decided, pa.Field):
            decided = pa.field(column.name, column.type if decided is None else decided)
        about = {**(decided.metadata or {}), b"meaning": column.meaning.encode()}
        return decided.with_name(column.name).with_metadata(about)


def table(name: str, /, **columns: tuple[pa.DataType | None, str]) -> Table:
    """Declare a table: `column=(type, meaning)`."""
    return Table(name, tuple(Column(key, kind, text) for key, (kind, text) in columns.items()))


def interval(of: str, before: str = "") -> dict[str, tuple[pa.DataType, str]]:
    """Both ends of an interval; of: what it is ("the 95 % interval over genes")."""
    return {
        f"{before}lower": (DOUBLE, f"lower end of {of}"),
        f"{before}upper": (DOUBLE, f"upper end of {of}"),
    }


INT32, INT64, FLOAT, DOUBLE = pa.int32(), pa.int64(), pa.float32(), pa.float64()
STRING, BOOL = pa.string(), pa.bool_()
