"""MGnify's sequence metadata: the locations of proteins on contigs, shard by shard.

A line of mgy_seq_metadata is a protein and every location of it:
`MGYP<tab>ERZ….MGYC…:start-end:strand:type;…`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from glm.corpus.text_blocks import query_blocks
from glm.errors import GlmError

BASE = r"(0*[1-9]\d{0,8})"
LOCATION = rf"ERZ\d{{1,18}}\.MGYC\d{{1,18}}:{BASE}-{BASE}:(?:1|-1|\+|-)(?::[^:;\t\n]{{0,60}})?"
LINE = rf"^MGYP\d{{1,18}}(?:\t(?:{LOCATION}[;\n])*)?\n?$"
LOCATIONS = pa.schema(
    [
        ("contig", pa.int64()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("forward", pa.bool_()),
        ("protein", pa.int64()),
        ("assembly", pa.int64()),
        ("partial", pa.string()),
    ]
)
"""A protein without a location has a row of nulls."""
TAKE_APART = r"""
    WITH lines AS (
        SELECT row, replace(replace(text, E';\n', ''), E'\n', '') AS line FROM block
    ), lists AS (
        SELECT row, substr(split_part(line, E'\t', 1), 5)::BIGINT AS protein,
            string_split(split_part(line, E'\t', 2), ';') AS locations
        FROM lines
    ), listed AS (
        SELECT row, protein, nullif(unnest(locations), '') AS location FROM lists
    ), parts AS (
        SELECT row, protein, string_split(location, ':') AS part FROM listed
    ), fields AS (
        SELECT row, protein, string_split(part[1], '.MGYC') AS contig,
            string_split(part[2], '-') AS bounds, part[3] AS strand, part[4] AS kind
        FROM parts
    )
    SELECT row, contig[2]::BIGINT AS contig, bounds[1]::INT AS start, bounds[2]::INT AS "end",
        strand IN ('1', '+') AS forward, protein, substr(contig[1], 4)::BIGINT AS assembly,
        nullif(kind, '') AS partial
    FROM fields
"""
"""Inside UNNEST, DuckDB would split a line again for every 2,048 of its items."""


def write_locations(shard: Path, output: Path) -> None:
    """Write a shard's locations (`LOCATIONS`), in its order.

    Raises `GlmError` naming the shard, the line and what is wrong with it.
    """
    with pq.ParquetWriter(output, LOCATIONS, compression="lz4", use_dictionary=["partial"]) as file:
        for block, found in query_blocks(shard, LINE, TAKE_APART, wrong_line):
            for row in found.filter(pc.field("start") > pc.field("end"))["row"].to_pylist():
                raise wrong_line(shard, *block.find(row))
            file.write_table(found.select(LOCATIONS.names).cast(LOCATIONS))


def wrong_line(shard: Path, line: int, text: str) -> GlmError:
    """What is wrong with a line: its first bad location, or its shape."""
    shown = text.rstrip("\n")
    accession, tab, listed = shown.partition("\t")
    if tab and re.fullmatch(r"MGYP\d{1,18}", accession, re.ASCII):
        locations = listed.removesuffix(";").split(";")
        shown = next((location for location in locations if not is_valid(location)), listed)
    return GlmError(
        f"{shard}: line {line}: {accession[:40] or 'no accession'}: {shown[:80]!r} is not MGYP…, "
        "a tab and ERZ….MGYC…:start-end:strand[:type] with 1 <= start <= end (nine digits at most) "
        "and strand 1, -1, + or -. Fix the line, or fetch the release again"
    )


def is_valid(location: str) -> bool:
    """Whether a location is of the right form, and begins before it ends."""
    found = re.fullmatch(LOCATION, location, re.ASCII)
    return found is not None and int(found[1]) <= int(found[2])
