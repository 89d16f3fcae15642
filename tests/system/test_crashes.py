"""Any one service is killed with -9 while articles go through: every alert arrives, none twice."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.kit.news import flagged, ordinary
from tests.kit.stack import Stack, stack
from tests.kit.wait import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
ARTICLES, BATCH = 500, 25


def _articles() -> list[dict[str, object]]:
    now = datetime.now(UTC).isoformat()
    return [
        flagged(number // 10, published_at=now) if number % 10 == 0 else ordinary(number, published_at=now)
        for number in range(ARTICLES)
    ]


async def _post(client: httpx.AsyncClient, url: str, batch: list[dict[str, object]]) -> None:
    """Post until accepted, as a client that means it does: a batch that failed is sent again."""
    body = "\n".join(json.dumps(article) for article in batch)
    headers = {"content-type": "application/x-ndjson"}
    while True:
        try:
            reply = await client.post(f"{url}/v1/articles", content=body, headers=headers)
        except httpx.HTTPError:
            await asyncio.sleep(0.1)
            continue
        if reply.status_code == 202:
            assert {result["status"] for result in reply.json()["results"]} <= {"accepted", "duplicate"}
            return
        assert reply.status_code == 503, reply.text
        await asyncio.sleep(0.1)


async def _run(running: Stack, victim: str) -> None:
    articles = _articles()
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        for start in range(0, ARTICLES, BATCH):
            if start == ARTICLES // 2:
                running.kill(victim)
            await _post(client, running.urls["ingest"], articles[start : start + BATCH])


@pytest.mark.parametrize("victim", ["ingest", "classify", "notify", "nats-server"])
async def test_killing_one_process_loses_no_alert_and_doubles_none(tmp_path: Path, victim: str) -> None:
    async with stack(tmp_path) as running:
        receiver = running.receiver
        await _run(running, victim)
        await until(lambda: len(receiver.receipts) >= ARTICLES // 10, seconds=90, what="all alerts")
        stories = [receipt.alert.story_id for receipt in receiver.receipts]
        assert len(stories) == len(set(stories)) == ARTICLES // 10
        assert receiver.tally.bad_signatures == 0
