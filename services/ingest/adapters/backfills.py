"""How far backfills have come, in SQL."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select

from services.ingest.adapters.tables import backfills as table
from services.ingest.ports import Backfilled
from shared.db import Database


class SqlBackfills:
    """Remembers each backfill by its source and its beginning."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def resume(self, source_id: str, since: datetime) -> Backfilled:
        """Where to go on: the beginning, unless one with the same beginning was interrupted."""
        mine = (table.c.source_id == source_id) & (table.c.since == since) & table.c.done.is_(False)
        async with self._database.begin() as connection:
            row = (await connection.execute(select(table).where(mine))).first()
        return Backfilled(json.loads(row.cursor), row.polls, row.published) if row else Backfilled()

    async def keep(self, source_id: str, since: datetime, state: Backfilled) -> None:
        """Write down how far it has come."""
        row = {
            "cursor": json.dumps(dict(state.cursor)),
            "polls": state.polls,
            "published": state.published,
            "done": state.done,
        }
        insert = self._database.insert(table).values(source_id=source_id, since=since, **row)
        async with self._database.begin() as connection:
            await connection.execute(insert.on_conflict_do_update(index_elements=["source_id", "since"], set_=row))
