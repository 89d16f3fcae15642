"""Free ports on loopback."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_port_base(offsets: int = 6) -> int:
    """A number such that it plus 1 … `offsets` are all free."""
    for _ in range(200):
        base = free_port() - 1
        if base + offsets < 65535 and all(_is_free(base + offset) for offset in range(1, offsets + 1)):
            return base
    raise RuntimeError("no run of free ports found")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
