"""Hostile pages and feeds in real worker processes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.pages import PageReader
from services.ingest.flood import looks_flooded
from services.ingest.found import Extracted, Found
from services.ingest.parsers.feed import feed_entries
from services.ingest.ports import Page
from services.ingest.webpage import extract
from shared.errors import PermanentError, TransientError
from tests.ingest.conftest import in_process
from tests.kit.wait import until

FLOOD = b"<html><body><a " + b"".join(b"a%d=1 " % n for n in range(100_000)) + b">x</a></body></html>"
PAGE = b"""<html lang="en-GB"><head><title>Ministry bans gallium exports | Daily</title>
<meta property="article:published_time" content="2026-02-12T09:30:00+08:00">
<link rel="canonical" href="https://daily.example/news/1"></head>
<body><nav><a href="/">Home</a> <a href="/about">About us</a></nav>
<article><h1>Ministry bans gallium exports</h1>
<figure><img src="a.jpg"><figcaption>File photo of a mine in the north</figcaption></figure>
<p>The Ministry of Commerce said on Thursday it will ban exports of gallium from 1 March.</p>
<p>Companies must apply for a licence until then, the ministry said in a statement.</p></article>
<footer>Copyright 2026 Daily. All rights reserved.</footer></body></html>"""


async def never(url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | None:
    raise AssertionError("nothing is fetched here")


def test_the_article_of_a_page_is_taken_without_what_surrounds_it() -> None:
    found = extract(PAGE)
    assert found is not None
    assert (found.title, found.lang, found.url) == (
        "Ministry bans gallium exports",
        "en",
        "https://daily.example/news/1",
    )
    assert found.published is not None
    assert found.published.at == datetime(2026, 2, 12, 1, 30, tzinfo=UTC)
    assert "ban exports of gallium from 1 March" in found.text
    for boilerplate in ("File photo", "Copyright", "About us"):
        assert boilerplate not in found.text


def test_a_short_notice_in_chinese_is_read_in_the_charset_the_server_names() -> None:
    body = "<html><body><h1>公告</h1><p>商务部今日宣布对镓实施出口管制，自三月一日起施行。</p></body></html>".encode(
        "gb2312"
    )
    found = extract(body, None, "text/html; charset=gb2312")
    assert found is not None
    assert "出口管制" in found.text


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            '<script type="application/ld+json">{"@type":"News","datePublished":"2026-02-12T10:00:00Z"}</script>',
            10,
        ),
        ('<script type="application/ld+json">{"@graph":[{"datePublished":"2026-02-12T11:00:00Z"}]}</script>', 11),
        ('<script type="application/ld+json">{broken</script><meta name="pubdate" content="2026-02-12T12:00:00Z">', 12),
        ('<meta itemprop="datePublished" content="2026-02-12T13:00:00Z">', 13),
    ],
)
def test_the_time_of_publication_is_found_where_pages_keep_it(head: str, expected: int) -> None:
    found = extract(f"<html><head>{head}</head><body><p>Some words of an article.</p></body></html>".encode())
    assert found is not None
    assert found.published is not None
    assert found.published.at.hour == expected


@pytest.mark.parametrize("body", [b"", b"   ", b"\x00\x01\x02", b"<html></html>", b"%PDF-1.7 ..."])
def test_a_page_without_an_article_gives_none_or_little(body: bytes) -> None:
    found = extract(body)
    assert found is None or isinstance(found, Extracted)


@pytest.mark.parametrize(
    ("why", "body", "flooded"),
    [
        ("thousands of attributes", FLOOD, True),
        ("an inlined image", b"<img src='data:image/png;base64," + b"A" * 500_000 + b"'>", False),
        ("a long script", b"<script>" + b"var a = 1; " * 50_000 + b"</script>", False),
        ("nothing but brackets", b"<" * 1_000_000, False),
        ("an ordinary page", PAGE, False),
    ],
)
def test_a_flood_of_attributes_is_seen_in_linear_time(why: str, body: bytes, flooded: bool) -> None:
    assert looks_flooded(body) is flooded, why


async def test_a_flooded_page_never_reaches_a_parser(workers: WorkerPool) -> None:
    with pytest.raises(PermanentError, match="thousands of attributes"):
        await PageReader(never, workers)(Found(html=FLOOD))


async def test_a_page_of_more_than_five_megabytes_is_refused(workers: WorkerPool) -> None:
    with pytest.raises(PermanentError, match="more than 5 MiB"):
        await PageReader(never, workers)(Found(html=b"x" * 6_000_000))


async def test_a_parser_that_does_not_come_back_is_killed_and_the_next_job_is_done(workers: WorkerPool) -> None:
    with pytest.raises(PermanentError, match="not parsed within") as caught:
        await workers(time.sleep, 30)
    assert caught.value.reason == "too_slow"
    assert await workers(abs, -1) == 1


async def test_a_parser_that_eats_memory_or_dies_harms_only_its_own_job(workers: WorkerPool) -> None:
    with pytest.raises(PermanentError) as caught:
        await workers(bytes, 4 * 1024**3)
    assert caught.value.reason == "too_heavy"
    with pytest.raises((PermanentError, TransientError)):
        await workers(os._exit, 3)
    assert await workers(abs, -2) == 2


async def test_jobs_under_way_when_the_workers_are_stopped_can_be_tried_again(tmp_path: Path) -> None:
    pool = WorkerPool(workers=1, timeout=30.0)
    started = tmp_path / "started"
    running = asyncio.create_task(pool(sleep_long, started))
    await until(started.exists, seconds=20)
    waiting = asyncio.create_task(pool(abs, -1))
    await asyncio.sleep(0)
    await pool.close()
    results = await asyncio.wait_for(asyncio.gather(running, waiting, return_exceptions=True), 20)
    assert isinstance(results[0], TransientError)
    assert results[1] == 1 or isinstance(results[1], TransientError)
    assert await pool(abs, -2) == 2
    await pool.close()


def sleep_long(started: Path) -> None:
    started.touch()
    time.sleep(60)


async def test_whoever_gives_up_waiting_for_a_job_frees_its_worker(workers: WorkerPool, tmp_path: Path) -> None:
    started = tmp_path / "started"
    given_up = asyncio.create_task(workers(sleep_long, started))
    await until(started.exists, seconds=20)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert await workers(abs, -1) == 1


async def test_a_feed_is_read_in_a_worker(workers: WorkerPool) -> None:
    body = b'<rss version="2.0"><channel><item><title>T</title></item></channel></rss>'
    [found] = await workers(feed_entries, body, "https://n.example/", "")
    assert found.title == "T"
    with pytest.raises(PermanentError, match="not a feed"):
        await workers(feed_entries, b"<html>", "https://n.example/", "")


async def test_entities_that_multiply_are_not_expanded(workers: WorkerPool) -> None:
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(10))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [' + entities + b']><rss version="2.0"><channel><item><title>&l9;</title>'
    try:
        found = await workers(feed_entries, bomb + b"</item></channel></rss>", "https://n.example/", "")
    except PermanentError:
        return
    assert sum(len(item.title) for item in found) < 10_000


async def test_a_page_reader_refuses_what_is_no_page() -> None:
    async def film(url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | None:
        return Page(url, b"\x00\x00", "video/mp4")

    with pytest.raises(PermanentError, match="video/mp4 instead of a page"):
        await PageReader(film, in_process)(Found(url="https://n.example/a.mp4", follow=True))


STUCK = """
import asyncio, os, re
from services.ingest.adapters.isolation import WorkerPool

async def main():
    pool = WorkerPool(workers=1, timeout=60)
    print(await pool(os.getpid), flush=True)
    await pool(re.match, "(a*)*b", "a" * 64)

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the signal on a closed pipe is Linux's")
async def test_a_worker_that_is_stuck_dies_with_the_service_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "stuck.py"
    script.write_text(STUCK, "utf-8")
    root = Path(__file__).parents[2]
    service = await asyncio.create_subprocess_exec(
        sys.executable, str(script), cwd=root, env={"PYTHONPATH": str(root)}, stdout=asyncio.subprocess.PIPE
    )
    assert service.stdout is not None
    worker = int(await service.stdout.readline())
    service.kill()
    await service.wait()
    await until(lambda: not alive(worker), what="the worker is gone")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
