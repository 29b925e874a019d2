#!/usr/bin/env bash
# What the test cluster needs, from Debian's packages, without starting the services that they
# bring; as root. Run again, it does nothing.
set -euo pipefail
packages=(slurmctld slurmd slurm-client munge slurmdbd mariadb-server)
PATH=$PATH:/usr/sbin
type -P slurmctld slurmd slurmdbd sbatch munged mariadbd >/dev/null && exit
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" \
    </dev/null >/dev/null
