"""The files that the test cluster is made of: configuration, key, pretended GPUs, commands."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from pathlib import Path

FEATURES = {
    "cpu1": "cpu",
    "cpu2": "cpu",
    "gpu1": "a100",
    "gpu2": "a100",
    "gpu3": "a100,frail",
    "gpu4": "a100,firm",
}
NODES = tuple(FEATURES)
GPUS = 4  # of each node that has any
COMMANDS = ("sbatch", "srun", "scancel", "scontrol", "squeue", "sinfo")
COMMANDS_OF_ACCOUNTING = ("sacct", "sacctmgr", "sshare")
DAEMONS = ("slurmctld", "slurmd", "slurmdbd")
HOSTS = Path("/etc/hosts")  # one line of it is this cluster's
HOSTS_LINE = f"127.0.0.1 {' '.join(NODES)} # glm test cluster\n"
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"

SLURM_CONF = """\
ClusterName=glm
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# a requeued job waits until its credential has expired: 2 minutes, were it not for cred_expire;
# and none may expire on its way to a node while this machine is busy
AuthInfo=socket={home}/run/munge.socket,cred_expire=15
SlurmctldPort={port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool/%n
SlurmctldPidFile={home}/run/slurmctld.pid
SlurmdPidFile={home}/run/slurmd.%n.pid
SlurmctldLogFile={home}/log/slurmctld.log
SlurmdLogFile={home}/log/slurmd.%n.log
# no cgroups and no systemd; memory is held by polling, and a job over it is FAILED
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=3
JobAcctGatherParams=OverMemoryKill,UsePss
PropagateResourceLimits=NONE
MpiDefault=none
# the nodes have the processors and the memory that are written here
SlurmdParameters=config_overrides
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,bf_interval=5
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=100
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=3
MinJobAge=300
SlurmctldTimeout=60
SlurmdTimeout=60
ReturnToService=2
MessageTimeout=30
{accounting}
GresTypes=gpu
{nodes}
PartitionName=cpu Nodes=cpu[1-2] Default=YES MaxTime=1440 State=UP
PartitionName=brief Nodes=cpu[1-2] MaxTime=60 State=UP
PartitionName=gpu Nodes=gpu[1-2] MaxTime=1440 PriorityTier=1 State=UP
PartitionName=training Nodes=gpu[3-4] MaxTime=1440 PriorityTier=1 State=UP
PartitionName=urgent Nodes=gpu[1-4] MaxTime=1440 PriorityTier=9 State=UP
"""

ACCOUNTING_CONF = """\
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={accounting_port}
AccountingStoragePass={home}/run/munge.socket
AccountingStorageEnforce=associations
AccountingStoreFlags=job_comment
AccountingStorageTRES=gres/gpu
"""

SLURMDBD_CONF = """\
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={accounting_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={home}/run/munge.socket
CommunicationParameters=NoInAddrAny
PidFile={home}/run/slurmdbd.pid
LogFile={home}/log/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database_port}
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
"""


def write(home: Path, port: int, accounting: bool) -> None:
    """Configuration, key, pretended GPUs, and commands that know where the configuration is.

    The executor takes SLURM_CONF out of a job's environment, so it cannot be left to that
    variable to lead the commands inside a job here.
    """
    for name in ("bin", "dev", "log", "run", "state", "mysql", *(f"spool/{n}" for n in NODES)):
        (home / name).mkdir(parents=True, exist_ok=True)
    host = socket.gethostname().split(".")[0]
    nodes = "\n".join(
        f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port + 3 + number} "
        f"CPUs=32 RealMemory=100000 Features={features}"
        + (f" Gres=gpu:a100:{GPUS}" * node.startswith("gpu"))
        for number, (node, features) in enumerate(FEATURES.items())
    )
    values = {"home": home, "host": host, "nodes": nodes, "port": port}
    values |= {"accounting_port": port + 1, "database_port": port + 2}
    values["accounting"] = ACCOUNTING_CONF.format(**values) if accounting else ""
    (home / "slurm.conf").write_text(SLURM_CONF.format(**values))
    gres = ""
    for node in (name for name in NODES if name.startswith("gpu")):
        gres += f"NodeName={node} Name=gpu Type=a100 File={home}/dev/{node}-[0-{GPUS - 1}]\n"
        for number in range(GPUS):  # devices like /dev/null
            device = home / f"dev/{node}-{number}"
            os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    (home / "gres.conf").write_text(gres)
    database = home / "slurmdbd.conf"
    database.write_text(SLURMDBD_CONF.format(**values))
    database.chmod(0o600)
    key = home / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    for command in COMMANDS + COMMANDS_OF_ACCOUNTING + DAEMONS:
        wrapper = home / "bin" / command
        wrapper.write_text(
            f"#!/bin/sh\nexport SLURM_CONF={home}/slurm.conf\n"
            f'exec {shutil.which(command, path=PATH)} "$@"\n'
        )
        wrapper.chmod(0o755)
    with HOSTS.open("a") as handle:
        handle.write(HOSTS_LINE)
