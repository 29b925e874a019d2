"""Three trainings of one model, by two processes of torchrun each, and what befalls two of them."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

from tests.slurm.cluster import Cluster, command_line, environment_of, wait_until
from tests.slurm.runs import Snakemake, checkout, pipeline
from tests.unit.training.conftest import BUDGET, GLM, TRAINING
from tests.workflow.test_training import place_inputs

from glm.cluster import seconds

STEPS, CHECKPOINTS = 1200, 100
MODEL = "results/small/glm/model.safetensors"
SETTINGS = {
    "run": "small",
    "corpus": {"maximum_genes": 10, "minimum_genes": 3},
    "analyses": [],
    "gpus": 2,
    "glm": GLM,
    "training": {
        **TRAINING,
        "glm": {**BUDGET, "steps": STEPS},
        "validate_every": STEPS,
        "checkpoint_every": CHECKPOINTS,
    },
}
LIMITS = {"undisturbed": 60, "ended": 60, "short": 2}  # minutes
CUTS = 2  # how often the last one's time is over
NEARLY_OVER = 8  # seconds: less than the tenth of its time that a training keeps for saving
PATIENCE = 900


def start(cluster: Cluster, directory: Path) -> dict[str, Snakemake]:
    """Submit the training rule three times, on inputs of its unit tests.

    One is on the node that will be killed and taken away, two are on another one.
    """
    return {name: start_one(cluster, directory / name, name) for name in LIMITS}


def start_one(cluster: Cluster, directory: Path, name: str) -> Snakemake:
    """Submit the training rule, in a checkout of its own."""
    inputs = directory / "inputs"
    inputs.mkdir(parents=True)
    place_inputs(inputs, directory / "results/small")
    limit = f"train_glm:runtime={LIMITS[name]}"
    only = ("--allowed-rules", "train_glm", "--set-resources", limit)
    site = {
        "GLM_GPU_PARTITION": "training",
        "GLM_CONSTRAINT": "frail" if name == "ended" else "firm",
    }
    return pipeline(cluster, checkout(directory), SETTINGS, MODEL, *only, **site)


class Training:
    """The job of a training that is on its way."""

    def __init__(self, run: Snakemake) -> None:
        """Wait until the job is there."""
        self.run, self.cluster = run, run.cluster
        self.until(lambda: len(run.jobs()) == 1, "it is submitted")
        (self.job,) = run.jobs()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until `condition` holds; `RuntimeError` if the training ends before."""

        def holds() -> bool:
            if self.run.process.poll() is not None:
                raise RuntimeError(f"ended before {what}:\n{self.run.output}")
            return condition()

        wait_until(holds, what, PATIENCE)

    def step(self) -> int:
        """Step of its last saved state; 0 if there is none."""
        states = (self.run.directory / "results/small/glm/state").glob("*/step-*")
        return max((int(state.name.partition("-")[2]) for state in states), default=0)

    def starts(self) -> int:
        """How often SLURM has started it again."""
        shown = self.cluster.run("scontrol", "show", "job", self.job)
        found = re.search(r"Restarts=(\d+)", shown)
        return int(found[1]) if found else 0

    def state(self) -> str:
        """SLURM's word for its state."""
        return self.cluster.run("squeue", "-h", "-j", self.job, "-o", "%t").strip()

    def seconds_left(self) -> float:
        """Seconds until SLURM ends it."""
        left = self.cluster.run("squeue", "-h", "-j", self.job, "-o", "%L").strip()
        return seconds(left) or 0.0

    def pause(self) -> None:
        """Stop its processes in the middle of a step, once it has saved a state since its start.

        However fast this machine is, it is then not over before what befalls it.
        """
        before = self.step() if self.starts() else 0
        self.until(lambda: self.step() > before, f"a state after step {before} is saved")
        self.until(lambda: self.signal(signal.SIGSTOP) == 2, "both of its processes are stopped")

    def signal(self, number: int) -> int:
        """Send a signal to the processes that train; returns how many there are."""
        mine = f"SLURM_JOB_ID={self.job}"
        ranks = [
            process
            for process in self.cluster.job_processes()
            if "train_glm.py" in command_line(process)
            and mine in (environment := environment_of(process))
            and any(variable.startswith("LOCAL_RANK=") for variable in environment)
        ]
        for process in ranks:
            os.kill(process, number)
        return len(ranks)


def end_in_two_ways(run: Snakemake) -> None:
    """Kill the node under a training; when it goes on, take the node for a job more urgent."""
    training = Training(run)
    training.pause()
    run.cluster.kill_node("gpu3")
    training.until(lambda: training.state() == "PD", "it waits to run again")
    run.cluster.revive_node("gpu3")
    training.pause()
    run.cluster.preempt("gpu3", run.directory)
    training.until(lambda: training.starts() == 2, "it has run again after the pre-emption")


def run_out_of_time(run: Snakemake) -> None:
    """Hold a training up until its time is nearly over, as often as `CUTS`."""
    training = Training(run)
    while (starts := training.starts()) < CUTS:
        training.pause()
        training.until(lambda: training.seconds_left() < NEARLY_OVER, "its time is nearly over")
        training.signal(signal.SIGCONT)
        training.until(lambda before=starts: training.starts() > before, "it has run again")
