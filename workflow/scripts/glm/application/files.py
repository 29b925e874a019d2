"""Many files to one table, a genome at a time: what `glm embed` and `glm operons` do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from glm import tables
from glm.application.embedding import embed_genome
from glm.application.inputs import Failures, GenomeFiles, read_sources
from glm.application.loading import TrainedModel
from glm.application.output import (
    Writer,
    contig_table,
    contigs_writer,
    gene_table,
    genes_writer,
)
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError
from glm.provenance import stamp

if TYPE_CHECKING:
    from glm.operons.predictor import Predictor


@dataclass
class Summary:
    """What came of some files. outside_training: genes read with too few others.

    left_out: by genome, what its file has and the table has not, if there is something; `reasons`
    are those of the CDS. pseudogenes, unreadable_cds, contigs_without_genes: of all genomes.
    """

    output: str
    genomes: int = 0
    contigs: int = 0
    genes: int = 0
    outside_training: int = 0
    pseudogenes: int = 0
    unreadable_cds: int = 0
    contigs_without_genes: int = 0
    left_out: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add_left_out(self, genome: Genome) -> None:
        """Count what was left out of a genome."""
        counts = {kind: count for kind, count in genome.left_out().items() if count}
        for kind, count in counts.items():
            setattr(self, kind, getattr(self, kind) + count)
        if counts:
            self.left_out[genome.name] = {**counts, "reasons": genome.unreadable}

    def counts(self) -> dict[str, int]:
        """The numbers alone, for the table's metadata."""
        given = {**asdict(self), "failed": len(self.failed)}
        return {name: value for name, value in given.items() if isinstance(value, int)}


def embed_files(
    model: TrainedModel,
    sources: Sequence[GenomeFiles],
    output: Path,
    contigs: Path | None,
    stride: int | None,
    context_only: bool,
    candidates: bool,
    done: Callable[[str], Any],
) -> Summary:
    """Embed the genes of every genome, and write them; `done` is called with each genome's name.

    In memory is one genome at a time. A bad file is left out and reported in the summary. Raises
    `GlmError`, and writes nothing, if no file could be used.
    """
    parameters = {
        "stride": stride or model.window,
        "context_only": context_only,
        "candidates": candidates,
    }
    with ExitStack() as files:
        writers = [files.enter_context(genes_writer(output, model, parameters))]
        if contigs is not None:
            writers.append(files.enter_context(contigs_writer(contigs, model, parameters)))

        def work(genome: Genome) -> pd.DataFrame:
            embedded = embed_genome(model, genome, stride, context_only, candidates)
            for writer, made in zip(writers, (gene_table, contig_table), strict=False):
                writer.write(made(embedded))
            return embedded.genes

        return over_genomes(sources, output, work, writers, done)


def call_operons_of_files(
    model: TrainedModel,
    predictor: Predictor,
    sources: Sequence[GenomeFiles],
    output: Path,
    stride: int | None,
    threshold: float,
    done: Callable[[str], Any],
) -> Summary:
    """Call the operons of every genome, and write them; the rest is as in `embed_files`."""
    # scikit-learn takes half a second, which embedding does without
    from glm.application.operons import call_operons, operon_table

    parameters = {
        "stride": stride or model.window // 2,
        "threshold": threshold,
        "fitted_on": predictor.genome,
        "fitted_labels": predictor.labels,
        "model": model.directory.identity(),
    }
    made = stamp("glm operons", parameters=parameters)
    with Writer(output, tables.OPERON_CALLS, made) as writer:

        def work(genome: Genome) -> pd.DataFrame:
            genes = call_operons(model, predictor, genome, stride, threshold)
            writer.write(operon_table(genome.name, genes))
            return genes

        return over_genomes(sources, output, work, [writer], done, need_coordinates=True)


def over_genomes(
    sources: Sequence[GenomeFiles],
    output: Path,
    work: Callable[[Genome], pd.DataFrame],
    writers: Sequence[Writer],
    done: Callable[[str], Any],
    need_coordinates: bool = False,
) -> Summary:
    """Do some work on every genome that can be read; it returns the genome's genes."""
    failures, summary = Failures(), Summary(str(output))
    for genome in read_sources(sources, failures, need_coordinates):
        genes = work(genome)
        summary.genomes += 1
        summary.contigs += genes["contig"].nunique()
        summary.genes += len(genes)
        summary.outside_training += int(genes["outside_training"].sum())
        summary.add_left_out(genome)
        done(genome.name)
    summary.failed = failures.messages
    if not summary.genomes:
        raise GlmError(f"no file could be used: {'; '.join(failures.messages.values())}")
    for writer in writers:
        writer.counts = summary.counts()
    return summary
