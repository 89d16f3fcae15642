"""Messages with several alerts, in SQL: planned as one delivery, and read again when it is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables
from services.notify.adapters.plan import delivery_row, disabled_subscribers
from services.notify.bundle import Bundle, as_alert, by_weight
from services.notify.ports import Status, Subscriber, Task
from shared.events import EVENTS, Alert
from shared.events.envelope import Envelope

_TYPE = "io.orewire.bundle"


@dataclass(frozen=True)
class _Planned:
    story_id: str
    revision: int = 1


async def plan_bundle(connection: AsyncConnection, bundle: Bundle, subscriber: Subscriber) -> None:
    """Write the bundle and its delivery."""
    row = {
        "bundle_id": bundle.bundle_id,
        "subscriber_id": subscriber.id,
        "title": bundle.title,
        "note": bundle.note,
        "created_at": bundle.at,
    }
    await connection.execute(tables.bundles.insert().values(row))
    members = [
        {"bundle_id": bundle.bundle_id, "story_id": it.story_id, "revision": it.revision} for it in bundle.alerts
    ]
    if members:
        await connection.execute(tables.bundle_members.insert(), members)
    disabled = subscriber.id in await disabled_subscribers(connection)
    delivery = delivery_row(_Planned(bundle.bundle_id), subscriber, bundle.at, held=disabled)
    await connection.execute(tables.deliveries.insert().values(delivery))


async def claimed(connection: AsyncConnection, ids: Sequence[str], owner: str, now: datetime) -> list[Task]:
    """The bundles among the claimed deliveries. One that has become stale as a whole is dropped."""
    sent, bundles = tables.deliveries, tables.bundles
    query = select(sent, bundles.c.title, bundles.c.note, bundles.c.created_at.label("at"))
    rows = await connection.execute(
        query.join(bundles, bundles.c.bundle_id == sent.c.story_id).where(sent.c.delivery_id.in_(ids))
    )
    tasks = []
    for row in rows.all():
        task = await _task(connection, row, owner)
        if task is None:
            ended = {"status": Status.SUPERSEDED, "next_attempt_at": None, "lease_until": None, "owner": None}
            mine = sent.c.delivery_id == row.delivery_id
            await connection.execute(update(sent).where(mine).values(**ended, finished_at=now))
        else:
            tasks.append(task)
    return tasks


async def _task(connection: AsyncConnection, row: Row[Any], owner: str) -> Task | None:
    members = await _members(connection, row.story_id, row.subscriber_id)
    # Once a part has arrived the rest must stay as it was planned: `sent` counts messages.
    alerts = [alert for alert, stale in members if row.sent or not stale]
    if members and not alerts:
        return None
    bundle = Bundle(row.story_id, row.title, row.note, tuple(by_weight(alerts)), row.at)
    return Task(
        delivery_id=row.delivery_id,
        subscriber_id=row.subscriber_id,
        channel=row.channel,
        alert=as_alert(bundle),
        envelope=Envelope(row.story_id, _TYPE, "orewire/notify", row.at, correlation_id=row.story_id),
        attempt=row.attempts,
        step=row.attempts - row.schedule_base,
        sent=row.sent,
        owner=owner,
        lease_until=row.lease_until,
        bundle=bundle,
    )


async def _members(connection: AsyncConnection, bundle_id: str, subscriber_id: str) -> list[tuple[Alert, bool]]:
    """The alerts of a bundle, and whether the subscriber is told of a newer revision of each."""
    members, revisions = tables.bundle_members, tables.revisions
    same = and_(revisions.c.story_id == members.c.story_id, revisions.c.revision == members.c.revision)
    stale = case((_has_newer(subscriber_id), 1), else_=0).label("stale")
    query = select(revisions.c.type, revisions.c.alert, stale).select_from(members).join(revisions, same)
    found = []
    for row in await connection.execute(query.where(members.c.bundle_id == bundle_id)):
        alert = EVENTS[row.type].model_validate_json(row.alert)
        assert isinstance(alert, Alert)
        found.append((alert, bool(row.stale)))
    return found


def _has_newer(subscriber_id: str) -> ColumnElement[bool]:
    members, bundles, sent = tables.bundle_members, tables.bundles, tables.deliveries
    alone = select(sent.c.delivery_id).where(
        sent.c.story_id == members.c.story_id,
        sent.c.subscriber_id == subscriber_id,
        sent.c.revision > members.c.revision,
    )
    later = members.alias("later")
    together = (
        select(later.c.bundle_id)
        .join(bundles, bundles.c.bundle_id == later.c.bundle_id)
        .where(
            later.c.story_id == members.c.story_id,
            later.c.revision > members.c.revision,
            bundles.c.subscriber_id == subscriber_id,
        )
    )
    return alone.correlate(members).exists() | together.correlate(members).exists()
