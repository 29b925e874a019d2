from __future__ import annotations

import gzip
import re
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.unit.corpus.small_release import DEMO, read, write

from glm import tables
from glm.corpus import gene_metadata, mgnify_locations, text_blocks
from glm.errors import GlmError

# Strand 1 or -1, full or partial: as rows of 2023_02 that public repositories hold.
GOOD = "ERZ1.MGYC000000000007:10-90:1:full"


@pytest.fixture
def parse(tmp_path: Path) -> Callable[..., tuple[list[dict], list[dict], dict[str, int]]]:
    """A function that parses shards (paths, or one shard's lines) into genes, contigs, counts."""

    def run(
        shards: list[Path] | list[str], assemblies: dict[int, gene_metadata.Assembly] | None = None
    ) -> tuple[list[dict], list[dict], dict[str, int]]:
        if isinstance(shards[0], str):
            path = tmp_path / "mgy_seq_metadata_1.tsv.gz"
            with gzip.open(path, "wt") as handle:
                handle.write("\n".join(shards) + "\n")
            shards = [path]
        genes, contigs = tmp_path / "genes.parquet", tmp_path / "contigs.parquet"
        counts = gene_metadata.write_genes(
            shards, assemblies or {}, genes, contigs, {}, memory_mb=500, threads=1
        )
        assert tables.read_counts(genes) == counts
        return (
            tables.read(genes, tables.GENES).to_pylist(),
            tables.read(contigs, tables.CONTIGS).to_pylist(),
            counts,
        )

    return run


def test_rebuilds_every_contig_of_real_genomes_in_order(parse, small_release: Path):
    shards = sorted(small_release.glob("mgy_seq_metadata_*"))
    expected = []
    for shard in shards:
        for line in read(shard):
            protein, places = line.split("\t")
            for place in places.split(";"):
                contig, start, end, strand, partial = re.fullmatch(
                    r"ERZ\d+\.MGYC(\d+):(\d+)-(\d+):(-?1):(full|partial)", place
                ).groups()
                expected.append(
                    (int(contig), int(start), int(end), strand == "1", int(protein[4:]), partial)
                )
    assemblies = gene_metadata.read_assemblies(small_release / "assemblies.tsv")
    genes, contigs, counts = parse(shards, assemblies)
    keys = ("contig", "start", "end", "forward", "protein", "partial")
    assert [tuple(gene[key] for key in keys) for gene in genes] == sorted(expected)
    ranks: dict[int, int] = {}
    for gene in genes:
        assert gene["rank"] == ranks.get(gene["contig"], 0)
        ranks[gene["contig"]] = gene["rank"] + 1
    assert {contig["contig"]: contig["genes"] for contig in contigs} == ranks
    assert {(contig["assembly"], contig["biome"]) for contig in contigs} == {
        ("Staphylococcus aureus RN4220", "root:Host-associated:Human:Skin"),
        ("Escherichia phage lambda", "root:Host-associated:Human:Digestive system"),
    }
    assert counts == {
        "locations": 2562,
        "locations_listed_twice": 0,
        "locations_of_two_proteins": 0,
        "proteins_without_location": 0,
        "genes": 2562,
        "contigs": len(contigs),
    }


def test_both_strand_alphabets_and_a_missing_type_are_read(parse):
    genes, contigs, _ = parse(
        [
            "MGYP1\tERZ1.MGYC7:1-9:1:full;ERZ1.MGYC7:11-19:-1:partial",
            "MGYP2\tERZ1.MGYC7:21-29:+;ERZ1.MGYC7:31-39:-",
        ]
    )
    assert [gene["forward"] for gene in genes] == [True, False, True, False]
    assert [gene["partial"] for gene in genes] == ["full", "partial", None, None]
    [contig] = contigs
    assert (contig["name"], contig["assembly"], contig["biome"]) == (
        "MGYC000000000007",
        "ERZ1",
        None,
    )


