"""Seeds of all that is random."""

from __future__ import annotations

import hashlib


def derive_seed(seed: int, *names: str) -> int:
    """A seed of its own for each rule and its wildcards, from the one seed of the config.

    Returns an integer in [0, 2**31).
    """
    digest = hashlib.sha256("/".join([str(seed), *names]).encode()).digest()
    return int.from_bytes(digest[:4], "little") & 0x7FFFFFFF
