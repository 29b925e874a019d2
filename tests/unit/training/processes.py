"""Training runs, and other work, in processes of their own, to be signalled and killed.

A fork server imports torch once; each run then starts in milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import torch
from safetensors.torch import load_file

# the fork server looks for what it preloads there, not where pytest does
os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["train_glm", "torch.distributed", "torch._dynamo"])
PATIENCE = 300.0  # seconds: a busy machine is no failure


def enter(arguments: list[str], environment: dict[str, str]) -> None:
    """Be one process of a run: what `python train_glm.py ARGUMENTS` does."""
    os.environ.update(environment)
    torch.set_num_threads(1)
    import train_glm
    from glm import step

    sys.argv = ["train_glm.py", *arguments]
    step.run(train_glm.train_glm)


def arguments_of(inputs: dict[str, str], folder: Path, settings: str) -> list[str]:
    """The command line of a run that writes below `folder`."""
    paths = {**inputs, "output": folder / "model", "state": folder / "state"}
    options = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    return [*options, "--settings", settings, "--log", str(folder / "log")]


def start(
    inputs: dict[str, str], folder: Path, settings: str, ranks: int = 1, more: Sequence[str] = ()
) -> list[ForkServerProcess]:
    """Start a run of `ranks` processes."""
    arguments = [*arguments_of(inputs, folder, settings), *more]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = []
    for rank in range(ranks):
        environment = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        if ranks > 1:
            environment |= {"RANK": str(rank), "WORLD_SIZE": str(ranks), "LOCAL_RANK": str(rank)}
        process = CONTEXT.Process(target=enter, args=(arguments, environment))
        process.start()
        started.append(process)
    return started


def finish(processes: list[ForkServerProcess]) -> list[int | None]:
    """Wait for all of them; their exit statuses."""
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        process.join(max(0.1, deadline - time.monotonic()))
        if process.is_alive():
            kill(processes)
            raise TimeoutError(f"a training process did not end within {PATIENCE:.0f} s")
    return [process.exitcode for process in processes]


def kill(processes: list[ForkServerProcess]) -> None:
    """SIGKILL all of them."""
    for process in processes:
        process.kill()
    for process in processes:
        process.join()


def train(
    inputs: dict[str, str], folder: Path, settings: str, ranks: int = 1, more: Sequence[str] = ()
) -> list[int | None]:
    """A whole run; its exit statuses."""
    return finish(start(inputs, folder, settings, ranks, more))


def wait_until(condition: Callable[[], object]) -> None:
    """Look every few milliseconds until it holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not happen")
        time.sleep(0.002)


def killed_when(
    condition: Callable[[], object], target: Callable[..., object], *given: object
) -> None:
    """Call a function of a test's module in a process of its own; SIGKILL it when that holds."""
    process = CONTEXT.Process(target=target, args=given)
    process.start()
    wait_until(lambda: condition() or not process.is_alive())
    kill([process])


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """The weights of the model that a run wrote."""
    return load_file(folder / "model" / "model.safetensors")


def steps(folder: Path) -> list[int]:
    """Steps of the checkpoints that are there."""
    return sorted(int(path.name[5:]) for path in folder.glob("state/*/step-*"))
