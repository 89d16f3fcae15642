"""What is learnt about receivers, in SQL: hold back until a time, or send nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters.tables import deliveries
from services.notify.adapters.tables import subscribers as table
from services.notify.outcome import Verdict
from services.notify.ports import Result, Status, Subscriber, Task
from shared.db import Database


def held_back(now: datetime) -> Select[tuple[str]]:
    """Ids of the subscribers to whom nothing is sent at the moment."""
    return select(table.c.subscriber_id).where(table.c.hold_until > now)


async def learn(database: Database, connection: AsyncConnection, task: Task, result: Result) -> None:
    """Draw the consequences of an attempt for its receiver."""
    if result.verdict == Verdict.DONE:
        await _welcome_back(connection, task.subscriber_id)
    elif result.verdict == Verdict.DISABLE:
        row = {
            "disabled_at": result.at,
            "disabled_reason": result.answer.detail[:200],
            "fingerprint": result.fingerprint,
        }
        await _write(database, connection, task.subscriber_id, row)
        await _move(connection, task.subscriber_id, Status.WAITING, Status.HELD)
    elif result.next.hold_until is not None:
        await _write(database, connection, task.subscriber_id, {"hold_until": result.next.hold_until})


async def reconcile(connection: AsyncConnection, subscribers: Mapping[str, Subscriber]) -> None:
    """Forget what was learnt about addresses that subscribers no longer have."""
    for row in (await connection.execute(select(table))).all():
        subscriber = subscribers.get(row.subscriber_id)
        if subscriber is not None and row.disabled_at is not None and subscriber.fingerprint != row.fingerprint:
            await connection.execute(delete(table).where(table.c.subscriber_id == row.subscriber_id))
            await _move(connection, row.subscriber_id, Status.HELD, Status.WAITING)


async def _welcome_back(connection: AsyncConnection, subscriber_id: str) -> None:
    """A receiver that takes messages is neither held back nor disabled."""
    marked = or_(table.c.hold_until.is_not(None), table.c.disabled_at.is_not(None))
    gone: CursorResult[Any] = await connection.execute(
        delete(table).where(table.c.subscriber_id == subscriber_id, marked)
    )
    if gone.rowcount:
        await _move(connection, subscriber_id, Status.HELD, Status.WAITING)


async def _write(database: Database, connection: AsyncConnection, subscriber_id: str, row: Mapping[str, Any]) -> None:
    blank = {"subscriber_id": subscriber_id, "disabled_reason": "", "fingerprint": ""}
    statement = database.insert(table).values({**blank, **row})
    await connection.execute(statement.on_conflict_do_update(index_elements=["subscriber_id"], set_=dict(row)))


async def _move(connection: AsyncConnection, subscriber_id: str, before: Status, after: Status) -> None:
    where = (deliveries.c.subscriber_id == subscriber_id, deliveries.c.status == before)
    await connection.execute(update(deliveries).where(*where).values(status=after))
