"""A configuration for one's own genomes, sized by what they hold and what the machine has."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from glm import estimates
from glm.application.gene_counts import count_genes
from glm.application.genome_list import list_genomes
from glm.configuration import complete, validate
from glm.errors import GlmError
from glm.estimates import Corpus, Machine

CONFIG = Path("config/config.yaml")
PROTEIN_MODELS = tuple(
    f"facebook/esm2_{size}_UR50D" for size in ("t33_650M", "t30_150M", "t12_35M", "t6_8M")
)
"""Best first; the first that takes no more than `EMBEDDING_SHARE` of the hours is taken."""
EMBEDDING_SHARE = 1 / 3
PASSES = 130  # over the corpus: as the demo's (docs/demo.md)
FEW_PASSES = 10
FEWEST_STEPS = 200
SMALLEST = 30  # subcontigs


@dataclass(frozen=True)
class Size:
    """A gLM for corpora of up to so many subcontigs: its layers, and how it is trained."""

    subcontigs: float
    layers: int
    hidden_size: int
    heads: int
    batch_size: int
    learning_rate: float


SIZES = (
    Size(5_000, 1, 256, 8, 32, 2e-3),  # the demo's
    Size(50_000, 4, 512, 8, 64, 5e-4),
    Size(500_000, 6, 768, 12, 256, 3e-4),
    Size(float("inf"), 19, 1280, 10, 1024, 1e-4),  # the paper's gLM
)
TEMPLATE = """\
# Training a gLM on one's own genomes: {proteins:,} genes, {subcontigs:,} subcontigs of up to 30.
# What is not here is config/config.yaml's. Start: snakemake --configfile THIS --cores all
run: {run}  # its results are results/{run}
gpus: auto  # GPUs of this machine; 0 computes on the processor
reference: null  # a genome to keep out and to measure on (docs/train.md); null for none
analyses: []  # of the paper, such as operons (needs a reference); bilstm trains the baseline too

release:
  source: genomes  # one's own
  genomes: {genomes}  # files, folders, patterns, or a sheet (name, path, biome)

embedding:
  model: {model}  # the protein model: a name on the Hugging Face hub, or a folder
  precision: {precision}  # fp32 for a processor, bf16 for a GPU
  shards: 1  # jobs that the proteins are dealt to

decontamination:
  validation_share: null  # held out to measure on: a twentieth, of few up to a fifth

glm:  # by the number of subcontigs: few are learned by heart
  layers: {layers}  # transformer layers
  hidden_size: {hidden_size}  # features of a gene inside the model
  heads: {heads}  # attention heads of a layer; must divide hidden_size
  feed_forward_size: {feed_forward_size}  # features between the two feed-forward maps
  dropout: {dropout}  # share of the hidden states that is left out at random
  distance_initializer_range: 1.0  # heads that look at different distances from the first step

training:
  glm:
    batch_size: {batch_size}  # subcontigs of a step
    steps: {steps}  # {passes:,.0f} passes over the corpus
    learning_rate: {learning_rate}  # after the warm-up
    warmup_steps: null  # a twentieth of the steps
  bilstm:  # the baseline, if analyses names it
    batch_size: {batch_size}  # as above
    steps: null  # as many subcontigs as the gLM sees
    learning_rate: {learning_rate}  # as above
    warmup_steps: null  # as above
  predicted_unmasked: 0.15  # of the windows, so that genes can be read (docs/what-is-trained.md)
  alpha: 0.07  # weight of telling which of the four predictions is right
  schedule: cosine  # the learning rate falls to zero
  precision: {precision}  # as the embedding's
  compile: {compile}  # worth its minutes for a long training on a GPU
  subcontigs_per_device: {batch_size}  # lower it where a GPU's memory does not suffice
  workers: 1  # threads that prepare the batches to come
  validate_every: {validate_every}  # steps between accuracies of the held-out subcontigs
  checkpoint_every: {validate_every}  # steps between states that a killed training resumes from

contextualisation:
  shards: 1  # jobs that the subcontigs are dealt to
  precision: {precision}  # as the embedding's
