"""What all rules share: the checked configuration, where things lie, what a rule depends on."""

import json
import re

from glm.config import validate as validate_config
from glm.errors import GlmError
from glm.report.captions import caption_file, read_caption
from glm.source_code import fingerprint
from snakemake.exceptions import WorkflowError

RUN = f"results/{config['run']}"
# ROOT is the checkout, also where this is a module of another workflow and runs in its folder.
SCRIPTS = "workflow/scripts" if ROOT == Path.cwd() else f"{ROOT}/workflow/scripts"


def of_checkout(value):
    """A configuration whose paths under resources/ are those of the checkout."""
    if isinstance(value, dict):
        return {key: of_checkout(each) for key, each in value.items()}
    if isinstance(value, list):
        return [of_checkout(each) for each in value]
    is_here = not isinstance(value, str) or Path(value).exists()
    if is_here or not value.startswith("resources/"):
        return value
    return str(ROOT / value)


if ROOT != Path.cwd():
    config.update(of_checkout(config))

try:
    validate_config(config, ROOT / "config" / "schema.yaml")
except GlmError as error:
    raise WorkflowError(str(error)) from None


# What analyses give to the report: their rules files add tables NUMBERS, and figures.
SCORECARD_NUMBERS = []
REPORT_FIGURES = []


wildcard_constraints:
    run=config["run"],
    corpus="metagenomes|reference",
    shard=r"\d+",


def setting(*keys):
    """The value of one configuration key: a rule names just those that it uses."""
    value = config
    for key in keys:
        value = value[key]
    return value


def code(script):
    """The hash of a script and of what it imports, since another one runs its rule again."""
    return lambda wildcards: fingerprint(script)


def logs(folder, name):
    """Where a rule logs."""
    return f"logs/{{run}}/{folder}/{name}.log"


def benchmarks(folder, name):
    """Where the time and memory of a rule go."""
    return f"results/{{run}}/benchmarks/{folder}/{name}.tsv"


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


def protein_model_files(wildcards):
    """The files of a protein model that lies in a folder: another one is embedded with anew."""
    folder = Path(setting("embedding", "model"))
    names = ("config.json", "model.safetensors", "identity.json")
    return [str(folder / name) for name in names if (folder / name).is_file()]


def embedding_shards(corpus):
    """Shards of a corpus: the training corpus is dealt to jobs, a genome is one job."""
    return setting("embedding", "shards") if corpus == "metagenomes" else 1


def embeddings(wildcards):
    """All shards of a corpus."""
    corpus = getattr(wildcards, "corpus", "metagenomes")
    return expand(
        "results/{run}/{corpus}/embeddings/{shard}.parquet",
        run=wildcards.run,
        corpus=corpus,
        shard=range(embedding_shards(corpus)),
    )


def contextual_shards(corpus):
    """Jobs that read a corpus in context: the training corpus is dealt, a genome is one job."""
    return setting("contextualisation", "shards") if corpus == "metagenomes" else 1


def contextual(corpus, variant="trained"):
    """All shards of a corpus's contextualised embeddings."""
    return [
        f"results/{{run}}/{corpus}/contextual/{variant}/{shard}.parquet"
        for shard in range(contextual_shards(corpus))
    ]


# Addresses that the configuration names where a file of this machine would do as well, by the
# folder that each is fetched into.
DOWNLOADS = {}
TEN_DAYS = 14400  # minutes: what a release took on a slow line


def local(folder, value):
    """A path or null as it is; for an address the manifest of what is fetched from there."""
    if value is None or "://" not in value:
        return value
    DOWNLOADS[folder] = value
    return f"{RUN}/{folder}/manifest.parquet"


# The reference of an analysis.
REFERENCE_SETS = {
    analysis: local(f"{analysis}/reference", setting(analysis, "reference"))
    for analysis in ("annotation", "enzymes")
}


def training_settings(model):
    """The section of a model and the one that both share, as JSON for the command line."""
    return json.dumps({"model": setting(model), "training": setting("training")})


# Genomes of the corpus that the operon predictor is tried on; the reference is a corpus of its own.
TRANSFER = {entry["name"]: entry for entry in setting("operons", "transfer")}
# The operon list of each genome; null is the silver standard.
OPERON_LISTS = {
    name: local(f"operons/{name}/list", section["source"])
    for name, section in {"reference": setting("operons"), **TRANSFER}.items()
}
SYNONYMS = local("operons/synonyms", setting("operons", "synonyms"))
ATTENTION_VARIANTS = ["trained", "untrained", "shuffled", "moved"]


