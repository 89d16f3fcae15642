"""Edits of sources.yaml take effect without a restart; a bad edit is shouted about and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import Gauge

from services.ingest.adapters.catalog import FILE, Catalog
from services.ingest.source import ConfiguredSource
from shared.errors import ConfigError
from shared.reload import Watch

log = structlog.get_logger(__name__)
CONFIG_OK: Final = Gauge("orewire_ingest_config_ok", "1 when sources.yaml is in force as it is now, else 0.")


class Reload:
    """Keeps the catalog as the file is, or as it last was without mistakes."""

    def __init__(self, catalog: Catalog, config: Path, apply: Callable[[Sequence[ConfiguredSource]], None]) -> None:
        self._catalog, self._apply = catalog, apply
        self._watch = Watch(config, (FILE,), self.once)
        CONFIG_OK.set(1)

    async def run(self) -> None:
        """Reload after each edit, until cancelled."""
        await self._watch.run()

    async def once(self) -> None:
        """Reload now."""
        try:
            self._catalog.reload()
        except ConfigError as error:
            CONFIG_OK.set(0)
            log.error("config_rejected", file=FILE, problems=[str(problem) for problem in error.problems])
            return
        CONFIG_OK.set(1)
        log.info("config_loaded", file=FILE, sources=len(self._catalog.sources))
        self._apply(self._catalog.active)

    async def check(self) -> str:
        """For readiness. A bad edit is told, but takes no replica out of service: the last good set is in force."""
        enabled = f"{len(self._catalog.active)} of {len(self._catalog.sources)} sources enabled"
        return f"{FILE} has mistakes, the last good one is in force: {enabled}" if self._catalog.problem else enabled
