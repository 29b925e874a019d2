"""Couplings of the genes of one's own genomes: what each two tell a gLM of each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from glm import tables
from glm.application.embedding import largest_window, readable, windows_of
from glm.application.files import Summary, over_genomes
from glm.application.inputs import GenomeFiles
from glm.application.loading import TrainedModel
from glm.application.output import Writer, label
from glm.application.plot import check_format, name_of, plot_couplings
from glm.application.windows import Window
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError
from glm.inference.couplings import pairs_of
from glm.inference.reader import GeneReader
from glm.provenance import stamp


class Stretch(NamedTuple):
    """Genes `first` to `last` (None: to the end) of a contig, and the figure to draw of them.

    contig: its name, or a part that no other has.
    """

    contig: str
    first: int
    last: int | None
    figure: Path | None

    @classmethod
    def of(
        cls, contig: str | None, first: int, last: int | None, figure: Path | None
    ) -> Stretch | None:
        """As the options of `glm couplings` say; None for whole genomes.

        Raises `GlmError` for options that need a contig, or a figure of another format.
        """
        if figure is not None:
            check_format(figure)
        if contig is None:
            if first or last is not None or figure is not None:
                raise GlmError("--from, --to and --map are of one contig: name it by --contig")
            return None
        return cls(contig, first, last, figure)

    def of_genome(self, genome: Genome) -> Genome:
        """These genes of a genome alone; raises `GlmError` if it has none of them."""
        contigs = genome.contigs()
        contig = name_of(genome.name, [*contigs], self.contig)
        genes = contigs[contig]
        kept = genes[self.first : None if self.last is None else self.last + 1]
        if not kept:
            raise GlmError(
                f"{genome.name}: contig {contig} has genes 0 to {len(genes) - 1}, no others"
            )
        return dataclasses.replace(genome, genes=kept)


def couple_windows(reader: GeneReader, windows: Sequence[Window]) -> pd.DataFrame:
    """Couplings of all pairs of genes that some window has both of, averaged over these.

    Columns first, second (genes of the reader's corpus), change, coupling, corrected, windows.
    """
    columns = ["first", "second", "change", "coupling", "corrected"]
    parts = [pd.DataFrame(columns=columns).astype({"first": int, "second": int})]
    for window in windows:
        first, second, *values = pairs_of(reader, np.arange(window.begin, window.end))
        places = [window.begin + first, window.begin + second]
        parts.append(pd.DataFrame(dict(zip(columns, [*places, *values], strict=True))))
    by_pair = pd.concat(parts).groupby(["first", "second"])
    return by_pair.mean().assign(windows=by_pair.size()).reset_index()


def couple_genome(
    model: TrainedModel, genome: Genome, stride: int | None = None, first_rank: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Genes of a genome, and the couplings of those that are read together.

    stride: as in `embed_genome`; by default half a window, so that near genes are read together.
    first_rank: of the first gene of each contig. Genes have the columns of `readable`, name,
    window_genes and outside_training; pairs those of `gene_couplings`, `genome` apart.
    """
    read = readable(genome)
    genes = read.genes.assign(rank=read.genes["rank"] + first_rank)
    embeddings = model.embed_proteins(read.sequences)[read.protein]
    windows = windows_of(model, read, stride or max(1, model.window // 2))
    genes["window_genes"] = largest_window(windows, len(genes))
    minimum = model.directory.config.minimum_genes
    genes["outside_training"] = genes["window_genes"] < minimum
    together = [window for window in windows if window.genes > 1]
    found = couple_windows(model.reader(read.corpus, embeddings), together)
    genes["name"] = genes.apply(label, axis=1)
    one, other = (genes.iloc[found[side]].reset_index(drop=True) for side in ("first", "second"))
    columns = ["rank", "gene", "name"]
    pairs = pd.concat(
        [found, one[columns].add_prefix("first_"), other[columns].add_prefix("second_")], axis=1
    ).assign(
        contig=one["contig"],
        distance=other["rank"] - one["rank"],
        same_strand=one["forward"] == other["forward"],
        # a pair of which one gene was in no full window was in none
        outside_training=one["outside_training"] | other["outside_training"],
    )
    return genes, pairs


def couple_files(
    model: TrainedModel,
    sources: Sequence[GenomeFiles],
    output: Path,
    stride: int | None,
    chosen: Stretch | None,
    done: Callable[[str], Any],
) -> Summary:
    """Couple the genes of every genome, or of a stretch of one, and write them, as `embed_files`.

    Raises `GlmError` also where a stretch is chosen of several genomes.
    """
    if chosen and len(sources) > 1:
        raise GlmError(f"--contig is of one genome, and here are {len(sources)}: name one file")
    parameters = {
        "stride": stride or model.window // 2,
        "contig": chosen and chosen.contig,
        "model": model.directory.identity(),
    }
    with Writer(output, tables.GENE_COUPLINGS, stamp("glm couplings", parameters=parameters)) as to:

        def work(genome: Genome) -> pd.DataFrame:
            part = chosen.of_genome(genome) if chosen else genome
            genes, pairs = couple_genome(model, part, stride, chosen.first if chosen else 0)
            named = pairs.assign(genome=genome.name)[tables.GENE_COUPLINGS.names]
            to.write(pa.Table.from_pandas(named, preserve_index=False))
            if chosen and chosen.figure:
                title = f"{genome.name}, contig {genes['contig'].iloc[0]} (n = {len(genes)} genes)"
                plot_couplings(genes, pairs, title, chosen.figure)
            return genes

        return over_genomes(sources, output, work, [to], done)
