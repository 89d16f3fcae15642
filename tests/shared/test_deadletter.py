"""What becomes of a message that fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from faststream.nats import NatsMessage

from services.operate.dead import letters, redrive
from services.operate.stream import Start
from shared.broker import Broker, check_subscribers, make_broker, subscribe
from shared.deadletter import BACKOFF, BUG_DELIVERIES, dead_letter_middleware, header_text, judge
from shared.errors import PermanentError, TransientError
from shared.events import Article, ArticleCollected
from shared.inbound import envelope_of
from shared.provision import connect
from shared.publish import JetStreamPublisher, NatsConnection
from shared.settings import RuntimeSettings
from shared.streams import CLASSIFY
from tests.kit.wait import until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Handler = Callable[[ArticleCollected], Awaitable[None]]


def _event(number: int) -> ArticleCollected:
    article = Article(id=f"art_{number}", source_id="wire", fetched_at=NOW, title=f"Title {number}", text="Text.")
    return ArticleCollected(article=article, collected_at=NOW)


@asynccontextmanager
async def _service(nats_url: str, handler: Handler) -> AsyncIterator[Broker]:
    broker = make_broker(RuntimeSettings(nats_url=nats_url), service="classify")
    publisher = JetStreamPublisher(broker, service="classify")
    broker.add_middleware(dead_letter_middleware("classify", publisher.publish_raw))

    async def on_article(event: ArticleCollected, message: NatsMessage) -> None:
        envelope_of(message, ArticleCollected.TYPE)
        await handler(event)

    subscribe(broker, CLASSIFY, on_article, parallel=4)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


async def _idle(broker: Broker) -> bool:
    return await check_subscribers(broker, CLASSIFY) == "0 waiting, 0 in work"


async def test_a_passing_failure_is_tried_again_until_it_works(nats_url: str) -> None:
    calls = 0

    async def handler(event: ArticleCollected) -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise TransientError("busy", retry_after=0.01)

    async with _service(nats_url, handler) as broker:
        await JetStreamPublisher(broker, service="test").publish(_event(1), correlation_id="c")
        await until(lambda: calls == 3)
        await until(lambda: _idle(broker))
        assert [letter async for letter in letters(broker.jetstream(), Start(NOW))] == []


async def test_what_can_never_work_is_buried_with_reason_and_original(nats_url: str) -> None:
    async def handler(event: ArticleCollected) -> None:
        raise PermanentError("made_up_reason", "because\r\nü said so")

    async with _service(nats_url, handler) as broker:
        await JetStreamPublisher(broker, service="test").publish(_event(1), correlation_id="c")
        found = await until(lambda: _letters(broker))
        assert [(letter.reason, letter.detail, letter.event_id) for letter in found] == [
            ("made_up_reason", "because ? said so", "art_1")
        ]
        assert json.loads(found[0].body)["article"]["title"] == "Title 1"
        await until(lambda: _idle(broker))


async def _letters(broker: Broker) -> list:
    return [letter async for letter in letters(broker.jetstream(), Start(NOW))]


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b'{"article": ', {"content-type": "application/json"}, "not_json"),
        (b"\xff\xfe\x00", {"content-type": "application/json"}, "not_json"),
        (b'{"article": {"id": 5}}', {"content-type": "application/json"}, "contract_violated"),
        (b"", {}, "contract_violated"),
        (_event(7).body(), {"content-type": "application/json"}, "not_a_cloudevent"),
    ],
)
async def test_garbage_on_the_subject_is_buried_and_stops_nothing(
    nats_url: str, body: bytes, headers: dict[str, str], reason: str
) -> None:
    handled: list[str] = []

    async def handler(event: ArticleCollected) -> None:
        handled.append(event.article.id)

    async with _service(nats_url, handler) as broker:
        publisher = JetStreamPublisher(broker, service="test")
        await publisher.publish_raw("orewire.article.collected.wire", body, {"Nats-Msg-Id": "garbage", **headers})
        await publisher.publish(_event(2), correlation_id="c")
        found = await until(lambda: _letters(broker))
        assert [letter.reason for letter in found] == [reason]
        await until(lambda: handled == ["art_2"])
        await until(lambda: _idle(broker))


async def test_a_buried_message_can_be_driven_again(nats_url: str) -> None:
    broken, handled = True, []

    async def handler(event: ArticleCollected) -> None:
        if broken:
            raise PermanentError("not_yet")
        handled.append(event.article.id)

    async with _service(nats_url, handler) as broker:
        await JetStreamPublisher(broker, service="test").publish(_event(3), correlation_id="c")
        found = await until(lambda: _letters(broker))
        broken = False
        await redrive(broker.jetstream(), found[0])
        await until(lambda: handled == ["art_3"])
        assert await _letters(broker) == []


async def test_messages_in_hand_are_finished_before_the_broker_stops(nats_url: str) -> None:
    started, finished = asyncio.Event(), []

    async def handler(event: ArticleCollected) -> None:
        started.set()
        await asyncio.sleep(0.2)  # the work itself takes time here; nothing waits for it blindly
        finished.append(event.article.id)

    async with _service(nats_url, handler) as broker:
        await JetStreamPublisher(broker, service="test").publish(_event(4), correlation_id="c")
        await started.wait()
    assert finished == ["art_4"]
    client = await connect(nats_url, name="test")
    info = await NatsConnection(client).jetstream().consumer_info(CLASSIFY.stream, CLASSIFY.durable)
    assert info.num_ack_pending == 0
    await client.close()


def test_a_bug_of_ours_gets_five_tries() -> None:
    verdicts = [judge(KeyError("x"), n) for n in range(1, BUG_DELIVERIES + 1)]
    assert [verdict.delay for verdict in verdicts] == [*BACKOFF[: BUG_DELIVERIES - 1], None]


def test_a_passing_failure_is_never_given_up() -> None:
    assert judge(TransientError("x"), 10_000).delay == BACKOFF[-1]


def test_header_text_is_one_short_line_of_ascii() -> None:
    text = header_text("ü\r\nNats-Msg-Id: forged\n" + "x" * 1000)
    assert text.isascii()
    assert "\n" not in text
    assert len(text) <= 300
