#!/usr/bin/env bash
# `make environment`: the pinned packages into .venv, and mmseqs, diamond and cd-hit beside them,
# from PATH, else conda/mamba/micromamba, else apt. Run again, it does only what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "environment: $*" >&2; exit 1; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or later with its venv module is needed (set PYTHON=/path/to/python3.11)"
}

install_packages() {
    local wanted
    wanted=$(cat envs/requirements*.txt envs/constraints.txt | sha256sum | cut -d' ' -f1)
    if [ -x .venv/bin/glm ] && [ "$(cat .venv/.installed 2>/dev/null)" = "$wanted" ]; then return; fi
    echo "environment: Python packages into .venv (about 3 GB; 3 minutes on a good line)"
    [ -x .venv/bin/python ] || "$(find_python)" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
        -r envs/requirements-dev.txt -c envs/constraints.txt
    # Byte code by all cores, where pip takes one. Without it each job would compile what it imports:
    # containers start anew, and PYTHONDONTWRITEBYTECODE is often set. Some files are of other Pythons.
    # Of the hundreds of models that transformers has, none but ESM is read.
    .venv/bin/python -m compileall -qq -j 0 -x '/tests?/|/transformers/models/(?!auto/|esm/)\w+/' .venv/lib || true
    # the command `glm`, which follows the checkout
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
    echo "$wanted" >.venv/.installed
}

# `version PROGRAM` succeeds when the program on PATH is of the pinned version.
version() {
    (cd workflow/scripts && ../../.venv/bin/python -c "from glm import tools; tools.version('$1')") 2>/dev/null
}

conda_program() {
    local candidate
    for candidate in micromamba mamba conda; do
        if command -v "$candidate" >/dev/null; then echo "$candidate"; return; fi
    done
}

# One tool: program, its conda package (pinned in envs/glm.yaml), Debian package.
install_tool() {
    local program=$1 name=$2 debian_package=$3 conda conda_package
    if version "$program"; then return; fi
    conda_package=$(sed -nE "s/^  - ($name=.*)/\1/p" envs/glm.yaml)
    conda=$(conda_program)
    if [ -n "$conda" ]; then
        echo "environment: $program by $conda into .tools"
        "$conda" create --quiet --yes --prefix ".tools/$program" \
            --channel conda-forge --channel bioconda "$conda_package"
        ln -sf "$PWD/.tools/$program/bin/$program" ".venv/bin/$program"
    elif command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "environment: $program by apt"
        [ -n "${APT_UPDATED:-}" ] || { apt-get update -qq && APT_UPDATED=1; }
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "$debian_package" </dev/null >/dev/null
    fi
    version "$program" || fail "$program ($conda_package) is not here, and neither conda nor apt as" \
        "root could bring it. Install it, e.g. 'conda install -c bioconda $conda_package', or run" \
        "the pipeline with 'snakemake --sdm conda'"
}

install_packages
export PATH="$PWD/.venv/bin:$PATH"
install_tool mmseqs mmseqs2 mmseqs2
install_tool diamond diamond diamond-aligner
install_tool cd-hit cd-hit cd-hit
