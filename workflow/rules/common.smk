"""What all rules share: the checked configuration, where things lie, what a job may take."""

import re

from glm.cluster import gpu_resources, one_gpu_job_at_a_time
from glm.configuration import complete, is_asked, of_checkout, validate
from glm.device import gpus_here
from glm.errors import GlmError
from glm.report.captions import caption_file, read_caption
from snakemake.exceptions import WorkflowError

RUN = f"results/{config['run']}"
# ROOT is the checkout, also where this is a module of another workflow and runs in its folder.
SCRIPTS = "workflow/scripts" if ROOT == Path.cwd() else f"{ROOT}/workflow/scripts"


if ROOT != Path.cwd():
    config.update(of_checkout(config, ROOT))

try:
    validate(config)
except GlmError as error:
    raise WorkflowError(str(error)) from None
config.update(complete(config))


# An entry of the semantics may look in genomes of NCBI: they are a corpus of its name.
ENTRIES = {entry["name"]: entry for entry in config["semantics"]["entries"]}
GENOME_ENTRIES = [name for name, entry in ENTRIES.items() if "genomes" in entry]


wildcard_constraints:
    run=config["run"],
    corpus="metagenomes|reference",
    entry="|".join(ENTRIES) or "none",
    shard=r"\d+",


def setting(*keys):
    """The value of one configuration key: a rule names just those that it uses."""
    value = config
    for key in keys:
        value = value[key]
    return value


def settings(section, *keys):
    """Keys of a section of the configuration, as params of the same names."""
    return {key: setting(section, key) for key in keys}


def memory(base_mb, per_input_mb=0.0):
    """Megabytes: a base and a share of the input's size, more with each attempt."""

    def megabytes(wildcards, input, attempt):
        grown = per_input_mb and per_input_mb * input.size_mb
        return int((base_mb + grown) * attempt)

    return megabytes


def minutes(base, per_input_gb=0.0):
    """Minutes: a base and a share of the input's size, more with each attempt."""

    def runtime(wildcards, input, attempt):
        grown = per_input_gb and per_input_gb * input.size_mb / 1000
        return int((base + grown) * attempt)

    return runtime


# GPUs of a node for the training; each other job that can use one takes one.
GPUS = gpus_here() if setting("gpus") == "auto" else setting("gpus")
ON_A_GPU = gpu_resources(min(GPUS, 1))
if GPUS:
    one_gpu_job_at_a_time(workflow)

OWN_GENOMES = setting("release", "source") == "genomes"
FROM_REFSEQ = setting("release", "source") == "refseq"
# Genomes one by one, their proteins with names in a table, in place of a release.
SINGLE_GENOMES = OWN_GENOMES or FROM_REFSEQ
# A gLM that is there already is read, and what needs a corpus to train on is left out without one.
PRETRAINED = setting("glm", "pretrained")
HAS_CORPUS = setting("release", "source") is not None
of_corpus = lambda path: path if HAS_CORPUS else []
# Without a reference genome nothing is removed, and accuracies are of held-out subcontigs alone.
HAS_REFERENCE = setting("reference") is not None
of_reference = lambda path: path if HAS_REFERENCE else []
BASELINE = is_asked(config, "bilstm") and not PRETRAINED
# Genomes of the corpus that the operon predictor is tried on; the reference is a corpus of its own.
TRANSFER = {entry["name"]: entry for entry in setting("operons", "transfer")}
# Files that may be named by address where a file of this machine would do as well, by the folder
# that each is fetched into.
FILES = {
    **{
        f"annotation/{key}": value
        for key, value in setting("annotation").items()
        if key in ("reference", "protenn", "hmmer")
    },
    "enzymes/reference": setting("enzymes", "reference"),
    "operons/synonyms": setting("operons", "synonyms"),
    "operons/reference/list": setting("operons", "source"),
    **{f"operons/{name}/list": entry["source"] for name, entry in TRANSFER.items()},
    **{
        f"semantics/{name}/queries/{number}": each["queries"]
        for name, entry in ENTRIES.items()
        for number, each in enumerate(entry["sets"])
        if "queries" in each
    },
}
ADDRESSES = {folder: value for folder, value in FILES.items() if "://" in (value or "")}


def local(folder):
    """What the configuration names, or for an address the manifest of what is fetched from there."""
    return f"{RUN}/{folder}/manifest.parquet" if folder in ADDRESSES else FILES[folder]


# What reading with the gLM takes.
MODEL = dict(
    model="results/{run}/glm/model.safetensors",
    standardisation="results/{run}/embedding/standardisation.parquet",
    label_components="results/{run}/embedding/label_components.parquet",
)
# Where a corpus has its protein sequences: a release's FASTA (by its manifest), or a table.
SEQUENCES = {
    "metagenomes": f"{RUN}/metagenomes/"
    + ("proteins.parquet" if SINGLE_GENOMES else "release/manifest.parquet"),
    "reference": f"{RUN}/reference/proteins.parquet",
}
if not HAS_CORPUS:
    del SEQUENCES["metagenomes"]
if not HAS_REFERENCE:
    del SEQUENCES["reference"]


def own_genomes():
    """The genomes that the configuration lists; one that is not there is named, unless its genes
    are."""
    # here alone: it takes the readers of all formats along
    from glm.application.genome_list import list_genomes

    were_read = Path(RUN, "metagenomes", "genes.parquet").exists()
    try:
        return list_genomes(setting("release", "genomes"), were_read)
    except GlmError as error:
        raise WorkflowError(str(error)) from None


def shards(folder, count, corpus="{corpus}"):
    """The tables of a folder of a corpus: the training corpus is dealt to jobs, a genome is one."""

    def tables(wildcards):
        read = corpus.format(corpus=getattr(wildcards, "corpus", None))
        number = count if read == "metagenomes" else 1
        return [
            f"results/{wildcards.run}/{read}/{folder}/{shard}.parquet"
            for shard in range(number)
        ]

    return tables


def caption_of(picture):
    """The caption file of a figure, results/<run>/…/NAME.png."""
    return caption_file(ROOT / "workflow" / "report", Path(*Path(picture).parts[2:]))


def drawn(folder, *figures):
    """PNG and PDF of figures; the PNGs are marked for `snakemake --report`, with their captions."""
    marked = []
    for figure in figures:
        picture = f"{folder}/{figure}.png"
        path = caption_of(picture)
        try:
            caption = read_caption(path, figure)
        except GlmError as error:
            raise WorkflowError(str(error)) from None
        labels = {"figure": caption.title, "in the paper": caption.paper or "-"}
        flagged = report(picture, caption=path, category=caption.section, labels=labels)
        marked.append(flagged)
    return marked + [f"{folder}/{figure}.pdf" for figure in figures]


def given_by(name, analysis):
    """All that an analysis (of ANALYSES) gives, or why it gives nothing in this configuration."""

    def files(wildcards):
        if analysis.get("lacks"):
            raise WorkflowError(f"{name} {analysis['lacks']}")
        numbers = analysis["numbers"]
        several = numbers if isinstance(numbers, list) else [numbers]
        return expand([*analysis["figures"], *several], run=config["run"])

    return files
