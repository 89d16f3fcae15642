"""Leases on sources in SQL: one row a source, claimed by a conditional update, fenced by a counter."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select, update

from services.ingest.adapters.tables import sources as table
from services.ingest.ports import Lease, Settlement, SourceState
from shared.db import Database

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST_ERROR: Final = 500
"""Characters kept of an error's text."""


class SqlSourceStates:
    """See `SourceStates`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, source_id: str, *, now: datetime, until: datetime) -> Lease | None:
        """See `SourceStates.claim`."""
        free = (table.c.id == source_id) & (table.c.next_poll_at <= now) & (table.c.lease_until <= now)
        take = update(table).where(free).values(fence=table.c.fence + 1, lease_until=until)
        async with self._database.begin() as connection:
            await connection.execute(self._first_row(source_id))
            claimed = await connection.execute(take.returning(table.c.fence, table.c.cursor, table.c.failures))
            row = claimed.first()
        return Lease(source_id, row.fence, json.loads(row.cursor), row.failures) if row else None

    async def settle(self, lease: Lease, settlement: Settlement) -> bool:
        """See `SourceStates.settle`."""
        mine = (table.c.id == lease.source_id) & (table.c.fence == lease.fence)
        async with self._database.begin() as connection:
            result = await connection.execute(update(table).where(mine).values(**_changes(settlement)))
        return result.rowcount == 1

    async def look(self, source_id: str) -> SourceState | None:
        """See `SourceStates.look`."""
        async with self._database.begin() as connection:
            row = (await connection.execute(select(table).where(table.c.id == source_id))).first()
        if row is None:
            return None
        return SourceState(row.id, row.next_poll_at, row.lease_until, row.failures, row.last_ok_at, row.last_error)

    def _first_row(self, source_id: str) -> Any:
        row = {"id": source_id, "next_poll_at": _LONG_AGO, "lease_until": _LONG_AGO, "cursor": "{}"}
        return self._database.insert(table).values(**row, fence=0, failures=0).on_conflict_do_nothing()


def _changes(settlement: Settlement) -> dict[str, Any]:
    changes: dict[str, Any] = {"next_poll_at": settlement.next_poll_at, "lease_until": _LONG_AGO}
    if settlement.cursor is not None:
        changes["cursor"] = json.dumps(settlement.cursor)
    if settlement.error is None:
        return changes | {"failures": 0, "last_ok_at": settlement.at, "last_error": None}
    error = settlement.error[:LONGEST_ERROR]
    failures = table.c.failures + 1 if settlement.blamed else table.c.failures
    return changes | {"failures": failures, "last_error": error, "last_error_at": settlement.at}
