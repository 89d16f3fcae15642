"""`orewire.article.submit` on a real NATS server, answered by the real service in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.errors import NoRespondersError

from services.ingest.novelty import Status
from services.ingest.submissions import MAX_LINES
from shared.events.submission import SubmissionReply
from tests.ingest.test_service import SOURCES, collected, ingest
from tests.kit.nats import NatsServer
from tests.kit.wait import until

SUBJECT = "orewire.article.submit"
NDJSON = {"content-type": "application/x-ndjson"}


@pytest.fixture
async def bus(nats_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    (tmp_path / "sources.yaml").write_text(SOURCES, "utf-8")
    async with ingest(nats_url, tmp_path):
        client = await nats.connect(nats_url)
        await until(lambda: _answers(client))
        yield client
        await client.close()


async def _answers(client: Client) -> bool:
    try:
        await client.request(SUBJECT, b"x", timeout=5)
    except (NoRespondersError, TimeoutError):
        return False
    return True


async def ask(client: Client, body: bytes | dict[str, Any], headers: dict[str, str] | None = None) -> SubmissionReply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return SubmissionReply.model_validate_json((await client.request(SUBJECT, raw, timeout=20, headers=headers)).data)


async def test_an_article_is_stored_before_it_is_answered_and_known_the_second_time(bus: Client, nats_url: str) -> None:
    article = {"text": "words", "url": "https://n.example/x", "source_id": "other-service"}
    first, again = await ask(bus, article), await ask(bus, article)
    assert [(r.line, r.status, r.reason) for r in first.results] == [(1, "accepted", "new")]
    assert [(r.status, r.reason, r.id) for r in again.results] == [
        ("duplicate", "already_published", first.results[0].id)
    ]
    assert [it["id"] for it in await collected(nats_url)] == [first.results[0].id]


async def test_of_many_lines_bad_ones_are_named_and_good_ones_kept(bus: Client, nats_url: str) -> None:
    body = b'{"text": "one"}\n{broken\n\n{"text": 5}\n{"text": "four", "txet": 1}\n{"text": "two"}'
    reply = await ask(bus, body, NDJSON)
    assert [(r.line, r.status, r.reason) for r in reply.results] == [
        (1, "accepted", "new"), (2, "rejected", "bad_json"), (4, "rejected", "bad_field"),
        (5, "rejected", "bad_field"), (6, "accepted", "new"),
    ]  # fmt: skip
    assert len(await collected(nats_url)) == 2


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"", {}, "bad_json"),
        (b"\xff", {}, "bad_encoding"),
        (b"\x00", {}, "null_byte"),
        (b"[1]", {}, "bad_field"),
        (b'{"text": 5}', {"content-type": "application/json; charset=utf-8"}, "bad_field"),
        (b"{}", {"content-type": "image/png"}, "bad_field"),
        (b"[" * 100_000, {}, "bad_json"),
        (b"\n \n", NDJSON, "no_articles"),
        (b"{}\n" * (MAX_LINES + 1), NDJSON, "too_many_lines"),
    ],
)
async def test_garbage_is_answered_with_its_reason(
    bus: Client, body: bytes, headers: dict[str, str], reason: str
) -> None:
    reply = await ask(bus, body, headers)
    assert reply.error is not None
    assert (reply.error.reason, reply.error.retry_after, reply.results) == (reason, None, ())
    assert (await ask(bus, {"text": "the next one"})).error is None


async def test_a_message_nobody_waits_for_is_taken_all_the_same(bus: Client, nats_url: str) -> None:
    await bus.publish(SUBJECT, b'{"text": "no answer wanted"}')
    await until(lambda: collected(nats_url), what="the article")


async def test_many_requests_at_once_are_all_answered(bus: Client, nats_url: str) -> None:
    replies = await asyncio.gather(*(ask(bus, {"text": f"text {number % 40}"}) for number in range(120)))
    statuses = [reply.results[0].status for reply in replies]
    assert statuses.count(Status.ACCEPTED) == len(await collected(nats_url)) == 40
    assert statuses.count(Status.DUPLICATE) == 80


async def test_while_the_stream_takes_nothing_the_sender_is_told_to_come_back(
    bus: Client, nats_url: str, nats_process: NatsServer
) -> None:
    await bus.jetstream().delete_stream("ORE_ARTICLES")
    reply = await ask(bus, {"text": "words"})
    assert reply.error is not None
    assert (reply.error.reason, reply.error.retry_after) == ("not_now", 2.0)
