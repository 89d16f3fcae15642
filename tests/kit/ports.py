"""Free ports on loopback."""

from __future__ import annotations

import random
import socket

BASES = range(10_000, 32_000, 10)
"""Below the ports that systems hand out by themselves: nobody's outgoing connection sits in between."""


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_port_base(offsets: int = 6) -> int:
    """A number such that it plus 1 … `offsets` are all free."""
    for base in random.sample(BASES, 200):
        if all(_is_free(base + offset) for offset in range(1, offsets + 1)):
            return base
    raise RuntimeError("no run of free ports found")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
