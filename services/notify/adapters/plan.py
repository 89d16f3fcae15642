"""What a planned delivery looks like in SQL, of an alert as of a bundle."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables
from services.notify.ports import Status, Subscriber
from shared.ids import stable_id


class Told(Protocol):
    """What is told: an alert, or a bundle under its own id."""

    @property
    def story_id(self) -> str:
        """The story, or the bundle."""
        ...

    @property
    def revision(self) -> int:
        """Its revision, 1 for a bundle."""
        ...


async def disabled_subscribers(connection: AsyncConnection) -> frozenset[str]:
    """Ids of those whose receivers are gone."""
    table = tables.subscribers
    rows = await connection.scalars(select(table.c.subscriber_id).where(table.c.disabled_at.is_not(None)))
    return frozenset(rows)


def delivery_id(alert: Told, subscriber_id: str) -> str:
    """The same for the same revision and subscriber, in every process: receivers drop repetitions by it."""
    return stable_id("delivery", alert.story_id, alert.revision, subscriber_id)


def delivery_row(alert: Told, subscriber: Subscriber, at: datetime, *, held: bool) -> dict[str, Any]:
    """A delivery that is due at once, or `held` because its subscriber is disabled."""
    return {
        "delivery_id": delivery_id(alert, subscriber.id),
        "story_id": alert.story_id,
        "revision": alert.revision,
        "subscriber_id": subscriber.id,
        "channel": subscriber.channel,
        "status": Status.HELD if held else Status.WAITING,
        "attempts": 0,
        "schedule_base": 0,
        "sent": 0,
        "created_at": at,
        "next_attempt_at": at,
        "detail": "",
    }
