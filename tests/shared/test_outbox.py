"""The transactional outbox on a real database and a real NATS server."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from shared.db import Database, new_metadata
from shared.errors import TransientError
from shared.events import Article, ArticleCollected
from shared.outbox import Outbox, Relay, outbox_table
from shared.provision import connect
from shared.publish import JetStreamPublisher, NatsConnection
from tests.kit.nats import NatsServer
from tests.kit.wait import until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
METADATA = new_metadata()
TABLE = outbox_table(METADATA, "test_outbox")
OUTBOX = Outbox(TABLE, service="test")


def _event(number: int) -> ArticleCollected:
    article = Article(id=f"art_{number}", source_id="wire", fetched_at=NOW, text="Text.")
    return ArticleCollected(article=article, collected_at=NOW)


async def _enqueue(database: Database, *numbers: int) -> None:
    async with database.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        for number in numbers:
            await OUTBOX.enqueue(connection, _event(number), correlation_id="c", cause=None, at=NOW)


async def _left(database: Database) -> int:
    async with database.begin() as connection:
        return int((await connection.execute(select(func.count()).select_from(TABLE))).scalar_one())


@pytest.fixture
async def clean(database: Database) -> Database:
    async with database.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    return database


async def test_what_was_enqueued_is_published_once_and_removed(clean: Database, nats_url: str) -> None:
    client = await connect(nats_url, name="test")
    publisher = JetStreamPublisher(NatsConnection(client), service="test")
    relay = Relay(clean, TABLE, publisher)
    await _enqueue(clean, *range(100))
    task = asyncio.create_task(relay.run())
    await until(lambda: _is_empty(clean))
    await _enqueue(clean, 1, 2, 200)
    relay.wake()
    await until(lambda: _is_empty(clean))
    task.cancel()
    info = await client.jetstream().stream_info("ORE_ARTICLES")
    assert info.state.messages == 101
    await client.close()


async def _is_empty(database: Database) -> bool:
    return await _left(database) == 0


async def test_events_wait_while_nats_is_gone_and_arrive_after(clean: Database, nats_process: NatsServer) -> None:
    import nats

    client = await nats.connect(nats_process.url, max_reconnect_attempts=-1, reconnect_time_wait=0.05)
    relay = Relay(clean, TABLE, JetStreamPublisher(NatsConnection(client), service="test"))
    await _enqueue(clean, 1, 2, 3)
    await nats_process.stop(signal.SIGKILL)
    with pytest.raises(TransientError):
        await relay.publish_batch()
    assert await _left(clean) == 3
    await nats_process.start()
    task = asyncio.create_task(relay.run())
    await until(lambda: _is_empty(clean), seconds=20)
    task.cancel()
    info = await client.jetstream().stream_info("ORE_ARTICLES")
    assert info.state.messages == 3
    await client.close()


async def test_a_rolled_back_transaction_publishes_nothing(clean: Database) -> None:
    await _enqueue(clean)

    async def fails() -> None:
        async with clean.begin() as connection:
            await OUTBOX.enqueue(connection, _event(1), correlation_id="c", cause=None, at=NOW)
            raise RuntimeError("after the event was written")

    with pytest.raises(RuntimeError):
        await fails()
    assert await _left(clean) == 0
