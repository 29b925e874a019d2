#!/usr/bin/env bash
# The browser that tests/browser drives, from Debian's packages; as root. Run again, it does nothing.
set -euo pipefail
if command -v chromium >/dev/null; then exit; fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium fonts-dejavu-core </dev/null >/dev/null
