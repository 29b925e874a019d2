"""A real SLURM of six virtual nodes on this machine, for the tests: up and down in seconds.

    python -m tests.slurm.cluster up /tmp/glm-slurm [--accounting]
    export PATH=/tmp/glm-slurm/bin:$PATH
    python -m tests.slurm.cluster down /tmp/glm-slurm

Nodes cpu1 and cpu2 (partition cpu), gpu1 to gpu4 with four pretended A100s each: partition gpu has
the first two, training the others (gpu3 of feature frail, gpu4 of feature firm), and urgent has all
four and pre-empts. Everything listens on loopback only and lives in one directory, but for one line
in /etc/hosts that `down` takes out again. Needs root and Debian's slurmctld, slurmd, slurm-client
and munge; with accounting also slurmdbd and mariadb-server.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.slurm import configuration
from tests.slurm.configuration import HOSTS, HOSTS_LINE, NODES, PATH

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
ACCOUNTING_PROGRAMS = ("slurmdbd", "mariadbd", "mariadb-install-db")
ACCOUNT = "testing"


def missing(accounting: bool = False) -> str | None:
    """Why no cluster can be started here; None if one can."""
    programs = PROGRAMS + (ACCOUNTING_PROGRAMS if accounting else ())
    if absent := [program for program in programs if shutil.which(program, path=PATH) is None]:
        return f"not installed: {', '.join(absent)}"
    return None if os.geteuid() == 0 else "needs root"


@dataclass(frozen=True)
class Cluster:
    """The cluster that lives in the directory `home`, on nine ports from `port` on."""

    home: Path
    port: int = 16800

    @property
    def environment(self) -> dict[str, str]:
        """The caller's environment, with this cluster's commands first on PATH."""
        inherited = {key: value for key, value in os.environ.items() if "SLURM" not in key}
        return {**inherited, "PATH": f"{self.home / 'bin'}:{PATH}"}

    def run(self, *command: str, check: bool = True) -> str:
        """What a command prints, run with this cluster's commands on PATH."""
        done = self.call(*command)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}")
        return done.stdout

    def succeeds(self, *command: str) -> bool:
        """Whether a command ends with status 0."""
        return self.call(*command).returncode == 0

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command with this cluster's commands on PATH."""
        return subprocess.run(
            command,
            env=self.environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )

    def up(self, accounting: bool = False) -> Cluster:
        """Start everything and wait until the nodes are idle."""
        if reason := missing(accounting):
            raise RuntimeError(reason)
        self.home.mkdir(exist_ok=True)
        self.home.chmod(0o755)
        configuration.write(self.home, self.port, accounting)
        munged = f"--key-file={self.home}/munge.key --socket={self.home}/run/munge.socket"
        munged += f" --pid-file={self.home}/run/munged.pid --log-file={self.home}/log/munged.log"
        self.run("munged", *munged.split(), f"--seed-file={self.home}/munge.seed")
        if accounting:
            self.start_accounting()
        self.run("slurmctld")
        wait_until(lambda: self.succeeds("scontrol", "ping"), "slurmctld answers")
        for node in NODES:
            self.start_node(node)
        wait_until(lambda: self.idle_nodes() == set(NODES), "all nodes are idle")
        return self

    def start_accounting(self) -> None:
        """MariaDB and slurmdbd, with the account `testing` for this user."""
        data = self.home / "mysql"
        shutil.chown(data, "mysql")
        self.run(
            *("mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={data}"),
            *("--skip-test-db", "--auth-root-authentication-method=normal"),
        )
        options = f"--user=mysql --datadir={data} --socket={data}/socket --port={self.port + 2}"
        options += " --bind-address=127.0.0.1 --skip-name-resolve --innodb-buffer-pool-size=64M"
        with (self.home / "log/mariadb.log").open("w") as log:
            process = subprocess.Popen(
                ["mariadbd", "--no-defaults", *options.split()],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        (self.home / "run/mariadbd.pid").write_text(str(process.pid))
        client = ("mariadb", "--no-defaults", "-S", f"{data}/socket", "-u", "root", "-e")
        wait_until(lambda: self.succeeds(*client, "SELECT 1"), "mariadbd answers")
        self.run(
            *client,
            "CREATE DATABASE slurm_acct_db; CREATE USER slurm@'127.0.0.1' IDENTIFIED BY 'slurm';"
            "GRANT ALL ON slurm_acct_db.* TO slurm@'127.0.0.1'",
        )
        self.run("slurmdbd")
        wait_until(lambda: self.succeeds("sacctmgr", "-n", "show", "cluster"), "slurmdbd answers")
        for words in (
            "cluster glm",
            f"account {ACCOUNT} Cluster=glm",
            f"user root Account={ACCOUNT}",
        ):
            self.run("sacctmgr", "-i", "-Q", "add", *words.split(), check=False)

    def start_node(self, node: str) -> None:
        """Start the daemon of one node."""
        self.run("slurmd", "-N", node)

    def idle_nodes(self) -> set[str]:
        """Names of the nodes that are up and have no job."""
        lines = self.run("sinfo", "-h", "-N", "-o", "%N %t").splitlines()
        return {node for node, state in map(str.split, lines) if state == "idle"}

    def jobs(self, *states: str, name: str | None = None) -> list[str]:
        """Numbers of the jobs, of a name or all, that wait or run (or are in one of `states`)."""
        of_states = ",".join(states or ("PD", "R", "CG"))
        named = ["--name", name] if name else []
        return self.run("squeue", "-h", "-o", "%A", "-t", of_states, *named).split()

    def kill_node(self, node: str) -> None:
        """End a node as a power cut does: its daemon, its job steps and their processes."""
        daemon = int((self.home / f"run/slurmd.{node}.pid").read_text())
        os.kill(daemon, signal.SIGKILL)
        # all stand still before the first one ends, so that none tells how another has ended
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for process in self.processes_on(node):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
        self.run("scontrol", "update", f"nodename={node}", "state=down", "reason=killed")

    def revive_node(self, node: str) -> None:
        """Start the daemon of a killed node again and give the node back to the scheduler."""
        self.start_node(node)
        self.run("scontrol", "update", f"nodename={node}", "state=resume", check=False)

    def preempt(self, nodes: str, directory: Path) -> str:
        """Have a job of higher priority take some nodes; returns its number."""
        return self.run(
            *("sbatch", "--parsable", f"--account={ACCOUNT}", "--partition=urgent", "--exclusive"),
            *(f"--nodelist={nodes}", "--time=1", f"--chdir={directory}", "--wrap=sleep 1"),
        ).strip()

    def processes_on(self, node: str) -> set[int]:
        """Processes of jobs on one node, and the step daemons that they are children of."""
        found = {
            process
            for process in self.job_processes()
            if f"SLURMD_NODENAME={node}" in environment_of(process)
        }
        daemons = {parent_of(process) for process in found}
        return found | {daemon for daemon in daemons if "slurmstepd" in command_line(daemon)}

    def job_processes(self) -> Iterator[int]:
        """Processes of this cluster's jobs: step daemons and what they started."""
        ours = f"SLURM_CONF={self.home}/slurm.conf"
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                environment = environment_of(int(entry.name))
                step = "slurmstepd" in command_line(int(entry.name))
                if ours in environment and (step or any("SLURM_JOB_ID=" in e for e in environment)):
                    yield int(entry.name)

    def down(self) -> None:
        """Cancel what runs, stop every daemon and remove the directory and the hosts line."""
        with contextlib.suppress(RuntimeError, subprocess.SubprocessError, OSError):
            if jobs := self.jobs():
                self.run("scancel", *jobs, check=False)
                wait_until(lambda: not self.jobs(), "jobs are gone", seconds=10)
        order = (
            *(f"slurmd.{node}" for node in NODES),
            "slurmctld",
            "slurmdbd",
            "mariadbd",
            "munged",
        )
        for name in order:
            stop(self.home / f"run/{name}.pid")
        for process in self.job_processes():  # left over by a killed node
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        HOSTS.write_text(HOSTS.read_text().replace(HOSTS_LINE, "", 1))
        shutil.rmtree(self.home, ignore_errors=True)


def environment_of(process: int) -> list[str]:
    """The environment that a process was started with; empty if it has ended."""
    try:
        return Path(f"/proc/{process}/environ").read_text(errors="replace").split("\0")
    except OSError:
        return []


def command_line(process: int) -> str:
    """The command line of a process; empty if it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def parent_of(process: int) -> int:
    """The parent of a process; 0 if it has ended."""
    return int((status_of(process) or ["", "0"])[1])


def status_of(process: int) -> list[str]:
    """What /proc says after a process's name: its state, its parent …; empty if it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def stop(pid_file: Path, seconds: float = 5) -> None:
    """End the process of a pid file, by force where it takes longer than `seconds`."""
    try:
        process = int(pid_file.read_text())
        os.kill(process, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not is_alive(process), "it has ended", seconds)
        os.kill(process, signal.SIGKILL)
    except (OSError, ValueError):
        return


def is_alive(process: int) -> bool:
    """Whether a process exists and is no zombie."""
    return status_of(process)[:1] not in ([], ["Z"])


def free_ports(first: int, count: int = 9, last: int = 30000) -> int:
    """The first of `count` free ports in a row, from `first` on: another cluster may be up."""
    for port in range(first, last, count):
        with contextlib.ExitStack() as sockets:
            try:
                for number in range(port, port + count):
                    sockets.enter_context(socket.create_server(("127.0.0.1", number)))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no {count} free ports in a row between {first} and {last}")


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Wait until `condition` holds; `TimeoutError` naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["up", "down"])
    parser.add_argument("home", type=Path, help="directory that holds the cluster")
    parser.add_argument("--accounting", action="store_true", help="with slurmdbd and sacct")
    arguments = parser.parse_args()
    cluster = Cluster(arguments.home.resolve(), free_ports(16800))
    if arguments.action == "up":
        cluster.up(arguments.accounting)
        print(cluster.run("sinfo"), f"export PATH={cluster.home}/bin:$PATH", sep="")
    else:
        cluster.down()