@pytest.mark.parametrize(
    "place",
    [
        "ERZ1.MGYC7:10-90:2:00",
        "ERZ1.MGYC7:10-90:*:00",
        "ERZ1.MGYC7:10-90::00",
        "ERZ1.MGYC7:10-90",
        "ERZ1.MGYC7::1:full",
        "ERZ1.MGYC7:10:1:full",
        "ERZ1.MGYC7",
        "ERZ1.MGYC7:90-10:1:full",
        "ERZ1.MGYC7:0-10:1:full",
        "ERZ1.MGYC7:10-9999999999:1:full",
        "MGYC7:10-90:1:full",
        "ERZ.MGYC7:10-90:1:full",
        "ERZ1.MGYC:10-90:1:full",
        "ERZ1.MGYC7:-90:1:full",
        "ERZ1.MGYC7:10 -90:1:full",
        "ERZ1MGYC7:10-90:1:full",
        "ERZ 1.MGYC7:10-90:1:full",
        "ERZ1.MGYC7:10-90:1:full\x00x" + 70 * "y",
        "ERZ1.MGYC7:10-90:1:full:" + 70 * "y",
        "ERZ1.MGYC1234567890123456789:10-90:1:full",
        "ERZ1",
        "E",
        ";",
        f"{GOOD};",
        f"{GOOD};;{GOOD}",
    ],
)
def test_a_wrong_place_is_refused_with_shard_and_line(parse, place: str, tmp_path: Path):
    lines = [f"MGYP000000000001\t{GOOD}", f"MGYP000000000002\t{place}"]
    if place == f"{GOOD};":  # a separator at the end separates nothing
        lines[0] = "MGYP000000000001\tERZ1.MGYC8:1-9:1:full"
        assert len(parse(lines)[0]) == 2
        return
    with pytest.raises(
        GlmError, match=r"mgy_seq_metadata_1\.tsv\.gz: line 2: MGYP000000000002: .*strand 1, -1"
    ):
        parse(lines)
    assert [path.name for path in tmp_path.iterdir()] == ["mgy_seq_metadata_1.tsv.gz"]


