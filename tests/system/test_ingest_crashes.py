"""Ingest is killed with -9 at random moments, NATS and the database go away: every article is on the stream once."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx
import nats
import pytest
from nats.aio.client import Client
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tests.ingest.conftest import serving
from tests.kit.ingest import IngestProcess
from tests.kit.nats import NatsServer
from tests.kit.news import prose
from tests.kit.wait import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(280)]
SEED, KILLS = 20260212, 12
IN_FEED, IN_FOLDER, POSTED, LINES = 150, 300, 300, 25
TOTAL = IN_FEED + IN_FOLDER + POSTED
SOURCES = """sources:
- {{id: feed, type: rss, url: "{url}/feed.xml", interval: 5s}}
- {{id: folder, type: directory, path: drop, interval: 5s}}
"""


def feed() -> bytes:
    items = "".join(
        f"<item><title>{it['title']}</title><link>https://feed.example/{number}</link><guid>f{number}</guid>"
        f"<description>{it['text']}</description></item>"
        for number in range(IN_FEED)
        for it in (prose(number, run="feed", published_at=""),)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def drop(folder: Path) -> None:
    """Thirty files with ten articles each."""
    folder.mkdir()
    for start in range(0, IN_FOLDER, 10):
        lines = [json.dumps(posted(number, "folder")) for number in range(start, start + 10)]
        (folder / f"{start}.jsonl").write_text("\n".join(lines), "utf-8")


def posted(number: int, run: str) -> dict[str, str]:
    article = prose(number, run=run, published_at=datetime.now(UTC).isoformat())
    return {key: article[key] for key in ("title", "text", "url", "published_at")}


async def post_all(url: str) -> None:
    """As a client that means it does: a request that failed is sent again."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        for start in range(0, POSTED, LINES):
            body = "\n".join(json.dumps(posted(number, "post")) for number in range(start, start + LINES))
            while True:
                try:
                    reply = await client.post(
                        f"{url}/v1/articles", content=body, headers={"content-type": "application/x-ndjson"}
                    )
                    if reply.status_code == 202:
                        break
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)


async def stored(url: str) -> int:
    client = await _connected(url)
    try:
        return int((await client.jetstream().stream_info("ORE_ARTICLES")).state.messages)
    finally:
        await client.close()


async def _connected(url: str) -> Client:
    return await nats.connect(url, connect_timeout=2, max_reconnect_attempts=2)


async def articles(url: str) -> Counter[str]:
    """How often each article is on the stream, by its address and revision."""
    client = await _connected(url)
    try:
        subscription = await client.jetstream().pull_subscribe("orewire.article.collected.*", stream="ORE_ARTICLES")
        found: Counter[str] = Counter()
        while found.total() < await stored(url):
            for message in await subscription.fetch(100, timeout=5):
                article = json.loads(message.data)["article"]
                found[f"{article['url']} {article['revision']}"] += 1
                await message.ack()
        return found
    finally:
        await client.close()


def free_leases(database: Path) -> None:
    """As if the time had passed after which a dead replica's sources are another's."""
    with sqlite3.connect(database, timeout=20) as connection:
        connection.execute("UPDATE ingest_sources SET lease_until = '2000-01-01 00:00:00.000000'")
        connection.execute("UPDATE ingest_sources SET next_poll_at = '2000-01-01 00:00:00.000000'")
    connection.close()


@asynccontextmanager
async def world(nats_url: str, folder: Path) -> AsyncIterator[IngestProcess]:
    async def xml(_: object) -> Response:
        return Response(feed(), media_type="application/rss+xml")

    async with serving(Starlette(routes=[Route("/feed.xml", xml)])) as url:
        (folder / "sources.yaml").write_text(SOURCES.format(url=url), "utf-8")
        process = IngestProcess(nats_url, folder)
        await process.migrate()
        try:
            yield process
        finally:
            await process.stop()


def everything() -> Counter[str]:
    urls = [f"https://feed.example/{number}" for number in range(IN_FEED)]
    urls += [posted(number, "folder")["url"] for number in range(IN_FOLDER)]
    urls += [posted(number, "post")["url"] for number in range(POSTED)]
    return Counter(f"{url} 1" for url in urls)


async def test_killed_at_twelve_random_moments_ingest_loses_no_article_and_doubles_none(
    nats_process: NatsServer, tmp_path: Path
) -> None:
    chance = Random(SEED)
    moments = sorted(chance.randrange(TOTAL * 9 // 10) for _ in range(KILLS))
    async with world(nats_process.url, tmp_path) as process:
        drop(tmp_path / "drop")
        await process.start()
        posting = asyncio.create_task(post_all(process.url))
        for moment in moments:
            await until(lambda at=moment: _beyond(nats_process.url, at), seconds=60, what=f"{moment} articles")
            await process.stop(signal.SIGKILL)
            await asyncio.to_thread(free_leases, tmp_path / "ingest.db")
            await process.start()
        await posting
        await until(lambda: _beyond(nats_process.url, TOTAL - 1), seconds=60, what="all articles")
        assert await articles(nats_process.url) == everything()


async def _beyond(url: str, count: int) -> bool:
    return await stored(url) > count


async def test_with_nats_and_the_database_away_nothing_is_lost_or_doubled(
    nats_process: NatsServer, tmp_path: Path
) -> None:
    async with world(nats_process.url, tmp_path) as process:
        drop(tmp_path / "drop")
        await process.start()
        posting = asyncio.create_task(post_all(process.url))
        await until(lambda: _beyond(nats_process.url, 40), seconds=30)
        await nats_process.stop(signal.SIGKILL)
        await asyncio.to_thread(free_leases, tmp_path / "ingest.db")
        await until(lambda: "poll" in process.log.read_text("utf-8"), seconds=30, what="a poll that could not publish")
        await nats_process.start()
        await asyncio.to_thread(_lock_for_a_while, tmp_path / "ingest.db")
        await until(lambda: _hurried(nats_process.url, tmp_path), seconds=90, what="all articles")
        await posting
        assert await articles(nats_process.url) == everything()


def _lock_for_a_while(database: Path) -> None:
    """Hold the database's one write lock longer than the service is ready to wait for it."""
    connection = sqlite3.connect(database, timeout=20, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    import time

    time.sleep(11)  # longer than the busy timeout of 10 s: waiting is what is tested
    connection.execute("ROLLBACK")
    connection.close()


async def _hurried(url: str, folder: Path) -> bool:
    await asyncio.to_thread(free_leases, folder / "ingest.db")
    await asyncio.sleep(0.5)
    return await _beyond(url, TOTAL - 1)
