"""What all rules share: the checked configuration, where things lie, what a rule depends on."""

import json

from glm.config import validate as validate_config
from glm.errors import GlmError
from snakemake.exceptions import WorkflowError

ROOT = Path(workflow.basedir)
RUN = f"results/{config['run']}"
SCRIPTS = "workflow/scripts"

try:
    validate_config(config, ROOT / "config" / "schema.yaml")
except GlmError as error:
    raise WorkflowError(str(error)) from None


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


def code(script, *modules):
    """The script of a rule and the package modules whose edits must run it again."""
    return [
        f"{SCRIPTS}/{script}.py",
        *(f"{SCRIPTS}/glm/{module}.py" for module in modules),
    ]


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
    return [str(folder / name) for name in names] if folder.is_dir() else []


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


# A command that names thousands of shards would be longer than a shell takes.
def shard_folder(wildcards, input):
    """The folder of a corpus's shards."""
    return str(Path(input.embeddings[0]).parent)


def optional(flag, value):
    """A flag and its value, or nothing where the configuration says null."""
    return "" if value is None else f"{flag} {value}"


def training_settings(model):
    """The section of a model and the one that both share, as JSON for the command line."""
    return json.dumps({"model": setting(model), "training": setting("training")})


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
