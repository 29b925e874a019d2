"""Keys of the models, their training, and how they are evaluated and read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from glm.configuration.section import (
    Count,
    Positive,
    PositiveShare,
    Precision,
    Reduction,
    Section,
    Share,
    ShareBelowOne,
    Whole,
)
from glm.inference.names import HiddenLayer


class GenomicModel(Section):
    """The genomic language model (Methods, gLM architecture and training)."""

    pretrained: str | None
    """Model directory that is read in place of training one: a folder, or the address of one. The
    other keys of this section are then the directory's own."""
    layers: Count
    """Transformer layers."""
    hidden_size: Count
    """Features of a gene inside the model."""
    heads: Count
    """Attention heads of a layer; must divide hidden_size."""
    feed_forward_size: Count
    """Features between the two feed-forward maps."""
    maximum_distance: Count
    """Largest gene distance with an embedding of its own."""
    predictions: Count
    """Candidates that the model gives for a masked gene."""
    dropout: ShareBelowOne
    """On hidden states and attention."""
    initializer_range: Positive
    """Standard deviation of random weights (RoBERTa has 0.02)."""
    distance_initializer_range: Positive
    """The same of the tables of relative distances (RoBERTa has 0.02)."""


class Baseline(Section):
    """The baseline (Extended Data 2)."""

    layers: Count
    """LSTM layers."""
    hidden_size: Count
    """Features of the cell."""
    dropout: ShareBelowOne
    """Between layers."""


class Budget(Section):
    """How long, and how fast, one model is trained."""

    batch_size: Count
    """Subcontigs of one optimiser step over all GPUs."""
    steps: Count
    """Optimiser steps."""
    learning_rate: Positive
    """Reached after the warm-up."""
    warmup_steps: Whole | None
    """Steps of linear warm-up; null is a twentieth of the steps, at most 5,000."""


class BaselineBudget(Budget):
    """How long, and how fast, the baseline is trained."""

    steps: Count | None  # type: ignore[assignment]
    """Optimiser steps; null shows it as many subcontigs as the gLM sees."""


class SharedTraining(Section):
    """What both models' training shares."""

    mask_rate: PositiveShare
    """Share of the genes that is masked."""
    predicted_unmasked: ShareBelowOne
    """Share of the windows of which nothing is hidden: the genes that would be masked are predicted
    although the model reads them, as BERT does with a tenth. Without it what a layer does at genes
    that are not masked is never trained (0 in the paper)."""
    random_offsets: bool
    """Whether windows begin anywhere on a contig, each pass anew, instead of where subcontigs do;
    subcontigs that are held out or removed are never entered, so that one between such stays where
    it is (false in the paper)."""
    strand_flip: bool
    """Whether half of the windows are read from the other strand: order and orientation reversed
    (false in the paper)."""
    homologue_substitution: Share
    """Share of the inputs that are replaced by a homologue of another genome, drawn anew each time;
    what is predicted stays the gene's own (0 in the paper)."""
    homologue_cosine: Share
    """Homologues are the at most eight nearest training proteins of other genomes whose
    standardised embeddings have a larger cosine."""
    alpha: Annotated[float, Field(ge=0)]
    """Weight of the cross-entropy of the likelihoods."""
    loss_reduction: Reduction
    """Average over masked genes, or over all positions as the published code does."""
    schedule: Literal["constant", "linear", "cosine"]
    """Learning rate after the warm-up."""
    weight_decay: Annotated[float, Field(ge=0)]
    """Of AdamW; the published code has 0."""
    epsilon: Positive
    """Of AdamW; the published code has 1e-6."""
    gradient_clip: Positive | None
    """Largest gradient norm; null for none."""
    precision: Precision
    """Arithmetic; the paper trained in half precision (fp16)."""
    residual: Literal["fp32", "half"]
    """What the gLM's layers add to, where precision is half: half moves less memory on a GPU."""
    products: Literal["half", "fp8"]
    """Numbers of the gLM's large products, where precision is half; fp8 needs an H100 or later."""
    compile: bool
    """Compile the model on a GPU."""
    subcontigs_per_device: Count
    """Of one forward pass; the batch is accumulated."""
    store: Literal["auto", "device", "memory_map"]
    """Where embeddings are gathered from; auto holds them on the GPU where that leaves room for the
    model and a micro-batch."""
    workers: Whole
    """Threads of each process that prepare the batches to come."""
    log_every: Count
    """Steps between rows of training in metrics.parquet."""
    validate_every: Count
    """Steps between rows of validation in metrics.parquet."""
    validation_subcontigs: Count
    """At most so many of each held-out corpus, always the same."""
    checkpoint_every: Count
    """Steps between checkpoints."""
    checkpoints_kept: Count
    """Checkpoints kept."""
    spike_deviations: Positive | None
    """A loss so many robust standard deviations above the recent median stops the run; null for
    never."""
    spike_window: Annotated[int, Field(ge=20)]
    """Steps that count as recent."""
    tensorboard: bool
    """Also write TensorBoard files, beside the checkpoints."""


class Training(SharedTraining):
    """How the models are trained: each one's own keys, and what both share."""

    glm: Budget
    bilstm: BaselineBudget
    threads: Count | None
    """Cores of a training without a GPU; null takes all, at most 16. With fewer, both models are
    trained side by side."""
    nodes: Count
    """Nodes."""
    wall_time: Count | None
    """Minutes after which training saves and ends with the status that has it resubmitted."""


class Evaluation(Section):
    """Accuracies of the trained models (Methods, Performance metric)."""

    mask_rate: PositiveShare
    """Share of a subcontig's genes that is masked at a time, whatever training masks: with fewer,
    more of the context is read and more is found."""
    masks_per_gene: Count
    """How often each gene is masked; the intervals are over genomes, or over subcontigs where there
    are fewer than ten."""


class Contextualisation(Section):
    """Genes in their context: the gLM's last hidden layer (Methods, Contextualized embedding
    calculation)."""

    shards: Count
    """Jobs that the corpus is dealt to; another genome is one job."""
    precision: Precision
    """Of the gLM's arithmetic where its embeddings are read; attention and accuracies are computed
    in fp32."""
    stored_precision: Literal["fp16", "fp32"]
    """Of the embeddings in the table; fp32 takes twice the disk."""
    layer: HiddenLayer
    """Last: the last hidden layer, as in the paper; after_attention: the same before the last
    feed-forward; masked: the last hidden layer where the gene itself is masked, which takes as many
    forward passes as a subcontig has genes. See what-is-trained.md."""
    subcontigs_per_batch: Annotated[int, Field(ge=2)]
    """Of one forward pass; where contexts are shuffled, genes are mixed within a batch."""
