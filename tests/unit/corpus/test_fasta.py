from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from glm.corpus.fasta import Record, accession_number, clean_protein, read_fasta
from glm.errors import GlmError

PATH = Path("proteins.fa")


def test_reads_wrapped_records_whatever_the_line_ends_and_compression(tmp_path: Path):
    text = b">first FL=1 CR=0\r\nMKV\r\nLAA\r\n\r\n>second\nMM\n"
    for name, opener in (("a.fa", open), ("a.fa.gz", gzip.open), ("a.fa.xz", lzma.open)):
        with opener(tmp_path / name, "wb") as handle:
            handle.write(text)
        assert list(read_fasta(tmp_path / name)) == [
            Record("first", "FL=1 CR=0", b"MKVLAA"),
            Record("second", "", b"MM"),
        ]


@hypothesis.given(
    sequences=st.lists(st.text("ACGTUNacgt", min_size=1), min_size=1),
    width=st.integers(1, 90),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.sampled_from(["", "\ufeff"]),
    space=st.sampled_from(["", " ", "\t"]),
    after=st.sampled_from(["", " of a phage", "\tof a phage"]),
)
def test_the_layout_of_a_file_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    sequences: list[str], width: int, end: str, mark: str, space: str, after: str,
):  # fmt: skip
    lines = []
    for number, sequence in enumerate(sequences):
        lines.append(f">{space}contig|{number}{after}")
        lines += [sequence[i : i + width] for i in range(0, len(sequence), width)]
    path = tmp_path_factory.mktemp("layout") / "a.fa"
    path.write_bytes((mark + end.join(lines) + end).encode())
    assert list(read_fasta(path)) == [
        Record(f"contig|{number}", after.strip(), sequence.encode())
        for number, sequence in enumerate(sequences)
    ]


def test_a_file_that_is_no_text_is_named_for_what_it_is(tmp_path: Path):
    path = tmp_path / "a.fa"
    for content, message in (
        (bz2.compress(b">a\nMK\n"), "compressed by bzip2, .* add .bz2 to its name"),
        (lzma.compress(b">a\nMK\n"), "compressed by xz, .* add .xz to its name"),
        (b"PK\x03\x04rest", "a zip archive; unpack it"),
        (codecs.BOM_UTF16_BE + ">a\nMK\n".encode("utf-16-be"), "UTF-16 text"),
    ):
        path.write_bytes(content)
        with pytest.raises(GlmError, match=rf"a\.fa: {message}"):
            list(read_fasta(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "empty, not a single record"),
        (b"\n\n", "empty, not a single record"),
        (b"MKV\n>a\nM\n", "line 1: 'MKV' where a header"),
        (b">a\nMKV\n>\nMK\n", "line 3: a header without a name"),
        (b">a\n>b\nMK\n", "record a: no sequence"),
        (b">a\nMK\n>last\n", "record last: no sequence"),
    ],
)
def test_names_file_and_record_of_malformed_fasta(tmp_path: Path, text: bytes, message: str):
    path = tmp_path / "bad.fa"
    path.write_bytes(text)
    with pytest.raises(GlmError, match=rf"bad\.fa: {message}"):
        list(read_fasta(path))


def test_a_truncated_gz_is_named(tmp_path: Path, untouched_release: Path):
    whole = (untouched_release / "mgy_proteins_1.fa.gz").read_bytes()
    path = tmp_path / "cut.fa.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GlmError, match=r"cut\.fa\.gz: line \d+: truncated or damaged"):
        list(read_fasta(path))


def test_what_is_no_gz_and_what_is_damaged_inside_are_named(
    tmp_path: Path, untouched_release: Path
):
    path = tmp_path / "text.fa.gz"
    path.write_text(">a\nMK\n")
    with pytest.raises(GlmError, match=r"text\.fa\.gz: not compressed, .* take \.gz off"):
        list(read_fasta(path))
    damaged = bytearray((untouched_release / "mgy_proteins_1.fa.gz").read_bytes())
    damaged[5000:5100] = bytes(100)
    path.write_bytes(damaged)
    with pytest.raises(GlmError, match=r"text\.fa\.gz"):
        list(read_fasta(path))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(GlmError, match=r"nowhere\.fa: no such file"):
        list(read_fasta(tmp_path / "nowhere.fa"))


@pytest.mark.parametrize(
    ("found", "clean"), [(b"mkv", "MKV"), (b"MKV*", "MKV"), (b"MUZOBX", "MUZOBX")]
)
def test_residues_become_esm2s(found: bytes, clean: str):
    assert clean_protein(Record("a", "", found), PATH) == clean


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (b"MK*V", r"record a: residue '\*' at 3"),
        (b"MKV**", r"record a: residue '\*' at 4"),
        (b"MKJ", "record a: residue 'J' at 3"),
        (b"M-K", "record a: residue '-' at 2"),
        (b"MK V", "record a: residue ' ' at 3"),
        (b"*", "record a: no residue but a stop"),
    ],
)
def test_other_residues_are_refused_with_record_and_place(found: bytes, message: str):
    with pytest.raises(GlmError, match=message):
        clean_protein(Record("a", "", found), PATH)


def test_accessions_are_their_digits():
    assert accession_number("MGYP001026457211", PATH) == 1026457211
    for wrong in ("WP_000001.1", "MGYP", "MGYP12a", "MGYP¹"):
        with pytest.raises(GlmError, match=f"proteins.fa: record {wrong}"):
            accession_number(wrong, PATH)


def test_a_damaged_bzip2_file_is_named(tmp_path: Path):
    path = tmp_path / "cut.fa.bz2"
    path.write_bytes(b"BZh9" + bytes(100))
    with pytest.raises(GlmError, match=r"cut\.fa\.bz2: line 1: truncated or damaged"):
        list(read_fasta(path))
