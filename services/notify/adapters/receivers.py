"""What is learnt about receivers, in SQL: hold back until a time, or send nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, delete, literal, select, update
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
        await _welcome_back(connection, task.subscriber_id, result.at)
    elif result.verdict == Verdict.DISABLE:
        reason = {"disabled_at": result.at, "disabled_reason": result.answer.detail[:200]}
        await _write(database, connection, task.subscriber_id, {**reason, "fingerprint": result.fingerprint})
        await _hold(connection, task.subscriber_id)
    elif result.next.hold_until is not None:
        row = {"hold_until": result.next.hold_until, "fingerprint": result.fingerprint}
        until = literal(result.next.hold_until, table.c.hold_until.type)
        longest = case((table.c.hold_until > until, table.c.hold_until), else_=until)
        await _write(database, connection, task.subscriber_id, row, hold_until=longest)


async def reconcile(connection: AsyncConnection, subscribers: Mapping[str, Subscriber]) -> None:
    """Forget what was learnt about addresses that subscribers no longer have."""
    for row in (await connection.execute(select(table))).all():
        subscriber = subscribers.get(row.subscriber_id)
        if subscriber is not None and subscriber.fingerprint != row.fingerprint:
            await connection.execute(delete(table).where(table.c.subscriber_id == row.subscriber_id))
            await _let_go(connection, row.subscriber_id)


async def release(connection: AsyncConnection, subscriber_id: str) -> None:
    """Hold nothing back from this receiver any longer: a person says that it is well."""
    held = (table.c.subscriber_id == subscriber_id, table.c.disabled_at.is_(None))
    await connection.execute(delete(table).where(*held))


async def _welcome_back(connection: AsyncConnection, subscriber_id: str, at: datetime) -> None:
    """A receiver that takes messages is not gone. What it asked for meanwhile is still kept to."""
    mine = table.c.subscriber_id == subscriber_id
    known = (await connection.execute(select(table).where(mine))).one_or_none()
    if known is None:
        return
    if known.hold_until is None or known.hold_until <= at:
        await connection.execute(delete(table).where(mine))
    else:
        await connection.execute(update(table).where(mine).values(disabled_at=None, disabled_reason=""))
    if known.disabled_at is not None:
        await _let_go(connection, subscriber_id)


async def _write(
    database: Database, connection: AsyncConnection, subscriber_id: str, row: Mapping[str, Any], **otherwise: Any
) -> None:
    """Insert the row or update it; `otherwise` are the values that differ in an update."""
    blank = {"subscriber_id": subscriber_id, "disabled_reason": "", "fingerprint": ""}
    statement = database.insert(table).values({**blank, **row})
    update = {**row, **otherwise}
    await connection.execute(statement.on_conflict_do_update(index_elements=["subscriber_id"], set_=update))


async def _hold(connection: AsyncConnection, subscriber_id: str) -> None:
    waiting = (deliveries.c.subscriber_id == subscriber_id, deliveries.c.status == Status.WAITING)
    await connection.execute(update(deliveries).where(*waiting).values(status=Status.HELD))


async def _let_go(connection: AsyncConnection, subscriber_id: str) -> None:
    """What was held for it is sent, on a fresh schedule."""
    held = (deliveries.c.subscriber_id == subscriber_id, deliveries.c.status == Status.HELD)
    fresh = {"status": Status.WAITING, "schedule_base": deliveries.c.attempts}
    await connection.execute(update(deliveries).where(*held).values(fresh))
