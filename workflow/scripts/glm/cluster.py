"""What a SLURM cluster is given and asked: the site's names, GPUs, launch lines, time and requeue.

The site is described by five environment variables (`SITE`), which profiles/slurm/config.yaml
uses for jobs without GPUs and `gpu_resources` for those with. Nothing here is needed, or done,
where the pipeline runs without SLURM.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from typing import Any, Literal

from glm.device import lacking_gpus
from glm.errors import GlmError

SITE = {
    "GLM_ACCOUNT": "account to charge (sshare -U); empty where the cluster has none",
    "GLM_CPU_PARTITION": "partition for jobs without GPUs (sinfo -s)",
    "GLM_GPU_PARTITION": "partition for jobs with GPUs (sinfo -o '%P %G %f')",
    "GLM_GPU_TYPE": "type of GPU as in gres gpu:<type>:<number>, such as a100",
    "GLM_CONSTRAINT": "feature that GPU nodes must have, such as a100 or a100_80gb; empty for any",
}
MAY_BE_EMPTY = ("GLM_ACCOUNT", "GLM_CONSTRAINT")
DAY = 1440  # minutes: the longest job that most clusters take
SAVING = 15  # minutes that training is given to end in after its own limit
LAST_SECONDS = 60.0  # of a job, in which it has itself requeued
TRANSIENT = "temporarily|unable to contact|timed out"


def check_site(environment: Mapping[str, str]) -> None:
    """Raise `GlmError` naming each site variable that is unset, with its meaning."""
    wanting = [
        name
        for name in SITE
        if name not in environment or (not environment[name] and name not in MAY_BE_EMPTY)
    ]
    if wanting:
        lines = "".join(f"\n  export {name}=...   # {SITE[name]}" for name in wanting)
        raise GlmError(f"the cluster is not described: set, once (docs/cluster.md),{lines}")


def check_jobs(
    environment: Mapping[str, str], gpus: int = 0, nodes: int = 1, longest: int = DAY
) -> None:
    """Have SLURM judge a job without GPUs and one with, as the pipeline will submit them.

    Nothing is submitted (`sbatch --test-only`). `longest` is the most minutes that a job may ask
    for; one that asks for more than its partition gives would wait for ever. Raises `GlmError`
    with SLURM's words and what the cluster has instead: better now than with every job of the run.
    """
    if shutil.which("sbatch") is None:
        raise GlmError("sbatch is not on PATH: run on a login node, or without --profile slurm")
    jobs = {"GLM_CPU_PARTITION": ["--ntasks=1"]}
    if gpus:
        jobs["GLM_GPU_PARTITION"] = [
            f"--nodes={nodes}",
            f"--gres=gpu:{environment['GLM_GPU_TYPE']}:{gpus}",
            f"--constraint={environment['GLM_CONSTRAINT']}",
        ]
    for partition, options in jobs.items():
        options = [f"--partition={environment[partition]}", *options]
        if account := environment["GLM_ACCOUNT"]:
            options.append(f"--account={account}")
        asked = subprocess.run(
            ["sbatch", "--test-only", "--time=10", *options, "--wrap=true"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode:
            words = " ".join(re.sub("sbatch: (error: )?", "", asked.stderr).split())
            if re.search(TRANSIENT, words, re.IGNORECASE):
                fix = "try again when the controller answers (scontrol ping)"
            else:
                fix = (
                    f"the variables are {', '.join(SITE)} (docs/cluster.md); "
                    f"the cluster has {offers()}"
                )
            raise GlmError(
                f"SLURM refuses a job for {partition}={environment[partition]} "
                f"({' '.join(options)}): {words}. Fix: {fix}"
            )
        limit = seconds(output("sinfo", "-h", "-p", environment[partition], "-o", "%l"))
        if limit is not None and limit < 60 * longest:
            raise GlmError(
                f"jobs may ask for {longest} minutes, but {partition}={environment[partition]} "
                f"gives {limit / 60:.0f}, and one that asks for more waits for ever: lower "
                "`resources: runtime` in profiles/slurm/config.yaml"
            )


def offers() -> str:
    """Partitions with their GPUs and features, and the accounts of this user, in one line."""
    partitions = output("sinfo", "-h", "-o", "partition %R (gres %G, features %f)").splitlines()
    accounts = output("sshare", "-U", "-h", "-P", "-o", "Account").split()
    named = sorted({f"account {name}" for name in accounts})
    return "; ".join([*dict.fromkeys(partitions), *named])


def output(*command: str) -> str:
    """What a command prints; nothing where it fails or is missing."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=60
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def status_command() -> str:
    """`sacct` where the cluster keeps accounts, else `squeue`.

    The executor takes sacct wherever the program is installed, and then waits for ever where
    accounting is off or down.
    """
    try:
        asked = subprocess.run(
            ["sacct", "--noheader", "--allocations"], capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return "squeue"
    return "squeue" if asked.returncode else "sacct"


def prepare(workflow: Any, gpus: int | Literal["auto"] = 0, nodes: int = 1) -> None:
    """Check the machine, or the site; called by the Snakefile as it starts.

    gpus: the key of the configuration. On this machine: that it has them, if a job that is to run
    asks for any. On SLURM: the site, and how jobs are asked for their state. Raises Snakemake's
    `WorkflowError`.
    """
    from snakemake.exceptions import WorkflowError

    if workflow.executor_plugin.name == "local" and gpus != "auto":
        wanting = {job.rule.name for job in needed(workflow) if job.resources.get("accelerators")}
        if wanting and (reason := lacking_gpus(gpus)):
            raise WorkflowError(f"{', '.join(sorted(wanting))}: {reason}")
    if workflow.executor_plugin.name != "slurm":
        return
    allowed = workflow.global_resources.get("runtime")
    try:
        if gpus == "auto":
            raise GlmError("gpus is auto, which is for one machine; set how many GPUs a node has")
        check_site(os.environ)
        check_jobs(os.environ, gpus, nodes, DAY if allowed is None else allowed.value)
    except GlmError as error:
        raise WorkflowError(str(error)) from None
    workflow.executor_settings.status_command = status_command()


def needed(workflow: Any) -> list[Any]:
    """The jobs that are to run."""
    return list(workflow.dag.needrun_jobs())


def one_gpu_job_at_a_time(workflow: Any) -> None:
    """Without SLURM run one job with GPUs at a time, unless `--resources accelerators=…` was given.

    Two at a time would take the same GPU. Where jobs are submitted, each gets its own.
    """
    if workflow.nodes is None and "accelerators" not in workflow.global_resources:
        workflow.register_resource("accelerators", 1)


def cancel_jobs(workflow: Any) -> None:
    """Cancel what is left of a run's jobs; called by the Snakefile as it ends without success.

    On Ctrl-C Snakemake cancels them itself, but forgets those whose state it is just then asking
    SLURM for (9.27 takes them off its list meanwhile), and a busy SLURM takes long to answer.
    """
    executor = getattr(workflow.scheduler, "_executor", None)
    if name := getattr(executor, "run_uuid", None):
        output("scancel", f"--name={name}")


def gpu_resources(
    gpus: int, nodes: int = 1, environment: Mapping[str, str] = os.environ
) -> dict[str, int | str]:
    """Resources of a rule that takes `gpus` GPUs on each of `nodes` nodes.

    Without GPUs, on one node, there are none: the rule is an ordinary CPU job. `gres` counts GPUs
    of a node, and `nodes` keeps SLURM from spreading them. There are no `tasks` beside GPUs, which
    the executor would make tasks of each GPU; several nodes need them (one task a node, which
    starts that node's ranks) and `tasks_per_gpu: 0` then says that they are not the GPUs'.
    `accelerators` is for a computer without SLURM, where one such job runs at a time.
    """
    resources: dict[str, int | str] = {}
    if gpus:
        resources["accelerators"] = gpus
        resources["gres"] = f"gpu:{environment.get('GLM_GPU_TYPE') or 'a100'}:{gpus}"
        resources["nodes"] = nodes
        if partition := environment.get("GLM_GPU_PARTITION"):
            resources["slurm_partition"] = partition
        if constraint := environment.get("GLM_CONSTRAINT"):
            resources["constraint"] = constraint
    if nodes > 1:
        resources |= {"nodes": nodes, "mpi": "srun", "tasks": nodes, "tasks_per_gpu": 0}
    return resources


def training_resources(
    gpus: int, nodes: int, wall_time: int | None, environment: Mapping[str, str] = os.environ
) -> dict[str, int | str]:
    """Resources of a training rule: its GPUs, and minutes a little above its own limit."""
    runtime = DAY if wall_time is None else wall_time + SAVING
    return {"runtime": runtime, **gpu_resources(gpus, nodes, environment)}


def launcher(
    gpus: int, nodes: int, threads: int, environment: Mapping[str, str] = os.environ
) -> str:
    """Shell words that go before a training script: one process a GPU, on one node or several.

    On one processor or GPU it is `python`; on one node torchrun, which finds a free port; on
    several, srun starts one torchrun a node, and they meet on the first node, at a port that two
    jobs on a node do not share. SLURM's variables are asked for by command because the executor
    takes them out of the job's environment.
    """
    processes = max(1, gpus)
    if nodes == 1:
        return f"torchrun --standalone --nproc-per-node={processes}" if gpus > 1 else "python"
    gres = f" --gres={gpu_resources(gpus, nodes, environment)['gres']}" if gpus else ""
    return (
        f"srun --nodes={nodes} --ntasks={nodes} --ntasks-per-node=1 --cpus-per-task={threads}{gres}"
        " --kill-on-bad-exit=1 bash -c "
        f"'exec torchrun --nnodes={nodes} --nproc-per-node={processes} --node-rank=$SLURM_NODEID"
        ' --master-addr=$0 --master-port=$((20000 + SLURM_JOB_ID % 10000)) "$@"\''
        " $(squeue --noheader --jobs=$SLURM_JOB_ID --format=%B)"
    )


def seconds_left(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds until SLURM ends this job; None outside a job or where it has no limit."""
    if not (job := environment.get("SLURM_JOB_ID")):
        return None
    return seconds(output("squeue", "--noheader", f"--jobs={job}", "--format=%L"))


def seconds(duration: str) -> float | None:
    """Seconds of SLURM's [days-][[hours:]minutes:]seconds; None for words such as UNLIMITED."""
    if not re.fullmatch(r"(\d+-)?[\d:]+", duration):
        return None
    days, _, clock = duration.rpartition("-")
    total = 0
    for part in clock.split(":"):
        total = 60 * total + int(part)
    return int(days or 0) * 86400.0 + total


def requeue(environment: Mapping[str, str] = os.environ) -> bool:
    """Have SLURM run this job again from its start; False outside a job or where it will not.

    The job keeps its number, so Snakemake still waits for it and none of its retries is
    used: training can be cut by the wall-time limit as often as it takes. SLURM ends the
    present run at once, so this is the last thing to do.
    """
    if not (job := environment.get("SLURM_JOB_ID")):
        return False
    asked = subprocess.run(
        ["scontrol", "requeue", job], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        logging.warning("SLURM does not requeue job %s: %s", job, asked.stderr.strip())
    return asked.returncode == 0


def requeue_in_time(environment: Mapping[str, str] = os.environ) -> threading.Timer | None:
    """Have SLURM run this job again shortly before its time limit ends it.

    For a download, which resumes and may take longer than any job. Returns what waits for that
    time; None outside a job, or in one without a limit.
    """
    left = seconds_left(environment)
    if left is None:
        return None
    timer = threading.Timer(max(0.0, left - LAST_SECONDS), requeue, [environment])
    timer.daemon = True
    timer.start()
    return timer
