"""Alerts that wait, in SQL: taken away in the transaction that makes their delivery, so a crash repeats nothing."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import silences, tables
from services.notify.adapters.bundles import plan_bundle
from services.notify.adapters.deliveries import GIVE_UP
from services.notify.adapters.held import recent
from services.notify.adapters.plan import delivery_row, disabled_subscribers
from services.notify.bundle import Bundle
from services.notify.course import Course, Held, Standing
from services.notify.ports import Status, Subscriber
from services.notify.silence import Silence
from services.notify.waiting import Notice, Turn
from shared.db import Database
from shared.events import EVENTS, Alert

MAX_DUE: Final = 200
"""Subscribers looked at in one step."""
MAX_HELD: Final = 1000
"""Alerts of one subscriber looked at in one turn, those that are due first."""
table: Final = tables.held


class SqlWaiting:
    """See `Waiting`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, subscriber_ids: Collection[str], now: datetime) -> Sequence[str]:
        """See `Waiting.due`."""
        mine = table.c.subscriber_id.in_(list(subscriber_ids))
        gone = and_(table.c.due_at <= now - GIVE_UP, table.c.subscriber_id.not_in(list(subscriber_ids)))
        query = select(table.c.subscriber_id).where(table.c.due_at <= now, mine).group_by(table.c.subscriber_id)
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(gone))
            return (await connection.scalars(query.order_by(func.min(table.c.due_at)).limit(MAX_DUE))).all()

    @asynccontextmanager
    async def turn(self, subscriber: Subscriber, now: datetime) -> AsyncIterator[Turn]:
        """See `Waiting.turn`. SQLite has one writer anyway; PostgreSQL takes a lock by subscriber."""
        async with self._database.begin() as connection:
            mine = await self._lock(connection, subscriber.id)
            held = await _held(connection, subscriber.id) if mine else ()
            flushed = await connection.scalar(
                select(tables.groups.c.told_at).where(tables.groups.c.subscriber_id == subscriber.id)
            )
            standing = Standing(flushed=flushed, recent=await recent(connection, subscriber, now))
            yield _SqlTurn(connection, self._database, subscriber, now, held, standing)

    async def silences(self, now: datetime) -> Sequence[Silence]:
        """See `Waiting.silences`."""
        async with self._database.begin() as connection:
            return await silences.in_store(connection, now)

    async def silenced(self) -> Mapping[tuple[str, str], str]:
        """See `Waiting.silenced`."""
        async with self._database.begin() as connection:
            return await silences.known(connection)

    async def kept_back(self, silence_id: str, subscriber_id: str) -> int:
        """See `Waiting.kept_back`."""
        async with self._database.begin() as connection:
            return await silences.kept_back(connection, silence_id, subscriber_id)

    async def begin(self, notice: Notice, now: datetime) -> bool:
        """See `Waiting.begin`."""
        async with self._database.begin() as connection:
            told = await silences.begin(self._database, connection, notice, now)
            if told:
                await plan_bundle(connection, notice.bundle, notice.subscriber)
            return told

    async def end(self, notice: Notice, now: datetime) -> bool:
        """See `Waiting.end`."""
        async with self._database.begin() as connection:
            told = await silences.end(connection, notice, now)
            if told:
                await plan_bundle(connection, notice.bundle, notice.subscriber)
            return told

    async def _lock(self, connection: AsyncConnection, subscriber_id: str) -> bool:
        if self._database.dialect != "postgresql":
            return True
        key = zlib.crc32(f"orewire.notify.held.{subscriber_id}".encode())
        return bool(await connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key}))


@dataclass(frozen=True)
class _SqlTurn:
    """See `Turn`."""

    connection: AsyncConnection
    database: Database
    subscriber: Subscriber
    now: datetime
    held: Sequence[Held]
    standing: Standing

    async def write(self, wait: Sequence[Held], told: Sequence[Held], bundles: Sequence[Bundle]) -> None:
        known = {it.alert.event_id: it for it in self.held}
        for it in wait:
            if it != known[it.alert.event_id]:
                later = {"course": it.course, "detail": it.detail, "due_at": it.due_at}
                await self.connection.execute(update(table).where(self._is(it.alert)).values(later))
        if not told:
            return
        await self._supersede([it.alert for it in told])
        for bundle in bundles:
            await plan_bundle(self.connection, bundle, self.subscriber)
        if not bundles:
            await self._plan([it.alert for it in told])
        gone = and_(table.c.story_id == bindparam("story"), table.c.revision == bindparam("of"))
        keys = [{"story": it.alert.story_id, "of": it.alert.revision} for it in told]
        await self.connection.execute(delete(table).where(gone, table.c.subscriber_id == self.subscriber.id), keys)
        if any(it.course == Course.GROUPED for it in told):
            await self._grouped()

    async def _plan(self, alerts: Sequence[Alert]) -> None:
        disabled = self.subscriber.id in await disabled_subscribers(self.connection)
        rows = [delivery_row(alert, self.subscriber, self.now, held=disabled) for alert in alerts]
        await self.connection.execute(self.database.insert(tables.deliveries).on_conflict_do_nothing(), rows)

    async def _supersede(self, alerts: Sequence[Alert]) -> None:
        """Older revisions that nobody is sending right now are dropped."""
        sent = tables.deliveries
        free = or_(sent.c.lease_until.is_(None), sent.c.lease_until <= self.now)
        mine = and_(sent.c.subscriber_id == self.subscriber.id, sent.c.status.in_((Status.WAITING, Status.HELD)))
        ended = {"status": Status.SUPERSEDED, "next_attempt_at": None, "finished_at": self.now}
        for alert in alerts:
            if alert.revision > 1:
                older = (sent.c.story_id == alert.story_id, sent.c.revision < alert.revision)
                await self.connection.execute(update(sent).where(mine, free, *older).values(ended))

    async def _grouped(self) -> None:
        row = {"subscriber_id": self.subscriber.id, "told_at": self.now}
        insert = self.database.insert(tables.groups).values(row)
        again = insert.on_conflict_do_update(index_elements=["subscriber_id"], set_={"told_at": self.now})
        await self.connection.execute(again)

    def _is(self, alert: Alert) -> Any:
        mine = table.c.subscriber_id == self.subscriber.id
        return and_(mine, table.c.story_id == alert.story_id, table.c.revision == alert.revision)


async def _held(connection: AsyncConnection, subscriber_id: str) -> Sequence[Held]:
    revisions = tables.revisions
    same = and_(revisions.c.story_id == table.c.story_id, revisions.c.revision == table.c.revision)
    query = select(table, revisions.c.type, revisions.c.alert).join(revisions, same)
    query = query.where(table.c.subscriber_id == subscriber_id).order_by(table.c.due_at).limit(MAX_HELD)
    rows = await connection.execute(query.with_for_update(of=table))
    return [_one(row) for row in rows]


def _one(row: Row[Any]) -> Held:
    alert = EVENTS[row.type].model_validate_json(row.alert)
    assert isinstance(alert, Alert)
    return Held(alert, Course(row.course), row.due_at, row.detail)
