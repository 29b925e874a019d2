import os
from pathlib import Path
import sys

# not `basedir`, which is another workflow's where this is a module of it
here = workflow.current_basedir
if here.is_local:
    ROOT = Path(here.get_path_or_uri(secret_free=False)).resolve()
else:
    # a module from GitHub or GitLab: Snakemake has a clone without files, and scripts are run as files
    hosted = here.hosted_repo.repo
    ROOT = Path(".snakemake", "checkouts", hosted.commit(here.ref).hexsha).resolve()
    if not ROOT.is_dir():
        hosted.git.worktree("prune")
        hosted.git.worktree("add", "--detach", ROOT, here.ref)
    # a rule's script is run from Snakemake's cache of sources, which does not hold the package
    paths = [str(ROOT / "workflow" / "scripts"), os.environ.get("PYTHONPATH")]
    os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, paths)))
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from glm import cluster, messages, preflight
from glm.rule_defaults import check_tools, complete_rules
from snakemake.utils import min_version

min_version("9.0")
OTHERS = {rule.name for rule in workflow.rules}


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/download.smk"
include: "workflow/rules/corpus.smk"
include: "workflow/rules/embedding.smk"
include: "workflow/rules/decontamination.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/contextualisation.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/targets.smk"


rule all:
    default_target: True
    input:
        f"{RUN}/report/index.html",
    localrule: True


complete_rules(workflow, OTHERS)
messages.shorten(workflow, Path(RUN))


onstart:
    check_tools(workflow)
    cluster.prepare(workflow, setting("gpus"), setting("training", "nodes"))
    preflight.check(workflow, config)


onsuccess:
    messages.show_results(Path(RUN))


onerror:
    cluster.cancel_jobs(workflow)
