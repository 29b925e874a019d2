# The pinned packages and tools, and the pipeline:
#   docker build -t glm . && docker run --rm -v "$PWD/results:/glm/results" glm make demo
FROM debian:bookworm-slim

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates make python3 python3-venv mmseqs2 diamond-aligner cd-hit \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /glm
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY envs envs
COPY workflow/scripts/glm workflow/scripts/glm
RUN envs/install.sh && rm -rf /root/.cache
COPY . .

CMD ["make", "demo"]
