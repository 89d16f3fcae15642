"""`POST /v1/articles` over real HTTP, with everything a client can do wrong."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

import httpx
import pytest

from services.ingest.adapters.copies import SqlCopies
from services.ingest.adapters.store import SqlLedger
from services.ingest.found import Extracted, Origin
from services.ingest.novelty import Known
from services.ingest.submissions import MAX_LINES, Submissions
from services.ingest.web import MAX_BODY, Articles
from shared.db import Database
from shared.web import make_app
from tests.ingest.conftest import Desk, FakePages, MemoryLedger, serving, transient

JSON, NDJSON = "application/json", "application/x-ndjson"


@pytest.fixture
async def api(desk: Desk, sqlite: Database) -> AsyncIterator[httpx.AsyncClient]:
    desk.ledger, desk.copies = SqlLedger(sqlite, desk.clock), SqlCopies(sqlite, desk.clock)
    desk.pages = FakePages({f"https://n.example/{n}": Extracted(text=f"page {n}") for n in range(200)})
    routes = Articles(
        Submissions(desk.collect(), lambda source_id: Origin(source_id, 1 if source_id == "ministry" else 2))
    ).routes()
    app = make_app(service="ingest", routes=routes, checks={}, token=None)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield client


async def post(api: httpx.AsyncClient, body: bytes | dict[str, Any], kind: str = JSON) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await api.post("/v1/articles", content=content, headers={"content-type": kind})


async def test_one_article_is_accepted_and_known_the_second_time(api: httpx.AsyncClient, desk: Desk) -> None:
    first = await post(api, {"text": "words", "url": "https://n.example/x", "source_id": "ministry"})
    again = await post(api, {"text": "words", "url": "https://n.example/x"})
    assert first.status_code == again.status_code == 202
    [accepted], [duplicate] = first.json()["results"], again.json()["results"]
    assert (accepted["status"], accepted["reason"], accepted["line"]) == ("accepted", "new", 1)
    assert (duplicate["status"], duplicate["id"]) == ("duplicate", accepted["id"])
    assert [(article.source_id, article.source_tier) for article in desk.publisher.articles] == [("ministry", 1)]


async def test_of_many_lines_bad_ones_are_named_and_good_ones_kept(api: httpx.AsyncClient, desk: Desk) -> None:
    lines = [
        b'{"text": "one"}', b"", b'{"text": "one"}', b"{broken", b'{"text": 5}', b'{"text": "\xff"}',
        b'{"text": "\x00"}',
        b'{"text": "x", "tetx": 1}', b'{"text": " "}', b'{"url": "https://n.example/1"}', b'{"text": "last"}',
    ]  # fmt: skip
    reply = await post(api, b"\n".join(lines), NDJSON)
    assert reply.status_code == 202
    results = reply.json()["results"]
    assert [(result["line"], result["status"], result["reason"]) for result in results] == [
        (1, "accepted", "new"), (3, "duplicate", "already_published"), (4, "rejected", "bad_json"),
        (5, "rejected", "bad_field"), (6, "rejected", "bad_encoding"), (7, "rejected", "null_byte"),
        (8, "rejected", "bad_field"), (9, "rejected", "empty_text"), (10, "accepted", "new"), (11, "accepted", "new"),
    ]  # fmt: skip
    assert "did you mean `text`?" in results[6]["note"]
    assert {article.text for article in desk.publisher.articles} == {"one", "page 1", "last"}


HOSTILE = [
    ("truncated JSON", b'{"text": "wor', JSON, 400, "line 1 column 10"),
    ("no JSON", b"<html>", JSON, 400, "not JSON"),
    ("an empty body", b"", JSON, 400, "not JSON"),
    ("no line at all", b"\n \n", NDJSON, 400, "no line"),
    ("a null byte", b'{"text": "\x00"}', JSON, 400, "null byte"),
    ("invalid UTF-8", b'{"text": "\xc3\x28"}', JSON, 400, "not UTF-8"),
    ("wrong types", b'{"text": 1, "title": {}}', JSON, 422, "title"),
    ("an unknown field", b'{"text": "x", "txet": "y"}', JSON, 422, "did you mean"),
    ("a list", b"[1]", JSON, 422, "a list"),
    ("30 MB", b'{"text": "' + b"x" * 30_000_000 + b'"}', JSON, 413, "16777216"),
    ("30 MB of lines", (b'{"text": "' + b"x" * 1_000_000 + b'"}\n') * 30, NDJSON, 413, "16777216"),
    ("too many lines", b"{}\n" * (MAX_LINES + 1), NDJSON, 413, str(MAX_LINES)),
    ("another content type", b"text", "text/plain", 415, "application/x-ndjson"),
    ("no content type", b"text", "", 415, "application/json"),
    ("deep nesting", b"[" * 1_000_000, JSON, 400, "too deeply"),
]


@pytest.mark.parametrize(("body", "kind", "status", "words"), [row[1:] for row in HOSTILE], ids=[r[0] for r in HOSTILE])
async def test_garbage_gets_a_clear_answer_and_stops_nothing(
    api: httpx.AsyncClient, body: bytes, kind: str, status: int, words: str
) -> None:
    reply = await post(api, body, kind)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert words in reply.text
    assert (await post(api, {"text": "the next one"})).status_code == 202


async def test_a_compressed_body_is_refused_whatever_is_in_it(api: httpx.AsyncClient) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    headers = {"content-type": JSON, "content-encoding": "gzip"}
    assert (await api.post("/v1/articles", content=bomb, headers=headers)).status_code == 415


async def test_bodies_beyond_the_memory_kept_for_them_are_refused_until_there_is_room(desk: Desk) -> None:
    desk.ledger = Held()
    routes = Articles(Submissions(desk.collect(), Origin), most_held=2_000_000).routes()
    async with (
        serving(make_app(service="ingest", routes=routes, checks={}, token=None)) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        first = asyncio.create_task(post(client, {"text": "x" * 1_500_000}))
        await asyncio.wait_for(desk.ledger.asked.wait(), 10)
        refused = await post(client, {"text": "y" * 1_500_000})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert refused.headers["content-type"] == "application/problem+json"
        small = asyncio.create_task(post(client, {"text": "small"}))
        desk.ledger.gate.set()
        assert [(await reply).status_code for reply in (first, small)] == [202, 202]
        assert (await post(client, {"text": "y" * 1_500_000})).status_code == 202


class Held(MemoryLedger):
    """A ledger that answers only once its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.gate = asyncio.Event(), asyncio.Event()

    async def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        self.asked.set()
        await self.gate.wait()
        return await super().known(keys)


