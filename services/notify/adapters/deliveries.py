"""Deliveries in SQL: claimed under a lease, finished in one transaction with their attempt and event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, CursorResult, Row, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import receivers, tables
from services.notify.adapters.tables import deliveries as table
from services.notify.outcome import Verdict
from services.notify.ports import Result, Status, Subscriber, Task
from shared.db import Database
from shared.events import EVENTS, Alert, Delivery, DeliveryExhausted, DeliveryFailed, DeliverySucceeded
from shared.events.envelope import Envelope
from shared.outbox import Outbox

LEASE: Final = timedelta(seconds=20)
"""Longer than the 15 s an attempt may take; a delivery of a process that died is free after it."""
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
                return ()
            await connection.execute(update(table).where(table.c.delivery_id.in_(ids)).values(lease))
            rows = await connection.execute(_with_alert().where(table.c.delivery_id.in_(ids)))
            return [_task(row, owner) for row in rows]

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

    async def reconcile(self, subscribers: Mapping[str, Subscriber]) -> None:
        """See `Deliveries.reconcile`."""
        async with self._database.begin() as connection:
            await receivers.reconcile(connection, subscribers)

    async def retry(self, delivery_id: str, now: datetime) -> Status | None:
        """See `Deliveries.retry`."""
        async with self._database.begin() as connection:
            status = await connection.scalar(select(table.c.status).where(table.c.delivery_id == delivery_id))
            open_again = {"status": Status.WAITING, "next_attempt_at": now, "schedule_base": table.c.attempts}
            idle = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
            where = and_(
                table.c.delivery_id == delivery_id,
                table.c.status.in_((Status.WAITING, Status.HELD, Status.EXHAUSTED)),
                idle,
            )
            await connection.execute(update(table).where(where).values(**open_again, finished_at=None))
            return Status(status) if status else None

    async def _status(self, connection: AsyncConnection, task: Task, result: Result) -> Status:
        if result.verdict == Verdict.DONE:
            return Status.DELIVERED
        if result.next.at is None:
            return Status.EXHAUSTED
        newer = select(func.count()).where(
            table.c.story_id == task.alert.story_id,
            table.c.subscriber_id == task.subscriber_id,
            table.c.revision > task.alert.revision,
        )
        return Status.SUPERSEDED if await connection.scalar(newer) else Status.WAITING


def _due(now: datetime, room: Mapping[str, int]) -> Any:
    """Ids of due deliveries, of each subscriber as many as there is room for, the longest waiting first."""
    order = func.row_number().over(
        partition_by=table.c.subscriber_id, order_by=(table.c.next_attempt_at, table.c.delivery_id)
    )
    place = order.label("place")
    ranked = select(table.c.delivery_id, table.c.subscriber_id, place).where(_is_due(now, room)).subquery()
    most = case(dict(room), value=ranked.c.subscriber_id, else_=0)
    return select(table.c.delivery_id).where(
        table.c.delivery_id.in_(select(ranked.c.delivery_id).where(ranked.c.place <= most)), _is_due(now, room)
    )


def _is_due(now: datetime, room: Mapping[str, int]) -> ColumnElement[bool]:
    return and_(
        table.c.status == Status.WAITING,
        table.c.next_attempt_at <= now,
        or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
        table.c.subscriber_id.in_(list(room)),
        table.c.subscriber_id.not_in(receivers.held_back(now)),
    )


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
    )


def _after(result: Result, status: Status) -> dict[str, Any]:
    return {
        "status": status,
        "sent": result.sent,
        "next_attempt_at": result.next.at if status == Status.WAITING else None,
        "lease_until": None,
        "owner": None,
        "outcome": result.answer.outcome,
        "detail": result.answer.detail[:MAX_DETAIL],
        "finished_at": None if status == Status.WAITING else result.at,
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
