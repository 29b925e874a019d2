#!/usr/bin/env bash
# The browser that tests/browser drives, from Debian's packages; as root. Run again, it does nothing.
set -euo pipefail
packages=(chromium fonts-dejavu-core)
dpkg --status "${packages[@]}" >/dev/null 2>&1 && exit
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" \
    </dev/null >/dev/null
