"""Leases on sources in SQL: one row a source, claimed by a conditional update, fenced by a counter.

Calls of many sources share transactions: a disk sync for each of them would be what a poll costs most. Rows are
touched in the order of their ids, so that two replicas never wait for each other in a circle.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.adapters.grouping import Grouped
from services.ingest.adapters.tables import sources as table
from services.ingest.health import History
from services.ingest.ports import Lease, Settlement, SourceState
from shared.db import Database
from shared.events import Trouble

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST_ERROR: Final = 500
"""Characters kept of an error's text."""


@dataclass(frozen=True, eq=False)
class _Wish:
    """One call of `claim`."""

    source_id: str
    fingerprint: str
    now: datetime
    until: datetime


@dataclass(frozen=True, eq=False)
class _End:
    """One call of `settle`."""

    lease: Lease
    settlement: Settlement


class SqlSourceStates:
    """See `SourceStates`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._claims: Grouped[_Wish, Mapping[_Wish, Lease | SourceState]] = Grouped(self._claim)
        self._renewals: Grouped[tuple[str, int, datetime], frozenset[tuple[str, int]]] = Grouped(self._renew)
        self._ends: Grouped[_End, frozenset[_End]] = Grouped(self._settle)

    async def claim(self, source_id: str, fingerprint: str, *, now: datetime, until: datetime) -> Lease | SourceState:
        """See `SourceStates.claim`."""
        wish = _Wish(source_id, fingerprint, now, until)
        return (await self._claims([wish]))[wish]

    async def renew(self, lease: Lease, *, until: datetime) -> bool:
        """See `SourceStates.renew`."""
        return (lease.source_id, lease.fence) in await self._renewals([(lease.source_id, lease.fence, until)])

    async def settle(self, lease: Lease, settlement: Settlement) -> bool:
        """See `SourceStates.settle`."""
        end = _End(lease, settlement)
        return end in await self._ends([end])

    async def look(self, source_ids: Collection[str]) -> Mapping[str, SourceState]:
        """See `SourceStates.look`."""
        async with self._database.begin() as connection:
            rows = await connection.execute(select(table).where(table.c.id.in_(sorted(source_ids))))
            return {row.id: _state(row) for row in rows}

    async def _claim(self, wishes: Sequence[_Wish]) -> Mapping[_Wish, Lease | SourceState]:
        async with self._database.begin() as connection:
            rows = await self._locked(connection, wishes)
            answers: dict[_Wish, Lease | SourceState] = {}
            taken: list[dict[str, Any]] = []
            for wish in wishes:
                row = rows.get(wish.source_id)
                if row is None or not _free(row, wish):
                    answers[wish] = _state(row) if row else _held(wish)
                    continue
                del rows[wish.source_id]
                answers[wish] = lease = _lease(row, wish)
                taken.append(_taken(row, wish, lease))
            for values in sorted(taken, key=lambda values: str(values["id"])):
                await connection.execute(update(table).where(table.c.id == values.pop("id")).values(**values))
        return answers

    async def _locked(self, connection: AsyncConnection, wishes: Sequence[_Wish]) -> dict[str, Row[Any]]:
        """The rows, ours until the transaction ends; those that another replica has in hand are left out."""
        ids = sorted({wish.source_id for wish in wishes})
        rows = await _select(connection, ids)
        if missing := set(ids) - rows.keys():
            first = [_first_row(wish) for wish in wishes if wish.source_id in missing]
            unique = {row["id"]: row for row in first}
            new = [unique[source_id] for source_id in sorted(unique)]
            await connection.execute(self._database.insert(table).values(new).on_conflict_do_nothing())
            rows |= await _select(connection, sorted(missing))
        return rows

    async def _renew(self, renewals: Sequence[tuple[str, int, datetime]]) -> frozenset[tuple[str, int]]:
        held = tuple_(table.c.id, table.c.fence).in_(sorted({(source, fence) for source, fence, _ in renewals}))
        until = max(moment for _, _, moment in renewals)
        statement = update(table).where(held, table.c.lease_until > _LONG_AGO).values(lease_until=until)
        async with self._database.begin() as connection:
            rows = await connection.execute(statement.returning(table.c.id, table.c.fence))
            return frozenset((row.id, row.fence) for row in rows)

    async def _settle(self, ends: Sequence[_End]) -> frozenset[_End]:
        settled = set()
        async with self._database.begin() as connection:
            for end in sorted(ends, key=lambda end: end.lease.source_id):
                mine = update(table).where(table.c.id == end.lease.source_id, table.c.fence == end.lease.fence)
                if (await connection.execute(mine.values(**_changes(end.settlement)))).rowcount == 1:
                    settled.add(end)
        return frozenset(settled)


async def _select(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, Row[Any]]:
    statement = select(table).where(table.c.id.in_(list(ids))).order_by(table.c.id).with_for_update(skip_locked=True)
    return {row.id: row for row in await connection.execute(statement)}


def _free(row: Row[Any], wish: _Wish) -> bool:
    due = row.next_poll_at <= wish.now or row.fingerprint != wish.fingerprint
    return bool(due and row.lease_until <= wish.now)


def _lease(row: Row[Any], wish: _Wish) -> Lease:
    """A new entry forgets what its predecessor left in the row, save the history that people see."""
    fence = row.fence + 1
    if row.fingerprint != wish.fingerprint:
        return Lease(row.id, fence, {}, 0, wish.until, history=_history(row))
    return Lease(row.id, fence, json.loads(row.cursor), row.failures, wish.until, row.waits, _history(row))


def _taken(row: Row[Any], wish: _Wish, lease: Lease) -> dict[str, Any]:
    taken = {"id": row.id, "fence": lease.fence, "lease_until": wish.until}
    if row.fingerprint == wish.fingerprint:
        return taken
    anew = {"fingerprint": wish.fingerprint, "cursor": "{}", "failures": 0, "waits": 0}
    return taken | anew | {"next_poll_at": wish.now}


def _first_row(wish: _Wish) -> dict[str, Any]:
    counts = {"fence": 0, "failures": 0, "waits": 0}
    times = {"next_poll_at": _LONG_AGO, "lease_until": _LONG_AGO}
    return {"id": wish.source_id, "fingerprint": wish.fingerprint, "cursor": "{}", **counts, **times}


def _held(wish: _Wish) -> SourceState:
    """What to say of a row that another replica has in hand at this moment."""
    return SourceState(wish.source_id, wish.now, wish.now, 0, History())


def _state(row: Row[Any]) -> SourceState:
    error = {"last_error": row.last_error, "last_error_at": row.last_error_at}
    return SourceState(row.id, row.next_poll_at, row.lease_until, row.failures, _history(row), **error, pace=row.pace)


def _history(row: Row[Any]) -> History:
    trouble = Trouble(row.trouble) if row.trouble else None
    return History(row.last_ok_at, row.last_new_at, tuple(json.loads(row.gaps)), trouble, row.trouble_since)


def _changes(settlement: Settlement) -> dict[str, Any]:
    history = settlement.history
    changes: dict[str, Any] = {
        "next_poll_at": settlement.next_poll_at,
        "lease_until": _LONG_AGO,
        "pace": settlement.pace,
        "failures": settlement.failures,
        "waits": settlement.waits,
        "last_ok_at": history.last_ok_at,
        "last_new_at": history.last_new_at,
        "gaps": json.dumps(history.gaps),
        "trouble": history.trouble,
        "trouble_since": history.since,
    }
    if settlement.cursor is not None:
        changes["cursor"] = json.dumps(settlement.cursor)
    if settlement.error is None:
        return changes | {"last_error": None}
    return changes | {"last_error": settlement.error[:LONGEST_ERROR], "last_error_at": settlement.at}
