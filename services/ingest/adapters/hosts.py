"""One request at a time to each host, with a pause in between: in this replica, and among all of them.

Most hosts belong to one source, and that is polled by one replica at a time anyway. Only hosts that several
sources share are also agreed upon in the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from services.ingest.ports import HostBusy
from shared.clock import Clock

LONGEST_LINE: Final = 60.0
"""Seconds to stand in line for a host; who would have to wait longer comes back later."""
KEPT: Final = 10_000
"""Hosts remembered."""
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Turns(Protocol):
    """Agrees with other replicas whose turn it is."""

    def __call__(self, host: str, gap: float) -> AbstractAsyncContextManager[None]:
        """Wait for the turn, hold it, and leave the host alone for `gap` seconds afterwards.

        Raises:
            HostBusy: it would take too long.
            TransientError: the database cannot be reached.
        """
        ...


@dataclass
class _Line:
    """Who waits for one host. `free_at` is on the event loop's clock; until `alone_until` it wants to be left alone."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    free_at: float = 0.0
    alone_until: datetime = _LONG_AGO


class HostGate:
    """Lets requests through one by one and host by host."""

    def __init__(
        self, clock: Clock, gap_of: Callable[[str], timedelta], shared: Callable[[str], bool], turns: Turns | None
    ) -> None:
        """`shared` tells which hosts several sources have in common; `turns` is asked for those."""
        self._clock = clock
        self._gap_of, self._shared, self._turns = gap_of, shared, turns
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def turn(self, host: str, *, at_least: float = 0.0) -> AsyncIterator[None]:
        """Hold the host. `at_least` is a gap in seconds that the host itself asks for.

        Raises:
            HostBusy: too many are in line, or the host asked to be left alone.
        """
        gap = max(self._gap_of(host).total_seconds(), at_least)
        line = self._line(host)
        self._check(host, line, gap)
        line.waiting += 1
        try:
            async with line.lock:
                self._check(host, line, 0.0)
                await asyncio.sleep(line.free_at - asyncio.get_running_loop().time())
                async with self._agreed(host, gap):
                    try:
                        yield
                    finally:
                        line.free_at = max(line.free_at, asyncio.get_running_loop().time() + gap)
        finally:
            line.waiting -= 1

    def leave_alone(self, host: str, span: timedelta) -> None:
        """Send nothing to the host for a while, because it said so."""
        self._line(host).alone_until = self._clock.now() + span

    def _check(self, host: str, line: _Line, gap: float) -> None:
        alone = (line.alone_until - self._clock.now()).total_seconds()
        if alone > 0:
            raise HostBusy(f"{host} asked to be left alone for {alone:.0f} s", retry_after=alone)
        wait = max(0.0, line.free_at - asyncio.get_running_loop().time()) + line.waiting * gap
        if wait > LONGEST_LINE:
            raise HostBusy(f"{host}: its turn comes in {wait:.0f} s", retry_after=wait)

    @asynccontextmanager
    async def _agreed(self, host: str, gap: float) -> AsyncIterator[None]:
        if self._turns is None or not self._shared(host):
            yield
            return
        async with self._turns(host, gap):
            yield

    def _line(self, host: str) -> _Line:
        if len(self._lines) > KEPT:
            now, moment = asyncio.get_running_loop().time(), self._clock.now()
            self._lines = {
                name: line
                for name, line in self._lines.items()
                if line.waiting or line.free_at > now or line.alone_until > moment
            }
        return self._lines.setdefault(host, _Line())
