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

from sqlalchemy import Row, bindparam, case, func, select, tuple_, update
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
_MOMENT: Final = bindparam("moment", type_=table.c.next_poll_at.type)
_TAKE: Final = (
    update(table)
    .where(table.c.id == bindparam("of"))
    .values(
        fence=bindparam("new_fence"),
        lease_until=bindparam("new_until"),
        # an entry that was changed is due from now on, even if the one who claims it dies
        next_poll_at=case((table.c.fingerprint != bindparam("entry"), _MOMENT), else_=table.c.next_poll_at),
        fingerprint=bindparam("entry"),
        cursor=bindparam("new_cursor"),
        failures=bindparam("new_failures"),
        waits=bindparam("new_waits"),
    )
)
_SETTLE: Final = (
    update(table)
    .where(table.c.id == bindparam("of"))
    .values(
        next_poll_at=bindparam("due"),
        lease_until=_LONG_AGO,
        pace=bindparam("why"),
        failures=bindparam("new_failures"),
        waits=bindparam("new_waits"),
        last_ok_at=bindparam("ok_at"),
        last_new_at=bindparam("new_at"),
        gaps=bindparam("new_gaps"),
        trouble=bindparam("new_trouble"),
        trouble_since=bindparam("since"),
        cursor=func.coalesce(bindparam("new_cursor"), table.c.cursor),
        last_error=bindparam("error"),
        last_error_at=func.coalesce(bindparam("error_at", type_=table.c.last_error_at.type), table.c.last_error_at),
    )
)


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
            taken: list[_Wish] = []
            for wish in wishes:
                row = rows.get(wish.source_id)
                if row is None or not _free(row, wish):
                    answers[wish] = _state(row) if row else _held(wish)
                    continue
                del rows[wish.source_id]
                answers[wish] = _lease(row, wish)
                taken.append(wish)
            if taken:
                await connection.execute(_TAKE, [_taken(wish, answers[wish]) for wish in taken])
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
        held = tuple_(table.c.id, table.c.fence).in_(sorted({(end.lease.source_id, end.lease.fence) for end in ends}))
        statement = select(table.c.id, table.c.fence).where(held).order_by(table.c.id).with_for_update()
        async with self._database.begin() as connection:
            mine = {(row.id, row.fence) for row in await connection.execute(statement)}
            settled = [end for end in ends if (end.lease.source_id, end.lease.fence) in mine]
            if settled:
                await connection.execute(_SETTLE, [_changes(end) for end in settled])
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


def _taken(wish: _Wish, answer: Lease | SourceState) -> dict[str, Any]:
    assert isinstance(answer, Lease)
    kept = {"new_cursor": json.dumps(answer.cursor), "new_failures": answer.failures, "new_waits": answer.waits}
    mine = {"of": wish.source_id, "new_fence": answer.fence, "new_until": wish.until}
    return mine | kept | {"entry": wish.fingerprint, "moment": wish.now}


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


def _changes(end: _End) -> dict[str, Any]:
    settlement, history = end.settlement, end.settlement.history
    error = settlement.error
    return {
        "of": end.lease.source_id,
        "due": settlement.next_poll_at,
        "why": settlement.pace,
        "new_failures": settlement.failures,
        "new_waits": settlement.waits,
        "ok_at": history.last_ok_at,
        "new_at": history.last_new_at,
        "new_gaps": json.dumps(history.gaps),
        "new_trouble": history.trouble,
        "since": history.since,
        "new_cursor": None if settlement.cursor is None else json.dumps(settlement.cursor),
        "error": None if error is None else error[:LONGEST_ERROR],
        "error_at": None if error is None else settlement.at,
    }
