"""Transactional outbox: events are written with their effect and published afterwards, so neither is lost.

A row is deleted only when JetStream has acknowledged it. A crash in between publishes it again with the
same message id, which JetStream drops.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import datetime
from typing import Final, Protocol

import structlog
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import Database, UtcDateTime
from shared.errors import PermanentError, TransientError
from shared.events import Event
from shared.events.envelope import Envelope, envelop, to_headers

log = structlog.get_logger(__name__)
BATCH: Final = 64
IDLE_SECONDS: Final = 1.0
"""How often the table is looked at when nobody woke the relay: finds what a crash left behind."""


class RawPublisher(Protocol):
    """Publishes a message whose headers are already made."""

    async def publish_raw(self, subject: str, body: bytes, headers: dict[str, str]) -> None:
        """Publish and wait until it is stored."""
        ...


def outbox_table(metadata: MetaData, name: str) -> Table:
    """The table of one service's outgoing events."""
    return Table(
        name,
        metadata,
        Column("seq", Integer, primary_key=True, autoincrement=True),
        Column("subject", String(255), nullable=False),
        Column("headers", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
    )


class Outbox:
    """Writes events into the table, in the transaction of the effect they tell of."""

    def __init__(self, table: Table, *, service: str) -> None:
        self.table = table
        self._service = service

    async def enqueue(
        self, connection: AsyncConnection, event: Event, *, correlation_id: str, cause: Envelope | None, at: datetime
    ) -> None:
        """Add one event; it is published after the transaction commits."""
        envelope = envelop(event, service=self._service, at=at, cause=cause, correlation_id=correlation_id)
        headers = json.dumps(to_headers(envelope))
        row = {"subject": event.subject, "headers": headers, "body": event.body().decode(), "created_at": at}
        await connection.execute(self.table.insert().values(row))


class Relay:
    """Publishes what stands in the outbox, oldest first. Several replicas may run it on one table."""

    def __init__(self, database: Database, table: Table, publisher: RawPublisher) -> None:
        self._database, self._table, self._publisher = database, table, publisher
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that a transaction with new events has committed."""
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled. Failures are logged and tried again; nothing is skipped."""
        while True:
            self._wake.clear()
            try:
                more = await self.publish_batch() == BATCH
            except TransientError as error:
                log.warning("outbox_waits", why=str(error))
                more = False
            if not more:
                await self._idle()

    async def publish_batch(self) -> int:
        """Publish up to BATCH events and delete those that are stored. Returns how many there were.

        Raises:
            TransientError: the database or NATS does not take them now.
        """
        async with self._database.begin() as connection:
            rows = (await connection.execute(select(self._table).order_by(self._table.c.seq).limit(BATCH))).all()
        results = await asyncio.gather(*(self._publish(row) for row in rows), return_exceptions=True)
        done = [row.seq for row, result in zip(rows, results, strict=True) if not isinstance(result, BaseException)]
        if done:
            async with self._database.begin() as connection:
                await connection.execute(delete(self._table).where(self._table.c.seq.in_(done)))
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return len(rows)

    async def _publish(self, row: object) -> None:
        subject, headers, body = row.subject, json.loads(row.headers), row.body.encode()  # type: ignore[attr-defined]
        try:
            await self._publisher.publish_raw(subject, body, headers)
        except PermanentError as error:
            # Our own event that NATS can never take: keep the story in the log, let the rest go on.
            log.error("outbox_event_dropped", subject=subject, id=headers.get("ce-id"), reason=error.reason)

    async def _idle(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):  # not wait_for: it may swallow a cancellation
                await self._wake.wait()
