"""Leases on sources in SQL: one row a source, claimed by a conditional update, fenced by a counter."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import case, literal, select, update

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

    async def claim(self, source_id: str, fingerprint: str, *, now: datetime, until: datetime) -> Lease | None:
        """See `SourceStates.claim`."""
        async with self._database.begin() as connection:
            await connection.execute(self._first_row(source_id, fingerprint))
            row = (await connection.execute(_take(source_id, fingerprint, now, until))).first()
        return Lease(source_id, row.fence, json.loads(row.cursor), row.failures, row.waits) if row else None

    async def renew(self, lease: Lease, *, until: datetime) -> bool:
        """See `SourceStates.renew`."""
        return await self._change(lease, {"lease_until": until}, table.c.lease_until > _LONG_AGO)

    async def settle(self, lease: Lease, settlement: Settlement) -> bool:
        """See `SourceStates.settle`."""
        return await self._change(lease, _changes(settlement))

    async def look(self, source_id: str) -> SourceState | None:
        """See `SourceStates.look`."""
        async with self._database.begin() as connection:
            row = (await connection.execute(select(table).where(table.c.id == source_id))).first()
        if row is None:
            return None
        return SourceState(row.id, row.next_poll_at, row.lease_until, row.failures, row.last_ok_at, row.last_error)

    async def _change(self, lease: Lease, changes: dict[str, Any], *conditions: Any) -> bool:
        mine = update(table).where(table.c.id == lease.source_id, table.c.fence == lease.fence, *conditions)
        async with self._database.begin() as connection:
            result = await connection.execute(mine.values(**changes))
        return result.rowcount == 1

    def _first_row(self, source_id: str, fingerprint: str) -> Any:
        row = {"id": source_id, "fingerprint": fingerprint, "next_poll_at": _LONG_AGO, "lease_until": _LONG_AGO}
        counts = {"fence": 0, "failures": 0, "waits": 0}
        return self._database.insert(table).values(**row, **counts, cursor="{}").on_conflict_do_nothing()


def _take(source_id: str, fingerprint: str, now: datetime, until: datetime) -> Any:
    """Claims the row, if it is free and due. A new entry forgets what its predecessor left in it."""
    changed = table.c.fingerprint != fingerprint
    due = (table.c.next_poll_at <= now) | changed
    begun: dict[str, Any] = {"next_poll_at": now, "cursor": "{}", "failures": 0, "waits": 0}
    anew = {
        name: case((changed, literal(value, table.c[name].type)), else_=table.c[name]) for name, value in begun.items()
    }
    return (
        update(table)
        .where((table.c.id == source_id) & (table.c.lease_until <= now) & due)
        .values(fence=table.c.fence + 1, lease_until=until, fingerprint=fingerprint, **anew)
        .returning(table.c.fence, table.c.cursor, table.c.failures, table.c.waits)
    )


def _changes(settlement: Settlement) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "next_poll_at": settlement.next_poll_at,
        "lease_until": _LONG_AGO,
        "waits": settlement.waits,
    }
    if settlement.cursor is not None:
        changes["cursor"] = json.dumps(settlement.cursor)
    if settlement.error is None:
        return changes | {"failures": 0, "last_ok_at": settlement.at, "last_error": None}
    error = settlement.error[:LONGEST_ERROR]
    failures = table.c.failures + 1 if settlement.blamed else table.c.failures
    return changes | {"failures": failures, "last_error": error, "last_error_at": settlement.at}
