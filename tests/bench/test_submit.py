"""How fast `POST /v1/articles` takes NDJSON, beside a bare loop that publishes the same articles to the same server.

Both wait for JetStream's acknowledgement of every article. The loop does nothing else; the service, a process of
its own, also reads, checks, dates and compares each article and writes down that it has it.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.events import Article, ArticleCollected
from shared.events.envelope import envelop, to_headers
from shared.provision import connect
from tests.kit.ingest import ingest_process
from tests.kit.nats import NatsServer
from tests.kit.news import prose

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]
ARTICLES, ROUNDS, LINES = 600, 5, 200
MIN_RATIO = 0.5


def _articles(run: str) -> list[dict[str, Any]]:
    now = datetime.now(UTC).isoformat()
    return [prose(number, run=run, published_at=now) for number in range(ARTICLES)]


def _events(articles: Sequence[dict[str, Any]]) -> list[tuple[str, bytes, dict[str, str]]]:
    """The articles as messages, made before the clock starts."""
    now = datetime.now(UTC)
    events = [
        ArticleCollected(
            article=Article(
                id=article["url"].removeprefix("https://news.example/"),  # a repeated id would not be stored
                url=article["url"],
                title=article["title"],
                text=article["text"],
                source_id="bench",
                lang="en",
                published_at=now,
                fetched_at=now,
            ),
            collected_at=now,
        )
        for article in articles
    ]
    return [
        (e.subject, e.body(), to_headers(envelop(e, service="bench", at=now, cause=None, correlation_id=e.event_id)))
        for e in events
    ]


async def _bare_rate(url: str, run: str) -> float:
    """Articles a second of a loop that publishes one after the other."""
    messages = _events(_articles(run))
    client = await connect(url, name="bench")
    js, loop = client.jetstream(), asyncio.get_running_loop()
    began = loop.time()
    for subject, body, headers in messages:
        await js.publish(subject, body, headers=headers)
    took = loop.time() - began
    await client.close()
    return len(messages) / took


async def _service_rate(url: str, run: str) -> float:
    """Articles a second of requests with 200 lines each, one after the other."""
    lines = [json.dumps(article) for article in _articles(run)]
    bodies = ["\n".join(lines[start : start + LINES]) for start in range(0, len(lines), LINES)]
    headers = {"content-type": "application/x-ndjson"}
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        await client.get("/healthz")
        loop = asyncio.get_running_loop()
        began = loop.time()
        replies = [await client.post("/v1/articles", content=body, headers=headers) for body in bodies]
        took = loop.time() - began
    statuses = [result["status"] for reply in replies for result in reply.json()["results"]]
    assert statuses == ["accepted"] * len(lines)
    return len(lines) / took


async def test_ndjson_is_taken_at_half_the_rate_of_a_bare_publishing_loop_or_better(
    nats_process: NatsServer, tmp_path: Path
) -> None:
    async with ingest_process(nats_process.url, tmp_path) as service:
        await _service_rate(service.url, "warm")
        bare, taken = [], []
        for number in range(ROUNDS):
            bare.append(await _bare_rate(nats_process.url, f"bare{number}"))
            taken.append(await _service_rate(service.url, f"post{number}"))
    ratio = statistics.median(taken) / statistics.median(bare)
    print(f"\nsubmit: {statistics.median(taken):.0f}/s, bare loop {statistics.median(bare):.0f}/s")
    print(f"submit: ratio {ratio:.2f} (at least {MIN_RATIO})")
    assert ratio >= MIN_RATIO
