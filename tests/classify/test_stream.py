"""The service on a real server: articles in, signals out, and what is no article into the dead letters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from nats.aio.client import Client
from nats.js.client import JetStreamContext
from starlette.applications import Starlette

from services.classify.app import build
from services.classify.settings import ClassifySettings
from services.classify.usecases import LONG_TEXT
from services.operate.dead import letters
from services.operate.stream import Start
from shared.clock import SystemClock
from shared.events import ArticleCollected
from shared.events.envelope import envelop, to_headers
from shared.provision import connect, provision
from shared.streams import CLASSIFY
from tests.classify.kit import FETCHED, article
from tests.kit.wait import until

SUBJECT = "orewire.article.collected.test"
JSON = {"content-type": "application/json"}


@pytest.fixture
async def client(nats_url: str) -> AsyncIterator[Client]:
    """A connection of the test's own."""
    made = await connect(nats_url, name="test")
    yield made
    await made.close()


@asynccontextmanager
async def running(nats_url: str) -> AsyncIterator[Starlette]:
    """The service, but for its socket."""
    app = build(ClassifySettings(nats_url=nats_url), {}).app()
    async with app.router.lifespan_context(app):
        yield app


async def store(js: JetStreamContext, text: str, name: str) -> None:
    """Store an article as ingest does."""
    found = article("A note", text).model_copy(update={"id": name})
    event = ArticleCollected(article=found, collected_at=FETCHED)
    envelope = envelop(event, service="ingest", at=FETCHED, cause=None, correlation_id=name)
    await js.publish(SUBJECT, event.body(), headers=to_headers(envelope))


async def settled(js: JetStreamContext) -> bool:
    info = await js.consumer_info(CLASSIFY.stream, CLASSIFY.durable)
    return info.num_pending == 0 and info.num_ack_pending == 0


async def signals(js: JetStreamContext) -> int:
    return (await js.stream_info("ORE_SIGNALS")).state.messages


async def ready(app: Starlette) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as web:
        return await web.get("/readyz")


async def is_ready(app: Starlette) -> bool:
    return (await ready(app)).status_code == 200


@pytest.mark.parametrize("length", [100, 2 * LONG_TEXT])
async def test_a_ban_becomes_a_signal_however_long_the_article(client: Client, nats_url: str, length: int) -> None:
    js, act = client.jetstream(), "Chile banned all exports of lithium on Thursday, the ministry said. "
    async with running(nats_url):
        await store(js, act + "The council met in the afternoon. " * (length // 34), "long")
        await store(js, "The library stays open until nine.", "ordinary")
        await until(lambda: signals(js))
        await until(lambda: settled(js))
        assert await signals(js) == 1


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b'{"article": ', JSON, "not_json"),
        (b"\xff\xfe\x00", JSON, "not_json"),
        (b"[" * 100_000, JSON, "not_json"),
        (b'{"article": {"id": 5}}', JSON, "contract_violated"),
        (b"{", {}, "contract_violated"),
        (b"", {}, "contract_violated"),
        (
            ArticleCollected(article=article("A title"), collected_at=FETCHED).body(),
            JSON,
            "not_a_cloudevent",
        ),
    ],
)
async def test_what_is_no_article_is_buried_and_stops_nothing(
    client: Client, nats_url: str, body: bytes, headers: dict[str, str], reason: str
) -> None:
    js, started = client.jetstream(), SystemClock().now()
    async with running(nats_url):
        await js.publish(SUBJECT, body, headers={"Nats-Msg-Id": "garbage", **headers})
        await store(js, "Chile banned all exports of lithium on Thursday, the ministry said.", "good")
        await until(lambda: signals(js))
        await until(lambda: settled(js))
    assert [letter.reason async for letter in letters(js, Start(started))] == [reason]


async def test_readiness_follows_the_durable(client: Client, nats_url: str) -> None:
    js = client.jetstream()
    async with running(nats_url) as app:
        await until(lambda: is_ready(app))
        await js.delete_consumer(CLASSIFY.stream, CLASSIFY.durable)
        await until(lambda: _says(app, "refuses to deliver"))
        await provision(js)
        await until(lambda: is_ready(app))
        await store(js, "Chile banned all exports of lithium on Thursday, the ministry said.", "after")
        await until(lambda: signals(js))


async def _says(app: Starlette, text: str) -> bool:
    reply = await ready(app)
    return reply.status_code == 503 and text in reply.text
