"""Stories in SQL: one transaction a signal, serialised by kind so that two replicas never begin one story twice."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables
from services.notify.fold import Decision
from services.notify.identity import WINDOW, identity, index_keys, instrument_keys, search_keys
from services.notify.ports import Status, Subscriber, Transaction
from services.notify.story import MAX_MEMORY, Story, told_at
from shared.db import Database
from shared.events import Alert, SignalDetected
from shared.events.envelope import Envelope, envelop
from shared.ids import stable_id
from shared.outbox import Outbox

SERVICE: Final = "notify"
_CANDIDATES: Final = 50
"""Stories looked at for one signal, those that share most with it first."""
_STORY: Final = TypeAdapter(Story)
_ENVELOPE: Final = TypeAdapter(Envelope)
_OUTBOX: Final = Outbox(tables.outbox, service=SERVICE)
_OPEN: Final = (Status.WAITING, Status.HELD)


class SqlStories:
    """See `Stories`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def transaction(self, kind: str) -> AsyncIterator[Transaction]:
        """See `Stories.transaction`. SQLite has one writer at a time anyway; PostgreSQL takes a lock by kind."""
        async with self._database.begin() as connection:
            if self._database.dialect == "postgresql":
                key = zlib.crc32(f"orewire.notify.{kind}".encode())
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
            yield _SqlTransaction(connection, self._database)


@dataclass(frozen=True)
class _SqlTransaction:
    """See `Transaction`."""

    connection: AsyncConnection
    database: Database

    async def is_known(self, signal_id: str) -> bool:
        table = tables.signals
        found = await self.connection.scalar(select(table.c.signal_id).where(table.c.signal_id == signal_id))
        return found is not None

    async def story_of(self, signal_ids: Sequence[str]) -> Story | None:
        table, signals = tables.stories, tables.signals
        if not signal_ids:
            return None
        query = select(table.c.state).join(signals, signals.c.story_id == table.c.story_id)
        latest = query.where(signals.c.signal_id.in_(signal_ids)).order_by(signals.c.handled_at.desc()).limit(1)
        state = await self.connection.scalar(latest)
        return _STORY.validate_json(state) if state else None

    async def stories(self, signal: SignalDetected) -> Sequence[Story]:
        table, sought, at = tables.stories, identity(signal), told_at(signal)
        near = and_(_filed(signal.kind, search_keys(sought)), _moved_within(at, WINDOW))
        numbered = and_(_filed(signal.kind, instrument_keys(sought)), _moved_within(at, MAX_MEMORY))
        query = select(table.c.state).where(or_(near, numbered) if sought.instrument else near)
        shared = _shared(signal.kind, index_keys(sought)).desc()
        rows = await self.connection.scalars(query.order_by(shared, table.c.last_moved_at.desc()).limit(_CANDIDATES))
        return [_STORY.validate_json(state) for state in rows]

    async def told(self, story_id: str) -> frozenset[str]:
        table = tables.deliveries
        rows = await self.connection.scalars(
            select(table.c.subscriber_id).where(table.c.story_id == story_id).distinct()
        )
        return frozenset(rows)

    async def keep(self, signal: SignalDetected, decision: Decision, at: datetime) -> None:
        story_id = decision.story.story_id if decision.story else None
        if decision.story is not None:
            await self._keep_story(decision.story, at, tells=decision.tells)
        row = {"signal_id": signal.id, "story_id": story_id, "reason": str(decision.reason), "handled_at": at}
        await self.connection.execute(tables.signals.insert().values(row))

    async def tell(self, alert: Alert, cause: Envelope, to: Sequence[Subscriber], at: datetime) -> None:
        correlation_id = cause.correlation_id
        envelope = envelop(alert, service=SERVICE, at=at, cause=cause, correlation_id=correlation_id)
        row = {
            "story_id": alert.story_id,
            "revision": alert.revision,
            "raised_at": at,
            "type": alert.TYPE,
            "alert": alert.model_dump_json(),
            "envelope": _ENVELOPE.dump_json(envelope).decode(),
        }
        await self.connection.execute(tables.revisions.insert().values(row))
        if to:
            await self._supersede(alert, [subscriber.id for subscriber in to], at)
            disabled = await self._disabled()
            rows = [_delivery(alert, subscriber, at, held=subscriber.id in disabled) for subscriber in to]
            await self.connection.execute(tables.deliveries.insert(), rows)
        await _OUTBOX.enqueue(self.connection, alert, correlation_id=correlation_id, cause=cause, at=at)

    async def _keep_story(self, story: Story, at: datetime, *, tells: bool) -> None:
        row: dict[str, Any] = {
            "story_id": story.story_id,
            "kind": story.claim.kind,
            "severity": story.claim.severity.rank,
            "revision": story.revision,
            "last_moved_at": story.last_moved_at,
            "state": _STORY.dump_json(story).decode(),
        }
        changed = {**row, "updated_at": at} if tells else row
        insert = self.database.insert(tables.stories).values({**row, "updated_at": at})
        await self.connection.execute(insert.on_conflict_do_update(index_elements=["story_id"], set_=changed))
        keys = {*index_keys(story.identity), *(f"item:{item}" for item in story.claim.commodities)}
        rows = [{"kind": story.claim.kind, "key": key, "story_id": story.story_id} for key in sorted(keys)]
        if rows:
            await self.connection.execute(self.database.insert(tables.story_keys).on_conflict_do_nothing(), rows)

    async def _supersede(self, alert: Alert, subscriber_ids: Sequence[str], at: datetime) -> None:
        """Older revisions that nobody is sending right now are dropped; the new one tells it all."""
        if alert.revision == 1:
            return
        table = tables.deliveries
        statement = update(table).where(
            table.c.story_id == alert.story_id,
            table.c.revision < alert.revision,
            table.c.subscriber_id.in_(subscriber_ids),
            table.c.status.in_(_OPEN),
            (table.c.lease_until.is_(None)) | (table.c.lease_until <= at),
        )
        await self.connection.execute(statement.values(status=Status.SUPERSEDED, next_attempt_at=None, finished_at=at))

    async def _disabled(self) -> frozenset[str]:
        table = tables.subscribers
        rows = await self.connection.scalars(select(table.c.subscriber_id).where(table.c.disabled_at.is_not(None)))
        return frozenset(rows)


def _filed(kind: str, words: Sequence[str]) -> ColumnElement[bool]:
    keys = tables.story_keys
    return tables.stories.c.story_id.in_(select(keys.c.story_id).where(keys.c.kind == kind, keys.c.key.in_(words)))


def _moved_within(at: datetime, window: timedelta) -> ColumnElement[bool]:
    return tables.stories.c.last_moved_at.between(at - window, at + window)


def _shared(kind: str, words: Sequence[str]) -> ScalarSelect[int]:
    """How many of the words a story is filed under."""
    keys = tables.story_keys
    mine = and_(keys.c.story_id == tables.stories.c.story_id, keys.c.kind == kind, keys.c.key.in_(words))
    return select(func.count()).where(mine).correlate(tables.stories).scalar_subquery()


def delivery_id(alert: Alert, subscriber_id: str) -> str:
    """The same for the same revision and subscriber, in every process: receivers drop repetitions by it."""
    return stable_id("delivery", alert.story_id, alert.revision, subscriber_id)


def _delivery(alert: Alert, subscriber: Subscriber, at: datetime, *, held: bool) -> dict[str, Any]:
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
