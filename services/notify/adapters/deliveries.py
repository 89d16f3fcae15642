"""Deliveries in SQL: claimed under a lease, finished in one transaction with their attempt and event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, CursorResult, Row, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import bundles, receivers, tables
from services.notify.adapters.owners import is_gone
from services.notify.adapters.tables import deliveries as table
from services.notify.outcome import Verdict
from services.notify.ports import Result, Status, Subscriber, Task
from shared.db import Database
from shared.events import EVENTS, Alert, Delivery, DeliveryExhausted, DeliveryFailed, DeliverySucceeded
from shared.events.envelope import Envelope
from shared.outbox import Outbox

LEASE: Final = timedelta(seconds=60)
"""Much longer than an attempt may take, so that its end can still be written after a hiccup of the database; a
delivery of a process that died is free after it."""
GIVE_UP: Final = timedelta(days=5)
"""How long deliveries wait for a subscriber that is no longer in the file, or switched off there."""
MAX_DETAIL: Final = 300
_ENVELOPE: Final = TypeAdapter(Envelope)
_OUTBOX: Final = Outbox(tables.outbox, service="notify")


class SqlDeliveries:
    """See `Deliveries`."""

    def __init__(self, database: Database, *, committed: Callable[[], None] = lambda: None) -> None:
        """`committed` is called after each commit that left an event to publish."""
        self._database, self._committed = database, committed

    async def claim(self, now: datetime, *, owner: str, room: Mapping[str, int], limit: int) -> Sequence[Task]:
        """See `Deliveries.claim`. Replicas on PostgreSQL skip each other's rows."""
        if not room or limit < 1:
            return ()
        chosen = _due(now, room).order_by(table.c.next_attempt_at).limit(limit)
        if self._database.dialect == "postgresql":
            chosen = chosen.with_for_update(skip_locked=True)
        lease = {"lease_until": now + LEASE, "owner": owner, "attempts": table.c.attempts + 1}
        async with self._database.begin() as connection:
            ids = (await connection.scalars(chosen)).all()
            if not ids:
                await self._supersede(connection, now)
                return ()
            await connection.execute(update(table).where(table.c.delivery_id.in_(ids)).values(lease))
            rows = (await connection.execute(_with_alert().where(table.c.delivery_id.in_(ids)))).all()
            together = await bundles.claimed(connection, ids, owner, now) if len(rows) < len(ids) else ()
            return [*(_task(row, owner) for row in rows), *together]

    async def finish(self, task: Task, result: Result) -> bool:
        """See `Deliveries.finish`."""
        async with self._database.begin() as connection:
            status = await self._status(connection, task, result)
            mine = and_(
                table.c.delivery_id == task.delivery_id, table.c.owner == task.owner, table.c.attempts == task.attempt
            )
            written: CursorResult[Any] = await connection.execute(
                update(table).where(mine).values(_after(result, status))
            )
            if written.rowcount == 0:
                return False
            await connection.execute(tables.attempts.insert().values(_attempt(task, result)))
            await receivers.learn(self._database, connection, task, result)
            event = _event(task, result, status)
            correlation_id, cause = task.envelope.correlation_id, task.envelope
            await _OUTBOX.enqueue(connection, event, correlation_id=correlation_id, cause=cause, at=result.at)
        self._committed()
        return True

    async def reconcile(self, subscribers: Mapping[str, Subscriber], now: datetime) -> None:
        """See `Deliveries.reconcile`."""
        async with self._database.begin() as connection:
            await receivers.reconcile(connection, subscribers)
            gone = and_(table.c.subscriber_id.not_in(list(subscribers)), table.c.created_at <= now - GIVE_UP)
            ended = {"status": Status.EXHAUSTED, "detail": "no such subscriber any more", "finished_at": now}
            where = and_(table.c.status.in_((Status.WAITING, Status.HELD)), _is_free(now), gone)
            await connection.execute(update(table).where(where).values(**ended, next_attempt_at=None))

    async def release(self) -> int:
        """Free what processes that have ended held, where that can be known: SQLite is never shared by machines.

        Returns how many deliveries need not wait for the end of their lease.
        """
        if self._database.dialect != "sqlite":
            return 0
        async with self._database.begin() as connection:
            owners = (
                await connection.scalars(select(table.c.owner).where(table.c.owner.is_not(None)).distinct())
            ).all()
            gone = [owner for owner in owners if is_gone(owner)]
            freed: CursorResult[Any] = await connection.execute(
                update(table).where(table.c.owner.in_(gone)).values(owner=None, lease_until=None)
            )
            return freed.rowcount

    async def retry(self, delivery_id: str, now: datetime) -> Status | None:
        """See `Deliveries.retry`."""
        async with self._database.begin() as connection:
            query = select(table.c.status, _has_newer().label("has_newer")).where(table.c.delivery_id == delivery_id)
            row = (await connection.execute(query)).one_or_none()
            if row is None or row.status == Status.DELIVERED:
                return None if row is None else Status.DELIVERED
            if row.has_newer:
                return Status.SUPERSEDED
            open_again = {"status": Status.WAITING, "next_attempt_at": now, "schedule_base": table.c.attempts}
            where = and_(
                table.c.delivery_id == delivery_id,
                table.c.status.in_((Status.WAITING, Status.HELD, Status.EXHAUSTED)),
                _is_free(now),
            )
            reopened = update(table).where(where).values(**open_again, finished_at=None)
            for subscriber_id in (await connection.scalars(reopened.returning(table.c.subscriber_id))).all():
                await receivers.release(connection, subscriber_id)
            return Status(row.status)

    async def _supersede(self, connection: AsyncConnection, now: datetime) -> None:
        """Drop what is due but stale: it was under way, or its process died, when the newer revision came."""
        stale = select(table.c.delivery_id).where(_is_waiting(now), _has_newer())
        if self._database.dialect == "postgresql":
            stale = stale.with_for_update(skip_locked=True)
        ended = {"status": Status.SUPERSEDED, "next_attempt_at": None, "finished_at": now}
        await connection.execute(update(table).where(table.c.delivery_id.in_(stale)).values(ended))

    async def _status(self, connection: AsyncConnection, task: Task, result: Result) -> Status:
        if result.verdict == Verdict.DONE:
            return Status.DELIVERED
        disabled = result.verdict == Verdict.DISABLE
        if result.next.at is None and not disabled:
            return Status.EXHAUSTED
        mine = table.c.delivery_id == task.delivery_id
        if await connection.scalar(select(table.c.delivery_id).where(mine, _has_newer())):
            return Status.SUPERSEDED
        return Status.HELD if disabled else Status.WAITING