def of_corpus(file):
    """A file of the corpus that the wildcard's genome lies in."""

    def path(wildcards):
        corpus = "metagenomes" if wildcards.genome in TRANSFER else "reference"
        return f"results/{wildcards.run}/{corpus}/{file}"

    return path


def attention(genome, variant):
    """All shards of a genome's attention."""
    return [
        f"results/{{run}}/attention/{genome}/{variant}/{shard}.parquet"
        for shard in range(setting("operons", "attention_shards"))
    ]


def gene_names(wildcards):
    """Symbols and locus tags, which an MGnify release does not give."""
    if wildcards.genome not in TRANSFER:
        return f"results/{wildcards.run}/reference/proteins.parquet"
    if setting("release", "source") == "genomes":
        return f"results/{wildcards.run}/metagenomes/proteins.parquet"
    return []


# Entries of the semantics analysis; one of NCBI's genomes is a corpus of its own, by its name.
ENTRIES = {
    entry["name"]: {
        **entry,
        "sets": [
            (
                {
                    **each,
                    "queries": local(
                        f"semantics/{entry['name']}/queries/{number}", each["queries"]
                    ),
                }
                if "queries" in each
                else each
            )
            for number, each in enumerate(entry["sets"])
        ],
    }
    for entry in setting("semantics", "entries")
}
GENOME_ENTRIES = [name for name, entry in ENTRIES.items() if "genomes" in entry]


def of_entry(file):
    """A file of the corpus that an entry looks in."""

    def path(wildcards):
        entry = wildcards.entry
        corpus = entry if entry in GENOME_ENTRIES else "metagenomes"
        return f"results/{wildcards.run}/{corpus}/{file}"

    return path


VARIANCE_VARIANTS = ["trained", *setting("context_variance", "controls")]


def within_reach(genes, key):
    """The genes of a window that the gLM is to read, refused where its distances do not reach."""
    reach = setting("glm", "maximum_distance")
    if genes > reach:
        raise WorkflowError(
            f"configuration: {key} makes windows of {genes} genes, glm.maximum_distance is {reach}"
        )
    return genes


def entry_settings(wildcards):
    """An entry of the semantics, its windows within the gLM's reach."""
    entry = ENTRIES[wildcards.entry]
    genes = 2 * entry.get("genes_each_side", 0) + 1
    within_reach(genes, f"semantics.entries, {entry['name']}, genes_each_side")
    return entry


def entry_annotations(wildcards):
    """The annotations of an entry's corpus, where one of its sets has words."""
    if any("words" in each for each in ENTRIES[wildcards.entry]["sets"]):
        return of_entry("annotations.parquet")(wildcards)
    return []


def entry_manifest(wildcards):
    """The release's manifest, which tells where its biomes lie, for an entry that asks for them."""
    by_biome = ENTRIES[wildcards.entry]["group_by"] == "biome"
    if by_biome and setting("release", "source") == "mgnify":
        return f"results/{wildcards.run}/metagenomes/release/manifest.parquet"
    return []


def entry_queries(wildcards):
    """Query files of an entry, so that others are searched anew."""
    sets = ENTRIES[wildcards.entry]["sets"]
    return [each["queries"] for each in sets if each.get("queries")]


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


def report_figures(wildcards):
    """The figures that analyses gave to the report, as PNG."""
    paths = [path.format(run=wildcards.run) for path in REPORT_FIGURES]
    return [path for path in paths if path.endswith(".png")]


def report_captions(wildcards):
    """Their captions."""
    return sorted({str(caption_of(path)) for path in report_figures(wildcards)})


def gpus_by_rule():
    """GPUs of a job on all its nodes, by rule; rules without GPUs are left out."""
    asked = {rule.name: rule.resources for rule in workflow.rules}
    return {
        name: resources["accelerators"].value * resources["nodes"].value
        for name, resources in asked.items()
        if "accelerators" in resources
    }


def check_tools():
    """Name a missing tool, or one of another version, before the first job runs."""
    from glm import tools
    from snakemake.settings.types import DeploymentMethod

    if DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method:
        return
    try:
        found = tools.versions()
    except GlmError as error:
        raise WorkflowError(str(error)) from None
    logger.info(
        "tools: " + ", ".join(f"{tool} {version}" for tool, version in found.items())
    )


def show_summary():
    """Print what ran, how good it is and where the figures are."""
    from glm.report.summary import show

    show(Path(RUN))
