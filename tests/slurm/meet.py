"""Ranks meet in one gloo group; the first writes who came: node and local rank of each."""

import os
import sys
from pathlib import Path

import torch
import torch.distributed as dist

dist.init_process_group("gloo")
me = f"{os.environ['SLURMD_NODENAME']}:{os.environ['LOCAL_RANK']}"
everybody = [""] * dist.get_world_size()
dist.all_gather_object(everybody, me)
total = torch.tensor([dist.get_rank() + 1.0])
dist.all_reduce(total)
if dist.get_rank() == 0:
    Path(sys.argv[1]).write_text(f"{' '.join(everybody)} {total.item():g}\n")
dist.destroy_process_group()
