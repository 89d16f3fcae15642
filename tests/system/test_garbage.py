"""Garbage by HTTP and on the subjects gets a clear answer, and the next good article arrives all the same."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from tests.kit.command import orewire
from tests.kit.garbage import ARTICLE_SUBJECT, BAD_BODIES, BAD_MESSAGES, text
from tests.kit.news import flagged
from tests.kit.rawclient import exchange
from tests.kit.stack import Stack, stack
from tests.kit.wait import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]
JSON = {"content-type": "application/json"}
NDJSON = {"content-type": "application/x-ndjson"}


@dataclass
class World:
    """One installation for all tests of this module."""

    running: Stack
    client: httpx.AsyncClient
    bus: Client
    numbers: count[int] = field(default_factory=count)

    @property
    def articles(self) -> str:
        return f"{self.running.urls['ingest']}/v1/articles"

    @property
    def js(self) -> JetStreamContext:
        return self.bus.jetstream()

    def article(self, **changes: Any) -> dict[str, Any]:
        """A good flagged article that was never sent before."""
        return flagged(next(self.numbers), published_at=datetime.now(UTC).isoformat()) | changes

    async def post(self, body: bytes | str, **headers: str) -> httpx.Response:
        return await self.client.post(self.articles, content=body, headers=JSON | headers)

    async def arrived(self, article: dict[str, Any]) -> None:
        """Wait for the alert of `article`; it came once, and every signature was good."""
        receiver = self.running.receiver
        await until(lambda: _receipts(self.running, article), what=f"the alert of {article['title']}")
        assert len(_receipts(self.running, article)) == 1
        assert (receiver.tally.bad_signatures, receiver.tally.duplicates, receiver.tally.unreadable) == (0, 0, 0)


def _receipts(running: Stack, article: dict[str, Any]) -> list[str]:
    told = [receipt for receipt in running.receiver.receipts if receipt.alert.sources[0].url == article["url"]]
    return [receipt.webhook_id for receipt in told]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with (
        stack(tmp_path_factory.mktemp("garbage")) as running,
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
    ):
        bus = await nats.connect(running.urls["nats"])
        yield World(running, client, bus)
        await bus.close()


@pytest_asyncio.fixture(loop_scope="module")
async def world(installation: World) -> AsyncIterator[World]:
    """The installation; after each test a good article still arrives, and the log tells of no bug."""
    before = len(installation.running.bugs())
    yield installation
    article = installation.article()
    reply = await installation.post(json.dumps(article))
    assert (reply.status_code, reply.json()["results"][0]["status"]) == (202, "accepted")
    await installation.arrived(article)
    assert installation.running.bugs()[before:] == []


def _is_problem(reply: httpx.Response, status: int, *words: str) -> None:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == status
    assert problem["title"]
    told = json.dumps(problem, ensure_ascii=False)
    assert all(word in told for word in words), told


@pytest.mark.parametrize("case", BAD_BODIES)
async def test_a_bad_body_is_answered_with_its_mistake(world: World, case: str) -> None:
    body, status, words = BAD_BODIES[case]
    _is_problem(await world.post(body), status, *words)


@pytest.mark.parametrize("key", ["title", "text", "html", "url", "lang", "source_id", "id", "published_at", "\ud800"])
async def test_half_a_surrogate_pair_anywhere_is_no_bug(world: World, key: str) -> None:
    reply = await world.post(text(**{key: "https://x.example/\ud800"}))
    assert reply.status_code in {202, 422}, reply.text
    assert reply.json()


async def test_escaped_null_bytes_and_controls_are_taken_out(world: World) -> None:
    article = world.article()
    article["text"] = article["text"].replace("banned", "ban\x00ned\x07")
    assert (await world.post(json.dumps(article))).status_code == 202
    await world.arrived(article)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_of_30_mb_is_too_large(world: World, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 1_000_000

    body = chunks() if chunked else b"x" * 30_000_000
    _is_problem(await world.client.post(world.articles, content=body, headers=JSON), 413, "Body too large", "limit")


async def test_a_text_of_5_mb_is_cut_and_said_to_be(world: World) -> None:
    article = world.article()
    article["text"] += " The market was calm." * 250_000
    [result] = (await world.post(json.dumps(article))).json()["results"]
    assert (result["status"], result["note"]) == ("accepted", "text cut at the size limit")
    await world.arrived(article)
    stored = await world.js.get_last_msg("ORE_ARTICLES", "orewire.article.collected.test-wire")
    assert json.loads(stored.data or b"")["article"]["truncated"] is True


async def test_of_mixed_lines_the_good_are_kept_and_the_bad_named(world: World) -> None:
    first, second = world.article(), world.article()
    bad = [b"{", b'{"text": "a\x00"}', b'{"text": "\xff"}', b"[" * 100_000, b'{"titel": "x"}', b'{"text": " "}']
    lines = [json.dumps(first).encode(), b"", *bad, json.dumps(second).encode()]
    reply = await world.client.post(world.articles, content=b"\r\n".join(lines), headers=NDJSON)
    assert reply.status_code == 202
    results = reply.json()["results"]
    assert [(result["line"], result["reason"]) for result in results] == [
        (1, "new"),
        (3, "bad_json"),
        (4, "null_byte"),
        (5, "bad_encoding"),
        (6, "bad_json"),
        (7, "bad_field"),
        (8, "empty_text"),
        (9, "new"),
    ]
    assert all(result["note"] for result in results if result["status"] == "rejected")
    await world.arrived(first)
    await world.arrived(second)


async def test_other_ways_to_ask_are_refused_with_what_is_accepted(world: World) -> None:
    article = json.dumps(world.article()).encode()
    compressed = await world.post(gzip.compress(article), **{"content-encoding": "gzip"})
    _is_problem(compressed, 415, "Compressed bodies are not accepted", "Send the body without content-encoding")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", ""):
        _is_problem(await world.post(article, **{"content-type": kind}), 415, "Send application/json")
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        reply = await world.client.request(method, world.articles, content=article, headers=JSON)
        _is_problem(reply, 405, "Method not allowed")
        assert reply.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("service", "path", "status"),
    [
        ("ingest", "/v1/articles/", 404),
        ("ingest", "/../../etc/passwd", 404),
        ("ingest", "/v1/%00%ff%fe", 404),
        ("ingest", "/" + "a" * 20_000, 404),
        ("notify", "/v1/alerts/%00%ed%a0%80", 404),
        ("notify", "/v1/alerts?limit=-1&kind=%00&cursor=%ff&colour=red", 400),
        ("notify", "/v1/alerts?since=0001-01-01T00:00:00%2B14:00", 400),
        ("notify", "/v1/deliveries?status=lost&status=found", 400),
        ("notify", "/v1/deliveries?cursor=OTk5OQ==", 400),
        ("classify", "/v1/articles", 404),
    ],
)
async def test_paths_and_queries_that_mean_nothing_get_problem_documents(
    world: World, service: str, path: str, status: int
) -> None:
    _is_problem(await world.client.get(world.running.urls[service] + path), status)


@pytest.mark.parametrize(
    "request_head",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS client
        b"GARBAGE\r\n\r\n",
        b"POST /v1/articles HTTP/9.9\r\n\r\n",
        b"POST /v1/articles HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/articles HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /v1/articles HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nnope",
        b"POST /v1/articles HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/articles HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /v1/articles HTTP/1.1\r\nHost: [\r\nOrigin: http://[\r\nContent-Length: 0\r\n\r\n",
        b"POST /v1/articles HTTP/1.1\r\nContent-Type: \xe9\r\nAuthorization: \xff\r\nContent-Length: 0\r\n\r\n",
        b"POST /v1/articles HTTP/1.1\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"POST /v1/articles HTTP/1.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n",
    ],
)
async def test_heads_that_are_no_http_are_refused_or_cut_off(world: World, request_head: bytes) -> None:
    answer = await exchange(world.articles, request_head)
    assert answer[:10] in {b"", b"HTTP/1.1 4"}


async def test_slow_senders_keep_nobody_waiting_and_may_go_away(world: World) -> None:
    head = b"POST /v1/articles HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
    host, port = httpx.URL(world.articles).host, httpx.URL(world.articles).port
    slow = [await asyncio.open_connection(host, port) for _ in range(50)]
    for _, writer in slow:
        writer.write(head)
        await writer.drain()
    article = world.article()
    assert (await world.post(json.dumps(article))).status_code == 202
    await world.arrived(article)
    assert all(not reader.at_eof() for reader, _ in slow)
    for _, writer in slow:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("case", BAD_MESSAGES)
async def test_a_message_that_cannot_be_used_is_buried_with_its_reason(world: World, case: str) -> None:
    subject, body, headers, reason = BAD_MESSAGES[case]
    ack = await world.js.publish(subject, body, headers=headers or None)

    async def letter() -> dict[str, str] | None:
        return await _dead(world.js, subject, ack.seq)

    found = await until(letter, what="the dead letter")
    assert found["ore-dead-reason"] == reason, found
    assert found["ore-dead-detail"]


async def test_a_letter_too_large_to_hold_its_original_is_driven_again_from_the_stream(world: World) -> None:
    body = b"y" * 1_040_000
    ack = await world.js.publish(ARTICLE_SUBJECT, body)
    letter = await until(lambda: _dead(world.js, ARTICLE_SUBJECT, ack.seq), what="the dead letter")
    assert letter["ore-dead-omitted"] == "body"
    number = (await world.js.stream_info("ORE_DEAD")).state.last_seq
    ended = await orewire("dead", "redrive", str(number), "--nats", world.running.urls["nats"])
    assert (ended.code, ended.err) == (0, "")
    again = await world.js.get_last_msg("ORE_ARTICLES", ARTICLE_SUBJECT)
    assert (again.seq, again.data) == (ack.seq + 1, body)
    await until(lambda: _dead(world.js, ARTICLE_SUBJECT, ack.seq + 1), what="the second dead letter")


async def _dead(js: JetStreamContext, subject: str, seq: int) -> dict[str, str] | None:
    """The headers of the dead letter about message `seq` on `subject`."""
    last = (await js.stream_info("ORE_DEAD")).state.last_seq
    for number in range(last, 0, -1):
        try:
            headers = (await js.get_msg("ORE_DEAD", number)).headers or {}
        except NotFoundError:  # driven again
            continue
        if (headers.get("ore-dead-subject"), headers.get("ore-dead-seq")) == (subject, str(seq)):
            return headers
    return None
