"""Counts to ten: stays at three until it is pre-empted, goes on, has itself requeued at seven."""

import os
import sys
import time
from pathlib import Path

from glm import cluster

steps, starts = Path("steps"), Path("starts")
with starts.open("a") as file:
    file.write(f"{os.environ['SLURM_JOB_ID']}\n")
first_start = len(starts.read_text().splitlines()) == 1
while (step := len(steps.read_text().splitlines()) if steps.exists() else 0) < 10:
    with steps.open("a") as file:
        file.write(f"{step}\n")
    if step == 2 and first_start:
        time.sleep(600)
    if step == 6 and cluster.requeue():
        time.sleep(600)
Path(sys.argv[1]).touch()
