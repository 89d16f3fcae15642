"""Turns at hosts that several sources share, agreed in SQL: a row a host, held by a conditional update."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import update

from services.ingest.adapters.tables import hosts as table
from services.ingest.ports import HostBusy
from shared.clock import Clock
from shared.db import Database
from shared.errors import TransientError

HOLD: Final = timedelta(seconds=30)
"""A turn ends by itself after this time, because its holder may be dead. Longer than any request."""
LOOK: Final = 0.25
"""Seconds between two looks while another replica has its turn."""


class SqlTurns:
    """See `Turns`."""

    def __init__(self, database: Database, clock: Clock, *, patience: float = 30.0) -> None:
        """`patience` is how long, in seconds, a turn is waited for."""
        self._database, self._clock, self._patience = database, clock, patience

    @asynccontextmanager
    async def __call__(self, host: str, gap: float) -> AsyncIterator[None]:
        """See `Turns`."""
        holder = secrets.token_hex(16)
        await self._wait(host, holder)
        try:
            yield
        finally:
            free_at = self._clock.now() + timedelta(seconds=gap)
            await asyncio.shield(self._let_go(host, holder, {"holder": "", "free_at": free_at}))

    async def _wait(self, host: str, holder: str) -> None:
        left = self._patience
        while not await self._take(host, holder):
            if left <= 0:
                raise HostBusy(f"{host}: another replica has its turn", retry_after=self._patience)
            await asyncio.sleep(LOOK)
            left -= LOOK

    async def _take(self, host: str, holder: str) -> bool:
        now = self._clock.now()
        values = {"holder": holder, "free_at": now + HOLD}
        free = update(table).where(table.c.host == host, table.c.free_at <= now).values(**values)
        first = self._database.insert(table).values(host=host, **values).on_conflict_do_nothing()
        async with self._database.begin() as connection:
            if (await connection.execute(free)).rowcount == 1:
                return True
            return bool((await connection.execute(first)).rowcount == 1)

    async def _let_go(self, host: str, holder: str, values: dict[str, Any]) -> None:
        """A database that is away ends the turn later, by itself."""
        mine = update(table).where(table.c.host == host, table.c.holder == holder)
        try:
            async with self._database.begin() as connection:
                await connection.execute(mine.values(**values))
        except TransientError:
            return
