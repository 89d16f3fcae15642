"""What was told and to whom, read from SQL for the HTTP side."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Row, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import reasons, tables
from services.notify.materials import group_of
from services.notify.ports import AlertQuery, DeliveryQuery
from services.notify.story import Story
from shared.db import Database

_STORY = TypeAdapter(Story)
_SHOWN = (
    "delivery_id",
    "story_id",
    "revision",
    "subscriber_id",
    "channel",
    "status",
    "attempts",
    "outcome",
    "detail",
)
_TIMES = ("created_at", "next_attempt_at", "finished_at")


class SqlRecords:
    """See `Records`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def alerts(self, query: AlertQuery) -> Sequence[tuple[datetime, str, Mapping[str, Any]]]:
        """See `Records.alerts`."""
        stories, revisions = tables.stories, tables.revisions
        current = and_(revisions.c.story_id == stories.c.story_id, revisions.c.revision == stories.c.revision)
        statement = select(stories.c.updated_at, stories.c.story_id, revisions.c.alert).join(revisions, current)
        statement = _page(_wanted(statement, query), stories.c.updated_at, stories.c.story_id, query)
        async with self._database.begin() as connection:
            rows = (await connection.execute(statement)).all()
        return [(row.updated_at, row.story_id, json.loads(row.alert)) for row in rows]

    async def story(self, story_id: str) -> Mapping[str, Any] | None:
        """See `Records.story`."""
        revisions, deliveries = tables.revisions, tables.deliveries
        told = select(revisions).where(revisions.c.story_id == story_id).order_by(revisions.c.revision)
        members = tables.bundle_members
        together = select(members.c.bundle_id).where(members.c.story_id == story_id)
        mine = or_(deliveries.c.story_id == story_id, deliveries.c.story_id.in_(together))
        sent = select(deliveries).where(mine).order_by(deliveries.c.created_at)
        async with self._database.begin() as connection:
            rows = (await connection.execute(told)).all()
            shown = await _with_attempts(connection, (await connection.execute(sent)).all())
            routes = await _routes(connection, story_id)
            waits = await _waits(connection, story_id)
        if not rows:
            return None
        history = [
            {"type": row.type, "alert": json.loads(row.alert), "routes": routes.get(row.revision, {})} for row in rows
        ]
        whole = {"revisions": history, "deliveries": shown, "waiting": waits}
        return {"story_id": story_id, "alert": history[-1]["alert"], **whole}

    async def known(self, story_id: str) -> Story | None:
        """See `Records.known`."""
        query = select(tables.stories.c.state).where(tables.stories.c.story_id == story_id)
        async with self._database.begin() as connection:
            state = await connection.scalar(query)
        return _STORY.validate_json(state) if state else None

    async def why(self, name: str) -> Sequence[Mapping[str, Any]]:
        """See `Records.why`."""
        async with self._database.begin() as connection:
            return await reasons.why(connection, name)

    async def deliveries(self, query: DeliveryQuery) -> Sequence[tuple[datetime, str, Mapping[str, Any]]]:
        """See `Records.deliveries`."""
        table = tables.deliveries
        statement = select(table)
        if query.status is not None:
            statement = statement.where(table.c.status == query.status)
        if query.subscriber is not None:
            statement = statement.where(table.c.subscriber_id == query.subscriber)
        statement = _page(statement, table.c.created_at, table.c.delivery_id, query)
        async with self._database.begin() as connection:
            rows = (await connection.execute(statement)).all()
            shown = await _with_attempts(connection, rows)
        return [(row.created_at, row.delivery_id, item) for row, item in zip(rows, shown, strict=True)]

    async def subscribers(self) -> Sequence[Mapping[str, Any]]:
        """See `Records.subscribers`."""
        async with self._database.begin() as connection:
            rows = (await connection.execute(select(tables.subscribers))).all()
        return [
            {
                "subscriber_id": row.subscriber_id,
                "hold_until": _time(row.hold_until),
                "disabled_at": _time(row.disabled_at),
                "disabled_reason": row.disabled_reason,
            }
            for row in rows
        ]


async def _routes(connection: AsyncConnection, story_id: str) -> dict[int, Any]:
    """What each revision meant for each subscriber when it came."""
    table = tables.routes
    rows = await connection.execute(select(table).where(table.c.story_id == story_id))
    return {row.revision: json.loads(row.routes) for row in rows}


async def _waits(connection: AsyncConnection, story_id: str) -> list[dict[str, Any]]:
    """Who is told of the story later, and why."""
    table = tables.held
    names = ("revision", "subscriber_id", "course", "detail")
    query = select(table).where(table.c.story_id == story_id).order_by(table.c.due_at)
    rows = await connection.execute(query)
    return [{**{name: getattr(row, name) for name in names}, "due_at": _time(row.due_at)} for row in rows]


def _wanted(statement: Select[Any], query: AlertQuery) -> Select[Any]:
    stories = tables.stories
    if query.kind is not None:
        statement = statement.where(stories.c.kind == query.kind)
    if query.severity is not None:
        statement = statement.where(stories.c.severity >= query.severity.rank)
    if query.since is not None:
        statement = statement.where(stories.c.updated_at >= query.since)
    if query.actor is not None:
        statement = statement.where(stories.c.story_id.in_(_filed_under(f"state:{query.actor}")))
    if query.commodity is not None:
        asked = query.commodity
        keys = (f"item:{asked}", f"item:{group_of(asked)}", f"commodity:{asked}")
        statement = statement.where(stories.c.story_id.in_(_filed_under(*keys)))
    return statement


def _filed_under(*keys: str) -> Select[tuple[str]]:
    table = tables.story_keys
    return select(table.c.story_id).where(table.c.key.in_(keys))


def _page(
    statement: Select[Any], time: Column[Any], name: Column[Any], query: AlertQuery | DeliveryQuery
) -> Select[Any]:
    """Newest first; `before` is where the page before ended."""
    if query.before is not None:
        at, last = query.before
        statement = statement.where(or_(time < at, and_(time == at, name < last)))
    return statement.order_by(time.desc(), name.desc()).limit(query.limit)


async def _with_attempts(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    table = tables.attempts
    ids = [row.delivery_id for row in rows]
    found = await connection.execute(select(table).where(table.c.delivery_id.in_(ids)).order_by(table.c.attempt))
    tries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        shown = {name: getattr(row, name) for name in ("attempt", "outcome", "status_code", "detail", "duration_ms")}
        tries[row.delivery_id].append({**shown, "at": _time(row.at)})
    return [{**_delivery(row), "tries": tries[row.delivery_id]} for row in rows]


def _delivery(row: Row[Any]) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in _SHOWN}
    return {**shown, **{name: _time(getattr(row, name)) for name in _TIMES}}


def _time(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None
