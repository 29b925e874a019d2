"""One's own genomes as the configuration names them: files, folders, patterns, or a sheet."""

from __future__ import annotations

import csv
import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glm.application.folders import WITH_FASTA, Forms, name_by_folder, pair_across_folders, search
from glm.corpus.genomes import FASTA, FORMAT_BY_SUFFIX, refuse_format, suffix_and_stem
from glm.errors import GlmError

SHEETS = {".tsv": "\t", ".txt": "\t", ".csv": ","}
COLUMNS = ("name", "path", "biome")


@dataclass(frozen=True)
class ListedGenome:
    """A genome: its name among the results, the file that holds it, its biome if one is given.

    fasta: of a GFF, the file with its sequences; None where they are in the GFF or elsewhere.
    """

    name: str
    path: Path
    fasta: Path | None = None
    biome: str | None = None

    @property
    def files(self) -> list[Path]:
        """All that is read of it."""
        return [self.path, *([self.fasta] if self.fasta else [])]


def list_genomes(given: str | Sequence[str], were_read: bool = False) -> list[ListedGenome]:
    """The genomes of the key release.genomes, in its order.

    given: paths, each of a file, a folder (every genome in it and below it), a pattern (*, ?, [ ])
    or a sheet (a TSV or CSV with the columns name, path and, if wanted, biome; a path there is
    relative to the sheet). were_read: a listed file may be gone by now. Raises `GlmError` naming
    what is not there, is no genome, or is listed twice.
    """
    entries = [given] if isinstance(given, str) else list(given)
    paths: list[Path] = []
    found: list[ListedGenome] = []
    folders: list[Forms] = []
    for entry in entries:
        path = Path(entry).expanduser()
        if path.is_dir():
            folders += [forms for forms in search(path) if forms.taken]
        elif path.suffix.lower() in SHEETS:
            found += read_sheet(path)
        elif path.exists() or not glob.has_magic(entry):
            paths.append(path if were_read else require(path, "release.genomes"))
        else:
            matched = sorted(Path(each) for each in glob.glob(str(path), recursive=True))
            if not matched:
                raise GlmError(f"release.genomes: {entry}: no file has such a name")
            paths += matched
    pair_across_folders(folders)
    name_by_folder(folders)
    found = [*of_files(paths), *found, *map(of_folder, folders)]
    refuse_twice(found)
    if not found:
        raise GlmError("release.genomes: lists no genome")
    return found


def require(path: Path, where: str) -> Path:
    """The path itself; raises `GlmError` if there is no such file."""
    if not path.is_file():
        raise GlmError(f"{where}: {path}: no such file or folder")
    return path


def of_files(paths: Sequence[Path]) -> list[ListedGenome]:
    """Genomes of listed files; the FASTA of a listed GFF is no genome of its own."""
    twice = {path for path in paths if sum(each.resolve() == path.resolve() for each in paths) > 1}
    if twice:
        raise GlmError(f"release.genomes: {min(twice)}: is listed twice")
    kinds = {path: FORMAT_BY_SUFFIX.get(suffix_and_stem(path)[0]) for path in paths}
    for path, kind in kinds.items():
        if kind is None:
            refuse_format(path)
    names = {path: suffix_and_stem(path)[1] for path in paths}
    annotated = {names[path] for path, kind in kinds.items() if kind and kind.with_fasta}
    listed = {names[path]: path for path, kind in kinds.items() if kind is FASTA}
    return [
        ListedGenome(names[path], path, listed.get(names[path]) or beside(path))
        if kind and kind.with_fasta
        else ListedGenome(names[path], path)
        for path, kind in kinds.items()
        if kind is not FASTA or names[path] not in annotated
    ]


def beside(path: Path) -> Path | None:
    """The FASTA of a GFF's name in its folder, if there is one."""
    stem = suffix_and_stem(path)[1]
    near = (each for each in sorted(path.parent.glob("*")) if each.is_file())
    return next((each for each in near if suffix_and_stem(each) in of_fasta(stem)), None)


def of_fasta(stem: str) -> set[tuple[str, str]]:
    """Suffixes and stem of a FASTA of a name."""
    return {(suffix, stem) for suffix in FASTA.suffixes}


def of_folder(forms: Forms) -> ListedGenome:
    """A genome of a folder, by the format that is preferred of those it is there in."""
    if forms.taken not in forms.genomes:
        raise GlmError(
            f"release.genomes: {forms.folder / forms.name}: a protein table has no coordinates, "
            "which training does not need but the tables of a run do; give FASTA, GenBank or GFF"
        )
    fastas = forms.genomes[FASTA.name]
    fasta = fastas[0] if forms.taken in WITH_FASTA and fastas else None
    return ListedGenome(forms.name, forms.genomes[forms.taken][0], fasta)


def read_sheet(sheet: Path) -> list[ListedGenome]:
    """The genomes of a sheet; raises `GlmError` naming its line."""
    require(sheet, "release.genomes")
    with sheet.open(newline="", encoding="utf-8-sig") as handle:
        rows = csv.DictReader(handle, delimiter=SHEETS[sheet.suffix.lower()])
        columns = rows.fieldnames or []
        if unknown := sorted({*columns} - {*COLUMNS}) or sorted({"path"} - {*columns}):
            raise GlmError(
                f"{sheet}: column {', '.join(unknown)}: a sheet of genomes is tab-separated (.csv: "
                f"by commas), with the columns {', '.join(COLUMNS)} in its first line (path is "
                "needed)"
            )
        found = []
        for number, row in enumerate(rows, 2):
            text = (row["path"] or "").strip()
            path = sheet.parent / Path(text).expanduser()
            if not text:
                raise GlmError(f"{sheet}: line {number}: has no path")
            [genome] = of_files([require(path, f"{sheet}: line {number}")])
            name, biome = ((row.get(key) or "").strip() or None for key in ("name", "biome"))
            found.append(ListedGenome(name or genome.name, path, genome.fasta, biome))
    return found


def refuse_twice(genomes: Sequence[ListedGenome]) -> None:
    """Raise `GlmError` for a file that is listed twice, or a name that two genomes have."""
    paths: dict[Path, ListedGenome] = {}
    names: dict[str, ListedGenome] = {}
    for genome in genomes:
        if genome.path.resolve() in paths:
            raise GlmError(f"release.genomes: {genome.path}: is listed twice")
        if other := names.get(genome.name):
            raise GlmError(
                f"release.genomes: {other.path} and {genome.path} are both called "
                f"{genome.name!r}; rename one, or name them in a sheet (columns name, path)"
            )
        paths[genome.path.resolve()] = names[genome.name] = genome