def test_a_wrong_place_in_a_later_block_is_found(parse, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", 100)
    lines = [f"MGYP{i}\tERZ1.MGYC{i}:10-90:1:full;ERZ2.MGYC{i}:91-99:-" for i in range(1, 50)]
    lines[40] = lines[40].replace("91-99", "99-91")
    with pytest.raises(GlmError, match=r"line 41: MGYP41: 'ERZ2\.MGYC41:99-91:-' is not"):
        parse(lines)


@pytest.mark.parametrize("line", ["", "MGYP", f"2\t{GOOD}", f"MGYP2\t{GOOD}\textra", "MGYP2\t\t"])
def test_a_line_of_another_shape_is_refused(parse, line: str):
    with pytest.raises(GlmError, match="line 3: "):
        parse([f"MGYP1\t{GOOD}", "MGYP3\tERZ1.MGYC8:1-9:1:full", line, f"MGYP4\t{GOOD}"])


@pytest.mark.parametrize("size", [20, 1 << 20])
def test_proteins_without_a_place_and_blank_last_lines_are_no_error(
    parse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, size: int
):
    """Part of a release's sequences have no assembly, its README says; the form was not seen."""
    monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", size)
    genes, _, counts = parse(["MGYP1", f"MGYP2\t{GOOD}", "MGYP3\t", "MGYP4", "", "", ""])
    assert [gene["protein"] for gene in genes] == [2]
    assert counts["proteins_without_location"] == 3
    assert "proteins without location: 3" in caplog.text
    assert parse(["MGYP1\t", ""])[2]["genes"] == 0


def test_a_damaged_shard_is_named_with_its_line_and_the_others_work_is_kept(
    parse, small_release: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    first, second = shards = sorted(small_release.glob("mgy_seq_metadata_*"))
    whole = first.read_bytes()
    expected = parse(shards)
    first.write_bytes(whole[:-2000])
    lines = gzip_lines(first)
    with pytest.raises(
        GlmError,
        match=rf"metadata_1\.tsv\.gz: line {lines + 1}: truncated or damaged .* next start: 1",
    ):
        parse(shards)
    assert [path.name.split(".")[0] for path in (tmp_path / ".genes.shards").iterdir()] == [
        "mgy_seq_metadata_2"
    ]
    first.write_bytes(whole)
    with caplog.at_level("INFO"):
        assert parse(shards) == expected
    assert f"{second}: done by an earlier start" in caplog.text
    assert f"{first}: done" not in caplog.text
    assert not (tmp_path / ".genes.shards").exists()


def test_a_shard_with_one_flipped_bit_is_damaged_somewhere(parse, small_release: Path):
    """The text may still read well: only gzip's checksum, at the end, tells."""
    shard = min(small_release.glob("mgy_seq_metadata_*"))
    text = gzip.decompress(shard.read_bytes())
    shard.write_bytes(gzip.compress(text, 0))  # stored as it is
    held = bytearray(shard.read_bytes())
    place = held.index(b"\tERZ") + 4
    held[place] ^= 1  # a digit of an assembly's number
    shard.write_bytes(held)
    lines = text.count(b"\n")
    with pytest.raises(
        GlmError, match=rf"{shard.name}: damaged somewhere in its first {lines:,} lines .*CRC"
    ):
        parse([shard])


def gzip_lines(path: Path) -> int:
    """Whole lines that can be had of a truncated file."""
    reader = zlib.decompressobj(wbits=31)
    return reader.decompress(path.read_bytes()).count(b"\n")


def test_a_shard_that_changed_is_read_again(parse, small_release: Path, tmp_path: Path):
    first, second = shards = sorted(small_release.glob("mgy_seq_metadata_*"))
    whole = first.read_bytes()
    first.write_bytes(whole[:-2000])
    with pytest.raises(GlmError, match="damaged"):
        parse(shards)
    first.write_bytes(whole)
    write(second, [f"MGYP000000000001\t{GOOD}"])
    expected = len(read(first)) and parse([first])[2]["genes"] + 1
    assert parse(shards)[2]["genes"] == expected


@pytest.mark.parametrize("size", [1_000, 1 << 17])
def test_blocks_and_batches_of_any_size_give_the_same_genes(
    parse, small_release: Path, monkeypatch: pytest.MonkeyPatch, size: int
):
    shards = sorted(small_release.glob("mgy_seq_metadata_*"))
    expected = parse(shards)
    monkeypatch.setattr(text_blocks, "BYTES_PER_BLOCK", size)
    whole = gene_metadata.database.batches
    monkeypatch.setattr(
        gene_metadata.database,
        "batches",
        lambda connection, query, **given: whole(connection, query, size, **given),
    )
    assert parse(shards) == expected


def test_a_place_or_contig_listed_twice_is_counted_once(parse):
    genes, contigs, counts = parse(
        [
            "MGYP1\tERZ5.MGYC7:1-9:1:full;ERZ5.MGYC7:1-9:1:full",
            "MGYP2\tERZ5.MGYC7:11-19:1:full;ERZ6.MGYC7:11-19:1:full",
        ]
    )
    assert [(gene["protein"], gene["rank"]) for gene in genes] == [(1, 0), (2, 1)]
    assert [(contig["assembly"], contig["genes"]) for contig in contigs] == [("ERZ5", 2)]
    assert counts["locations_listed_twice"] == 2


def test_of_two_proteins_at_one_place_the_first_is_taken_and_the_other_counted(parse):
    """A sequence has two accessions if it was found full and partial."""
    partial = GOOD.replace("full", "partial")
    genes, contigs, counts = parse(
        [f"MGYP2\t{partial};{partial}", f"MGYP1\t{GOOD}", "MGYP3\tERZ1.MGYC7:91-99:1:full"]
    )
    assert [(gene["protein"], gene["rank"]) for gene in genes] == [(1, 0), (3, 1)]
    assert contigs[0]["genes"] == 2
    assert (counts["locations_of_two_proteins"], counts["locations_listed_twice"]) == (1, 1)


def test_the_same_gene_on_both_strands_is_two_genes(parse):
    genes, _, _ = parse(["MGYP1\tERZ1.MGYC7:10-90:1", "MGYP2\tERZ1.MGYC7:10-90:-1"])
    assert len(genes) == 2


def test_a_protein_on_many_contigs_has_one_long_line_that_costs_no_more(tmp_path: Path):
    """Split inside UNNEST, a line is split again for every 2,048 of its items."""
    locations = [f"ERZ1.MGYC{i:012d}:10-90:1:full" for i in range(1, 1_000_001)]
    seconds = []
    for per_line in (1000, len(locations)):
        lines = [
            f"MGYP{i}\t{';'.join(locations[i : i + per_line])}\n"
            for i in range(0, len(locations), per_line)
        ]
        shard, found = tmp_path / f"{per_line}.tsv", tmp_path / f"{per_line}.parquet"
        shard.write_text("".join(lines))
        began = time.process_time()
        mgnify_locations.write_locations(shard, found)
        seconds.append(time.process_time() - began)
        assert pq.read_table(found)["contig"].to_pylist() == list(range(1, 1_000_001))
    assert seconds[1] < 3 * seconds[0]


def test_a_full_disk_is_named_and_leaves_nothing(small_disk: Path, tmp_path: Path):
    shards = sorted((DEMO / "release").glob("mgy_seq_metadata_*"))
    outputs = small_disk / "genes.parquet", small_disk / "contigs.parquet"
    with pytest.raises(GlmError, match=r"no space left in "):
        gene_metadata.write_genes(shards, {}, *outputs, {}, memory_mb=500, threads=1)
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("assembly\tname\nERZ1\tx\n", "no column 'biome'"),
        ("assembly\tname\tbiome\nGCA1\tx\ty\n", "line 2: assembly 'GCA1' is not ERZ"),
        ("assembly\tname\tbiome\nERZ1\tx\ty\nERZ1\tz\ty\n", "line 3: ERZ1 is listed twice"),
    ],
)
def test_a_wrong_table_of_assemblies_is_refused(tmp_path: Path, text: str, message: str):
    path = tmp_path / "assemblies.tsv"
    path.write_text(text)
    with pytest.raises(GlmError, match=message):
        gene_metadata.read_assemblies(path)
