"""The ledger of published articles in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sqlalchemy import select

from services.ingest.adapters.grouping import Grouped
from services.ingest.adapters.tables import articles as table
from shared.clock import Clock
from shared.db import Database
from shared.events import Article

CHUNK: Final = 500
"""Rows of one statement; each column of a row is a variable, and SQLite takes 32,766 of them."""


class SqlLedger:
    """See `Ledger`. Concurrent calls share transactions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._look_up: Grouped[str, frozenset[str]] = Grouped(self._select)
        self._write: Grouped[Article, set[str]] = Grouped(self._insert)

    async def published(self, ids: Collection[str]) -> frozenset[str]:
        """See `Ledger.published`."""
        return await self._look_up(list(ids)) & frozenset(ids)

    async def record(self, articles: Sequence[Article]) -> frozenset[str]:
        """See `Ledger.record`. Of two callers that share a transaction, the first to ask gets a new id."""
        fresh = await self._write(articles)
        won = fresh & {article.id for article in articles}
        fresh -= won
        return frozenset(won)

    async def _select(self, ids: Sequence[str]) -> frozenset[str]:
        found: set[str] = set()
        async with self._database.begin() as connection:
            for chunk in _chunks(sorted(set(ids))):
                found.update(await connection.scalars(select(table.c.id).where(table.c.id.in_(chunk))))
        return frozenset(found)

    async def _insert(self, articles: Sequence[Article]) -> set[str]:
        at = self._clock.now()
        rows = {a.id: {"id": a.id, "source_id": a.source_id, "url": a.url, "first_seen_at": at} for a in articles}
        fresh: set[str] = set()
        async with self._database.begin() as connection:
            for chunk in _chunks([rows[key] for key in sorted(rows)]):
                statement = self._database.insert(table).values(chunk).on_conflict_do_nothing().returning(table.c.id)
                fresh.update((await connection.execute(statement)).scalars())
        return fresh


def _chunks(items: Sequence[object]) -> Iterator[Sequence[object]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
