"""Alerts that wait, as the transaction on a signal sees them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables
from services.notify.course import Course, Route, Standing
from services.notify.lanes import Lane
from services.notify.ports import Status, Subscriber
from shared.events import Alert

table: Final = tables.held


def told_in_bundles(story_id: str) -> Select[tuple[str]]:
    """Ids of the subscribers who got the story in a message with others."""
    members, bundles = tables.bundle_members, tables.bundles
    same = members.c.bundle_id == bundles.c.bundle_id
    return select(bundles.c.subscriber_id).join(members, same).where(members.c.story_id == story_id)


async def awaiting(connection: AsyncConnection, alert: Alert) -> frozenset[str]:
    """Ids of those for whom an older revision waits, and goes on waiting until the end of the transaction."""
    if alert.revision == 1:
        return frozenset()
    query = select(table.c.subscriber_id).where(table.c.story_id == alert.story_id).with_for_update()
    return frozenset(await connection.scalars(query))


async def standings(
    connection: AsyncConnection,
    subscribers: Iterable[Subscriber],
    told: frozenset[str],
    awaits: frozenset[str],
    now: datetime,
) -> Mapping[str, Standing]:
    """See `Transaction.standings`. Asks only what the lanes in use need to know."""
    people = list(subscribers)
    grouping = any(it.timing.lane == Lane.NORMAL for it in people)
    waiting = await _waiting(connection) if grouping else {}
    flushed = await _flushed(connection) if grouping else {}
    return {
        it.id: Standing(
            told=it.id in told,
            awaits=it.id in awaits,
            waiting=waiting.get(it.id),
            flushed=flushed.get(it.id),
            recent=await recent(connection, it, now),
        )
        for it in people
    }


async def recent(connection: AsyncConnection, subscriber: Subscriber, now: datetime) -> tuple[datetime, ...]:
    """When the subscriber's last messages were planned, as many as its limit counts."""
    rate, sent = subscriber.timing.rate, tables.deliveries
    if rate is None:
        return ()
    mine = (sent.c.subscriber_id == subscriber.id, sent.c.created_at > now - rate.per)
    query = select(sent.c.created_at).where(*mine, sent.c.status != Status.SUPERSEDED)
    rows = await connection.scalars(query.order_by(sent.c.created_at.desc()).limit(rate.messages))
    return tuple(rows)


async def hold(connection: AsyncConnection, alert: Alert, routes: Mapping[str, Route], at: datetime) -> None:
    """See `Transaction.hold`."""
    if alert.revision > 1:
        older = (table.c.story_id == alert.story_id, table.c.revision < alert.revision)
        await connection.execute(delete(table).where(*older, table.c.subscriber_id.in_(list(routes))))
    rows = [_row(alert, name, it, at) for name, it in routes.items() if it.course != Course.AT_ONCE and it.due_at]
    if rows:
        await connection.execute(table.insert(), rows)
    shown = json.dumps({name: _shown(it) for name, it in routes.items()})
    row = {"story_id": alert.story_id, "revision": alert.revision, "routes": shown}
    await connection.execute(tables.routes.insert().values(row))


async def _waiting(connection: AsyncConnection) -> dict[str, datetime]:
    query = select(table.c.subscriber_id, func.min(table.c.due_at).label("due_at"))
    rows = await connection.execute(query.where(table.c.course == Course.GROUPED).group_by(table.c.subscriber_id))
    return {row.subscriber_id: row.due_at for row in rows}


async def _flushed(connection: AsyncConnection) -> dict[str, datetime]:
    rows = await connection.execute(select(tables.groups))
    return {row.subscriber_id: row.told_at for row in rows}


def _row(alert: Alert, subscriber_id: str, route: Route, at: datetime) -> dict[str, Any]:
    return {
        "story_id": alert.story_id,
        "revision": alert.revision,
        "subscriber_id": subscriber_id,
        "course": route.course,
        "detail": route.detail,
        "due_at": route.due_at,
        "held_at": at,
    }


def _shown(route: Route) -> dict[str, Any]:
    due = route.due_at.isoformat().replace("+00:00", "Z") if route.due_at else None
    return {"course": route.course, "lane": route.lane, "due_at": due, "detail": route.detail}
