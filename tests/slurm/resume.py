"""Counts to ten, goes on from where it was ended, and has itself requeued at eight."""

import os
import sys
import time
from pathlib import Path

from glm import cluster

steps = Path("steps")
with Path("starts").open("a") as starts:
    starts.write(f"{os.environ['SLURM_JOB_ID']}\n")
while (step := len(steps.read_text().splitlines()) if steps.exists() else 0) < 10:
    time.sleep(1)
    with steps.open("a") as file:
        file.write(f"{step}\n")
    if step == 7 and cluster.requeue():
        time.sleep(60)
Path(sys.argv[1]).touch()
