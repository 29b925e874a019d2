# The two commands of the README: `make demo` and `make test`. `make help` lists all.
SHELL := bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
CORES ?= $(shell nproc)
# The demo's jobs are small: two side by side are done before one after another on all cores.
HALF = $(shell expr \( $(CORES) + 1 \) / 2)
PYTEST ?= pytest

.PHONY: help environment demo run plan test gpu check docs format

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

environment:  ## the pinned packages into .venv, and the three outside tools
	@envs/install.sh

demo:  ## train a gLM on the real genomes of resources/demo, and see how good it is
	@$(MAKE) --no-print-directory run CONFIG=config/demo.yaml OPTIONS="--max-threads $(HALF)"

run: environment  ## all of a configuration, or TARGET (train, operons …) alone: CONFIG=mine.yaml
	snakemake $(TARGET) --configfile $(CONFIG) --cores $(CORES) --rerun-incomplete --quiet rules $(OPTIONS) \
		--rerun-triggers mtime params input software-env

plan: environment  ## what the paper's run (or CONFIG=file) would submit: rules, jobs, GPUs, hours
	python workflow/scripts/plan_run.py $(if $(CONFIG),--configfile $(CONFIG))

# side by side, threads that wait for each other would take each other's cores; whole runs, of few
# tests a file, come first (tests/conftest.py), where xdist would begin with the files of most tests
test: export OMP_NUM_THREADS := 1
test: environment  ## all tests; those that break runs first, alone: they start a dozen processes at a time
	$(PYTEST) $(DISTURBED)
	$(PYTEST) $(patsubst %,--ignore=%,$(DISTURBED)) --numprocesses=$(CORES) --maxprocesses=8 --dist=loadfile --no-loadscope-reorder
DISTURBED = tests/slurm tests/faults

gpu: environment  ## prove and measure the CUDA paths on this machine's GPU (SMOKE=1: go through it without)
	python benchmarks/gpu.py $(if $(SMOKE),--smoke)

check: environment  ## ruff, mypy, snakefmt, snakemake --lint, and a dry run of the paper's config
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow/rules
	snakemake --lint
	snakemake --configfile config/config.yaml --dry-run --quiet
	hadolint Dockerfile

docs: environment  ## the documentation as a site in site/, its links checked
	sphinx-build --fail-on-warning --keep-going --quiet docs site

format: environment  ## rewrite the code as the checks want it
	ruff check --fix .
	ruff format .
	snakefmt Snakefile workflow/rules