async def test_a_body_far_too_large_counts_only_for_what_is_kept_of_it(desk: Desk) -> None:
    routes = Articles(Submissions(desk.collect(), Origin), most_held=MAX_BODY).routes()
    async with (
        serving(make_app(service="ingest", routes=routes, checks={}, token=None)) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        assert (await post(client, b" " * (MAX_BODY * 2))).status_code == 413


async def test_five_megabytes_of_text_are_accepted_and_cut(api: httpx.AsyncClient, desk: Desk) -> None:
    reply = await post(api, {"text": "Gallium exports need a licence. " * 160_000})
    assert reply.status_code == 202
    assert desk.publisher.articles[0].truncated


async def test_a_422_names_each_field(api: httpx.AsyncClient) -> None:
    errors = (await post(api, {"text": 1, "lang": 2, "nope": 3})).json()["errors"]
    assert {error["field"] for error in errors} == {"text", "lang", "nope"}


async def test_when_nats_is_away_the_client_is_told_to_come_back(api: httpx.AsyncClient, desk: Desk) -> None:
    desk.publisher.fails = lambda _: transient("not connected to NATS")
    reply = await post(api, {"text": "words"})
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert "NATS" in reply.json()["detail"]
    desk.publisher.fails = lambda _: None
    assert (await post(api, {"text": "words"})).json()["results"][0]["status"] == "accepted"


async def test_one_request_has_a_bounded_number_of_pages_fetched(api: httpx.AsyncClient) -> None:
    lines = b"\n".join(b'{"url": "https://n.example/%d"}' % n for n in range(110))
    results = (await post(api, lines, NDJSON)).json()["results"]
    assert [result["status"] for result in results].count("accepted") == 100
    assert {result["reason"] for result in results[100:]} == {"too_many_pages"}


async def test_a_thousand_lines_are_a_few_transactions_and_each_article_once(
    api: httpx.AsyncClient, desk: Desk
) -> None:
    lines = b"\n".join(b'{"text": "text number %d"}' % (n % 500) for n in range(1_000))
    results = (await post(api, lines, NDJSON)).json()["results"]
    assert [result["status"] for result in results].count("accepted") == 500
    assert desk.publisher.calls == 500


async def test_the_same_article_posted_at_once_by_many_is_published_once(api: httpx.AsyncClient, desk: Desk) -> None:
    replies = await asyncio.gather(*(post(api, {"text": "the same"}) for _ in range(20)))
    statuses = [reply.json()["results"][0]["status"] for reply in replies]
    assert statuses.count("accepted") == 1
    assert len(desk.publisher.articles) == 1


async def test_only_post_is_allowed(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/articles")).status_code == 405
