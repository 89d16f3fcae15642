"""Whom a story has reached and who still waits for it, in SQL: by itself, in a message with others, or not yet due."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables
from services.notify.ports import Status
from shared.events.delivery import Outcome

OPEN: Final = (Status.WAITING, Status.HELD)
_UNSURE: Final = (Outcome.TIMED_OUT, Outcome.BAD_RESPONSE, Outcome.SERVER_ERROR)
"""After these a receiver may have taken the message all the same."""
_SENT: Final = tables.deliveries
_MEMBERS: Final = tables.bundle_members


async def reached(connection: AsyncConnection, story_id: str, at: datetime) -> frozenset[str]:
    """See `Transaction.reached`."""
    arrived = or_(_may_have_arrived(), _SENT.c.lease_until > at)
    found = select(_SENT.c.subscriber_id).where(_tells(story_id), arrived)
    return frozenset(await connection.scalars(found.distinct()))


async def waiting(connection: AsyncConnection, story_id: str) -> frozenset[str]:
    """See `Transaction.waiting`."""
    planned = select(_SENT.c.subscriber_id).where(_tells(story_id), _SENT.c.status.in_(OPEN))
    later = select(tables.held.c.subscriber_id).where(tables.held.c.story_id == story_id)
    return frozenset(await connection.scalars(planned.union(later)))


async def withdraw(connection: AsyncConnection, story_id: str, at: datetime) -> None:
    """See `Transaction.withdraw`. What waits for its time goes first: meanwhile it may have become a delivery."""
    await connection.execute(delete(tables.held).where(tables.held.c.story_id == story_id))
    ended = {"status": Status.SUPERSEDED, "next_attempt_at": None, "finished_at": at}
    idle = and_(_SENT.c.status.in_(OPEN), or_(_SENT.c.lease_until.is_(None), _SENT.c.lease_until <= at))
    await connection.execute(update(_SENT).where(_SENT.c.story_id == story_id, idle).values(ended))
    await _leave_out(connection, story_id, idle, ended)


async def _leave_out(
    connection: AsyncConnection, story_id: str, idle: ColumnElement[bool], ended: dict[str, Any]
) -> None:
    """Take the story out of messages with others that have not gone out; one that tells nothing else is dropped.

    The rows are locked, so that nobody begins to send them meanwhile.
    """
    unsent = select(_SENT.c.story_id).where(_SENT.c.story_id.in_(_bundles(story_id)), idle, ~_may_have_arrived())
    found = list(await connection.scalars(unsent.with_for_update()))
    if not found:
        return
    mine = and_(_MEMBERS.c.story_id == story_id, _MEMBERS.c.bundle_id.in_(found))
    await connection.execute(delete(_MEMBERS).where(mine))
    tells = exists().where(_MEMBERS.c.bundle_id == _SENT.c.story_id)
    await connection.execute(update(_SENT).where(_SENT.c.story_id.in_(found), ~tells).values(ended))


def _tells(story_id: str) -> ColumnElement[bool]:
    return or_(_SENT.c.story_id == story_id, _SENT.c.story_id.in_(_bundles(story_id)))


def _bundles(story_id: str) -> Select[tuple[str]]:
    return select(_MEMBERS.c.bundle_id).where(_MEMBERS.c.story_id == story_id)


def _may_have_arrived() -> ColumnElement[bool]:
    unsure = and_(_SENT.c.outcome.is_not(None), _SENT.c.outcome.in_(_UNSURE))
    return or_(_SENT.c.status == Status.DELIVERED, _SENT.c.sent > 0, unsure)
