"""What the verbs need to know of a service. The entry point fills it in; nothing here imports a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """One service as the operator's verbs see it.

    `check` loads the service's config files and returns a line on what it found; `serve` runs the service
    until it is stopped. Both raise ConfigError. `migrations` is None for a service without tables.
    """

    name: str
    port_offset: int
    check: Callable[[Path, Mapping[str, str]], str]
    serve: Callable[[], None]
    migrations: Path | None = None