def _due(now: datetime, room: Mapping[str, int]) -> Any:
    """Ids of due deliveries, of each subscriber as many as there is room for, the longest waiting first."""
    order = func.row_number().over(
        partition_by=table.c.subscriber_id, order_by=(table.c.next_attempt_at, table.c.delivery_id)
    )
    place = order.label("place")
    current = (_is_due(now, room), ~_has_newer())
    ranked = select(table.c.delivery_id, table.c.subscriber_id, place).where(*current).subquery()
    most = case(dict(room), value=ranked.c.subscriber_id, else_=0)
    return select(table.c.delivery_id).where(
        table.c.delivery_id.in_(select(ranked.c.delivery_id).where(ranked.c.place <= most)), _is_due(now, room)
    )


def _is_due(now: datetime, room: Mapping[str, int]) -> ColumnElement[bool]:
    return and_(
        _is_waiting(now),
        table.c.subscriber_id.in_(list(room)),
        table.c.subscriber_id.not_in(receivers.held_back(now)),
    )


def _is_waiting(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.status == Status.WAITING, table.c.next_attempt_at <= now, _is_free(now))


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Nobody is sending it."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until <= now)


def _has_newer() -> ColumnElement[bool]:
    """Whether its subscriber is told of a newer revision of the same story, or has been."""
    newer = table.alias("newer")
    same = and_(newer.c.story_id == table.c.story_id, newer.c.subscriber_id == table.c.subscriber_id)
    return select(newer.c.delivery_id).where(same, newer.c.revision > table.c.revision).correlate(table).exists()


def _with_alert() -> Any:
    revisions = tables.revisions
    same = and_(revisions.c.story_id == table.c.story_id, revisions.c.revision == table.c.revision)
    return select(table, revisions.c.type, revisions.c.alert, revisions.c.envelope).join(revisions, same)


def _task(row: Row[Any], owner: str) -> Task:
    event = EVENTS[row.type]
    alert = event.model_validate_json(row.alert)
    assert isinstance(alert, Alert)
    return Task(
        delivery_id=row.delivery_id,
        subscriber_id=row.subscriber_id,
        channel=row.channel,
        alert=alert,
        envelope=_ENVELOPE.validate_json(row.envelope),
        attempt=row.attempts,
        step=row.attempts - row.schedule_base,
        sent=row.sent,
        owner=owner,
        lease_until=row.lease_until,
    )


def _after(result: Result, status: Status) -> dict[str, Any]:
    is_open = status in (Status.WAITING, Status.HELD)
    return {
        "status": status,
        "sent": result.sent,
        "next_attempt_at": (result.next.at or result.at) if is_open else None,
        "lease_until": None,
        "owner": None,
        "outcome": result.answer.outcome,
        "detail": result.answer.detail[:MAX_DETAIL],
        "finished_at": None if is_open else result.at,
    }


def _attempt(task: Task, result: Result) -> dict[str, Any]:
    return {
        "delivery_id": task.delivery_id,
        "attempt": task.attempt,
        "at": result.at,
        "outcome": result.answer.outcome,
        "status_code": result.answer.status,
        "detail": result.answer.detail[:MAX_DETAIL],
        "duration_ms": result.duration_ms,
    }


def _event(task: Task, result: Result, status: Status) -> Delivery:
    kinds = {Status.DELIVERED: DeliverySucceeded, Status.WAITING: DeliveryFailed}
    return kinds.get(status, DeliveryExhausted)(
        delivery_id=task.delivery_id,
        story_id=task.alert.story_id,
        revision=task.alert.revision,
        subscriber_id=task.subscriber_id,
        channel=task.channel,
        attempt=task.attempt,
        outcome=result.answer.outcome,
        status_code=result.answer.status,
        detail=result.answer.detail[:MAX_DETAIL],
        duration_ms=result.duration_ms,
        at=result.at,
        next_attempt_at=result.next.at if status == Status.WAITING else None,
    )
