"""How fast ingest reads: feed items to the stream, and pages to clean text beside bare trafilatura."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.ingest.adapters.copies import SqlCopies
from services.ingest.adapters.language import LanguageDetector
from services.ingest.adapters.store import SqlLedger
from services.ingest.adapters.tables import metadata
from services.ingest.drafting import Drafting, Piece
from services.ingest.found import Found, Origin
from services.ingest.parsers.feed import feed_entries
from services.ingest.usecases import Collect
from services.ingest.webpage import extract
from shared.clock import SystemClock
from shared.db import open_database
from shared.provision import connect
from shared.publish import JetStreamPublisher
from tests.kit.news import GOVERNMENTS, METALS

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]
FEEDS, ITEMS, PAGES = 6, 500, 60
MIN_ITEMS, MIN_PAGES, MIN_RATIO = 500.0, 80.0, 0.8


def _sentence(chance: random.Random) -> str:
    who, what, days = chance.choice(GOVERNMENTS), chance.choice(METALS), chance.randint(2, 400)
    return (
        f"The government of {who} said it would review exports of {what} within {days} days, in a step that traders "
        f"in {chance.choice(GOVERNMENTS)} called {chance.choice(['overdue', 'hasty', 'expected', 'unclear'])}."
    )


def _feed(number: int) -> bytes:
    chance = random.Random(number)
    items = "".join(
        f"<item><title>Notice {number}-{n}: {chance.choice(METALS)}</title><link>https://n.example/{number}/{n}</link>"
        f"<guid>https://n.example/{number}/{n}</guid><pubDate>Thu, 12 Feb 2026 09:00:00 +0800</pubDate>"
        f"<description><![CDATA[<p>{_sentence(chance)} {_sentence(chance)}</p>]]></description></item>"
        for n in range(ITEMS)
    )
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def _page(number: int) -> bytes:
    chance = random.Random(number)
    words = "".join(f"<p>{_sentence(chance)} {_sentence(chance)}</p>" for _ in range(14))
    menu = "".join(f'<li class="menu-item"><a href="/s/{n}">Section {n}</a></li>' for n in range(50))
    teasers = "".join(
        f'<div class="teaser"><a href="/n/{n}">{_sentence(chance)[:70]}</a><span class="date">1 Feb 2026</span></div>'
        for n in range(25)
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>Story {number} | Daily</title><meta charset="utf-8">'
        f'<meta property="article:published_time" content="2026-02-12T09:30:00+08:00"></head>'
        f'<body class="single"><nav><ul>{menu}</ul></nav><div class="cookie-banner">We use cookies.</div>'
        f'<main><article><h1>Story {number}</h1><p class="byline">By a reporter, 12 February 2026</p>{words}'
        f'<div class="tags"><a href="/t/1">gallium</a> <a href="/t/2">export ban</a></div></article></main>'
        f'<section class="related-posts">{teasers}</section><footer>Copyright 2026 Daily</footer></body></html>'
    ).encode()


async def test_feed_items_reach_the_stream_at_five_hundred_a_second(nats_url: str, tmp_path: Path) -> None:
    """One process does all of it: parse, compose, tell the language, publish with acknowledgement, record.

    The figure is for a core: items by seconds of CPU this process used, since others may use the machine too.
    """
    database = open_database(f"sqlite:///{tmp_path}/bench.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    client = await connect(nats_url, name="bench")
    detect = LanguageDetector()
    detect.warm()
    collect = Collect(
        ledger=SqlLedger(database, SystemClock()),
        publisher=JetStreamPublisher(client, service="bench"),
        copies=SqlCopies(database, SystemClock()),
        drafting=Drafting(_no_pages, detect, SystemClock()),
        clock=SystemClock(),
        tally=lambda *_: None,
        ages=lambda *_: None,
    )
    feeds = [_feed(number) for number in range(FEEDS)]
    began, used, accepted = time.perf_counter(), time.process_time(), 0
    for body in feeds:
        found = feed_entries(body, "https://n.example/feed")
        verdicts = await collect.accept([Piece(item, Origin("bench")) for item in found])
        accepted += sum(verdict.status == "accepted" for verdict in verdicts)
    rate = accepted / (time.process_time() - used)
    wall = accepted / (time.perf_counter() - began)
    await client.close()
    await database.close()
    print(f"\nfeed items to the stream: {rate:.0f}/s a core (at least {MIN_ITEMS:.0f}), {wall:.0f}/s on the clock")
    assert accepted == FEEDS * ITEMS
    assert rate >= MIN_ITEMS


def test_pages_become_clean_text_about_as_fast_as_bare_trafilatura_reads_them() -> None:
    import trafilatura

    pages = [_page(number) for number in range(PAGES)]

    def whole(body: bytes) -> object:
        return trafilatura.bare_extraction(body, with_metadata=True, include_comments=False)

    def text_only(body: bytes) -> object:
        return trafilatura.bare_extraction(body, include_comments=False)

    rates = _rates({"ours": extract, "bare": whole, "bare, text only": text_only}, pages)
    print("\nHTML to clean text: " + ", ".join(f"{name} {rate:.0f}/s" for name, rate in rates.items()))
    print(
        f"ratio to bare {rates['ours'] / rates['bare']:.2f}, text only {rates['ours'] / rates['bare, text only']:.2f}"
    )
    found = extract(pages[0])
    assert found is not None
    assert found.published is not None
    assert "cookies" not in found.text
    assert rates["ours"] >= MIN_PAGES
    assert rates["ours"] >= MIN_RATIO * rates["bare"]


def _rates(readers: dict[str, Callable[[bytes], object]], pages: list[bytes]) -> dict[str, float]:
    """Pages a second of each reader, in turns on the same pages, so that a busy machine slows all alike."""
    seconds = dict.fromkeys(readers, 0.0)
    for reader in readers.values():
        reader(pages[0])
    for page in pages:
        for name, reader in readers.items():
            began = time.perf_counter()
            reader(page)
            seconds[name] += time.perf_counter() - began
    return {name: len(pages) / spent for name, spent in seconds.items()}


async def _no_pages(found: Found) -> None:
    raise AssertionError("nothing is fetched here")