"""


def make_configuration(
    genomes: Sequence[str],
    run: str,
    hours: float,
    model: str | None = None,
    machine: Machine | None = None,
) -> tuple[str, list[str]]:
    """The text of a configuration, and what its run takes, as lines of text.

    genomes: as release.genomes takes them. hours: that embedding and training may take by the
    rates of `estimates`. model: the protein model, if it is not to be chosen. Raises `GlmError`
    for genomes that are not there, and for too few.
    """
    from snakemake.utils import update_config

    machine = machine or Machine.here()
    paper = yaml.safe_load(CONFIG.read_text()) if CONFIG.is_file() else None
    if paper is None:
        raise GlmError(f"{CONFIG}: no such file; run glm init in a checkout of the pipeline")
    corpus = count_genes(list_genomes(genomes), paper["corpus"])
    if corpus.subcontigs < SMALLEST:
        raise GlmError(
            f"{corpus.proteins:,} genes make {corpus.subcontigs} subcontigs of 15 to 30, and a "
            f"gLM learns nothing from fewer than {SMALLEST}: add genomes"
        )
    values = sized(corpus, machine, hours, model, paper)
    listed = json.dumps(list(genomes) if len(genomes) > 1 else genomes[0])
    about = {"proteins": corpus.proteins, "subcontigs": corpus.subcontigs}
    text = TEMPLATE.format(run=run, genomes=listed, **about, **values)
    config = copy.deepcopy(paper)
    update_config(config, yaml.safe_load(text))
    validate(config)
    found = estimates.costs(complete(config), machine, corpus)
    lines = [*estimates.described(found, machine), *estimates.too_small(corpus)]
    if (total := sum(cost.hours for cost in found)) > hours:
        took = estimates.duration(total)
        lines.append(f"warning: {took} are more than the {hours:g} hours asked for (--hours)")
    if values["passes"] < FEW_PASSES:
        lines.append(
            f"warning: {hours:g} hours are {values['passes']:.1f} passes over the corpus here; "
            "take more (--hours), a GPU, or fewer genomes"
        )
    return text, lines


def sized(
    corpus: Corpus, machine: Machine, hours: float, model: str | None, paper: Mapping[str, Any]
) -> dict[str, Any]:
    """What the template asks for."""
    precision = "bf16" if machine.gpus else "fp32"
    embedding = {**paper["embedding"], "precision": precision}
    chosen = model or next(
        (
            name
            for name in PROTEIN_MODELS
            if stage_hours(paper, machine, corpus, "embed_proteins",
                           embedding={**embedding, "model": name}) <= EMBEDDING_SHARE * hours
        ),
        PROTEIN_MODELS[-1],
    )  # fmt: skip
    size = next(each for each in SIZES if corpus.subcontigs <= each.subcontigs)
    values: dict[str, Any] = {
        "model": chosen,
        "precision": precision,
        "layers": size.layers,
        "hidden_size": size.hidden_size,
        "heads": size.heads,
        "feed_forward_size": max(2048, 4 * size.hidden_size),
        "dropout": 0.0 if size is SIZES[0] else 0.1,
        "batch_size": size.batch_size,
        "learning_rate": f"{size.learning_rate:.1e}",
        "compile": str(bool(machine.gpus) and size.layers > 1).lower(),
    }
    glm = {**paper["glm"], **{key: values[key] for key in paper["glm"] if key in values}}
    budget = {"batch_size": size.batch_size, "steps": 1000, "warmup_steps": 0}
    training = {**paper["training"], "glm": budget, "precision": precision}
    thousand = stage_hours(paper, machine, corpus, "train_glm", glm=glm, training=training)
    wanted = PASSES * corpus.subcontigs / size.batch_size
    allowed = 1000 * (1 - EMBEDDING_SHARE) * hours / thousand
    steps = max(FEWEST_STEPS, round(min(wanted, allowed), -2))
    return {
        **values,
        "steps": int(steps),
        "passes": steps * size.batch_size / corpus.subcontigs,
        "validate_every": max(50, int(steps) // 20),
    }


def stage_hours(
    paper: Mapping[str, Any], machine: Machine, corpus: Corpus, stage: str, **sections: Any
) -> float:
    """Hours of a stage with some sections of the configuration changed."""
    config = {**paper, "analyses": [], **sections}
    return sum(
        cost.hours for cost in estimates.costs(config, machine, corpus) if cost.stage == stage
    )
