"""Following the stream beside the services, on a real NATS server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from nats.js.client import JetStreamContext

from services.demo.stream_watch import StreamWatch
from shared.events import Article, ArticleCollected
from shared.provision import connect
from tests.kit.wait import until

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
async def jetstream(nats_url: str) -> AsyncIterator[JetStreamContext]:
    client = await connect(nats_url, name="test")
    yield client.jetstream()
    await client.close()


def collected(slug: str) -> ArticleCollected:
    url = f"http://127.0.0.1:1/articles/demo-newswire/{slug}"
    article = Article(id=slug, url=url, source_id="demo-newswire", fetched_at=NOW, text="t")
    return ArticleCollected(article=article, collected_at=NOW)


async def test_articles_from_before_and_after_the_start_are_seen(nats_url: str, jetstream: JetStreamContext) -> None:
    await jetstream.publish(collected("before").subject, collected("before").body())
    async with StreamWatch(nats_url, asyncio.Event()) as watch:
        await jetstream.publish(collected("after").subject, collected("after").body())
        await until(lambda: watch.collected == {"before", "after"})
        assert watch.changed.is_set()


async def test_the_backlog_counts_what_nobody_has_finished(nats_url: str, jetstream: JetStreamContext) -> None:
    async with StreamWatch(nats_url, asyncio.Event()) as watch:
        assert await watch.backlog() == 0
        await jetstream.publish(collected("one").subject, collected("one").body())
        assert await watch.backlog() == 1
        subscription = await jetstream.pull_subscribe_bind("classify", "ORE_ARTICLES")
        [message] = await subscription.fetch(1, timeout=5)
        assert await watch.backlog() == 1
        await message.ack_sync()
        assert await watch.backlog() == 0


async def test_dead_letters_are_kept_with_their_reason(nats_url: str, jetstream: JetStreamContext) -> None:
    async with StreamWatch(nats_url, asyncio.Event()) as watch:
        await jetstream.publish("orewire.dead.classify", b"", headers={"ore-dead-reason": "bad_schema"})
        await until(lambda: watch.dead == ["orewire.dead.classify: bad_schema"])
