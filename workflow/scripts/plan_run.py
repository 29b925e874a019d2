"""Print what `snakemake --profile slurm` would submit (rules, jobs, GPUs, hours), and a forecast.

    python workflow/scripts/plan_run.py [--configfile config/demo.yaml] [-- options of snakemake]

Needs no cluster. `make plan` is the plan of config/config.yaml.
"""

import argparse
import sys
from pathlib import Path

import yaml
from snakemake.utils import update_config

from glm import logs, plan, preflight
from glm.configuration import complete
from glm.device import gpus_here


def parser() -> argparse.ArgumentParser:
    """The command line; what it does not know goes to Snakemake."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--configfile", type=Path, help="overlay of config/config.yaml")
    made.add_argument("snakemake", nargs="*", help="targets, and options after --")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Run Snakemake dry, and print the table."""
    config = yaml.safe_load(Path("config/config.yaml").read_text())
    options = list(arguments.snakemake)
    if arguments.configfile is not None:
        update_config(config, yaml.safe_load(arguments.configfile.read_text()))
        options += ["--configfile", str(arguments.configfile)]
    planned, config = plan.jobs(plan.dry_run(options)), complete(config)
    print(plan.show(planned))
    print("\n".join([*preflight.forecast(config), *plan.starts_of_training(planned, config)]))
    if faults := preflight.faults(config, {job.rule for job in planned}):
        print(f"warning: a run would be refused: {'; '.join(faults)}")
    if isinstance(config["gpus"], int) and config["gpus"] > gpus_here():
        print(
            f"gpus is {config['gpus']}, this machine has {gpus_here()}: a cluster's nodes need them"
        )


if __name__ == "__main__":
    logs.configure(None, "plan_run")
    sys.exit(logs.reporting(lambda: main(parser().parse_args()), None))
