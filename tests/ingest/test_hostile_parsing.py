"""Every parser against documents made to hold it up: up to 15 MiB, in real workers, and what became of each."""

from __future__ import annotations

import gzip
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import pytest

from services.ingest.adapters.isolation import WorkerPool
from services.ingest.parsers.feed import feed_entries
from services.ingest.parsers.jsonfeed import json_feed_entries
from services.ingest.parsers.listing import Shape, list_entries
from services.ingest.parsers.pdf import read_pdf
from services.ingest.parsers.records import Selection, read_answer
from services.ingest.parsers.sitemap import read_sitemap
from services.ingest.settings import IngestSettings
from services.ingest.webpage import extract
from shared.errors import PermanentError
from tests.ingest.pdfs import assembled, pdf_of

pytestmark = pytest.mark.timeout(120)
SIZE: Final = 15 * 1024 * 1024
LONGEST: Final = 5.0
"""Seconds that any input may hold a worker."""
SLACK: Final = 1.0
"""Seconds for handing over 15 MiB on a busy machine; they hold nobody."""
BASE = "https://x.example/"
LIST = Shape("descendant::li", "descendant-or-self::a[@href]", date="descendant::span")
RECORDS = Selection("items", {"title": "t", "link": "u", "date": "d"})
ITEM = b"<item><title>t</title><link>https://x.example/1</link><description>some words</description></item>"
Attack = tuple[Callable[..., Any], Callable[[], bytes], tuple[Any, ...]]


def fill(piece: bytes, size: int = SIZE) -> bytes:
    return piece * (size // len(piece))


def rss(inside: bytes) -> bytes:
    return b'<rss version="2.0"><channel>' + inside + b"</channel></rss>"


def items(piece: bytes) -> bytes:
    return b'{"items":[' + fill(piece + b",") + piece + b"]}"


ATTACKS: dict[str, Attack] = {
    "a feed of 150,000 items": (feed_entries, lambda: rss(fill(ITEM)), (BASE,)),
    "a feed nested without end": (feed_entries, lambda: rss(fill(b"<a>")), (BASE,)),
    "a broken feed of 15 MiB": (feed_entries, lambda: rss(fill(ITEM))[:-30], (BASE,)),
    "a broken feed of 3 MiB": (feed_entries, lambda: rss(fill(ITEM, 3_000_000))[:-30], (BASE,)),
    "an item of a million fields": (feed_entries, lambda: rss(b"<item>" + fill(b"<link/>") + b"</item>"), (BASE,)),
    "an item of nothing but brackets": (
        feed_entries,
        lambda: rss(b"<item><title>" + fill(b"&lt;") + b"</title></item>"),
        (BASE,),
    ),
    "a feed with a flood of attributes": (
        feed_entries,
        lambda: b"<rss " + b"".join(b"a%d=1 " % n for n in range(900_000)),
        (BASE,),
    ),
    "entities upon entities": (
        feed_entries,
        lambda: (
            b"<!DOCTYPE x ["
            + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(12))
            + b"]>"
            + rss(b"<item><title>&l11;</title></item>")
        ),
        (BASE,),
    ),
    "a file as an entity": (
        feed_entries,
        lambda: b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + rss(b"<item><title>&f;</title></item>"),
        (BASE,),
    ),
    "a sitemap of 200,000 pages": (
        read_sitemap,
        lambda: (
            b"<urlset>" + fill(b"<url><loc>https://x.example/1</loc><lastmod>2026-02-12</lastmod></url>") + b"</urlset>"
        ),
        (BASE,),
    ),
    "a sitemap that unpacks to a gigabyte": (read_sitemap, lambda: gzip.compress(b" " * 300_000_000, 1) * 3, (BASE,)),
    "an index of 300,000 sitemaps": (
        read_sitemap,
        lambda: b"<sitemapindex>" + fill(b"<sitemap><loc>https://x.example/1</loc></sitemap>") + b"</sitemapindex>",
        (BASE,),
    ),
    "a JSON Feed of 300,000 items": (
        json_feed_entries,
        lambda: items(b'{"id":"1","title":"a","content_html":"<p>x"}'),
        (BASE,),
    ),
    "JSON nested without end": (json_feed_entries, lambda: b'{"items":' + fill(b"["), (BASE,)),
    "a number of a million digits": (
        read_answer,
        lambda: b'{"items":[{"d":' + b"9" * 1_000_000 + b"}]}",
        ("", RECORDS),
    ),
    "an answer of 500,000 records": (read_answer, lambda: items(b'{"t":"1","u":"/a","d":"2026"}'), ("", RECORDS)),
    "a record with 15 MiB of markup": (
        read_answer,
        lambda: b'{"items":[{"t":"' + fill(b"<b>") + b'"}]}',
        ("", RECORDS),
    ),
    "a list of 400,000 entries": (
        list_entries,
        lambda: b"<ul>" + fill(b"<li><a href=/x>t</a><span>2026-02-12</span></li>"),
        (BASE, "", LIST),
    ),
    "an entry of a million links": (list_entries, lambda: b"<ul><li>" + fill(b"<a href=/x>t</a>"), (BASE, "", LIST)),
    "lists within lists": (list_entries, lambda: fill(b"<ul><li>") + b"<a href=/x>t</a>", (BASE, "", LIST)),
    "a date of a million digits": (
        list_entries,
        lambda: b"<li><a href=/x>t</a><span>" + b"20" * 1_000_000 + b"</span>",
        (BASE, "", LIST),
    ),
    "a PDF of 15 MiB of text": (read_pdf, lambda: pdf_of(["word " * 20] * 130_000), ()),
    "a PDF that unpacks to 400 MB": (read_pdf, lambda: pdf_of(["word" * 1000] * 100_000, packed=True), ()),
    "a PDF of 20,000 pages": (read_pdf, lambda: pdf_of(*[["page"]] * 20_000), ()),
    "a PDF of broken objects": (read_pdf, lambda: b"%PDF-1.7\n" + fill(b"1 0 obj <<"), ()),
    "a PDF whose pages are each other's": (
        read_pdf,
        lambda: assembled([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 900000000>>"]),
        (),
    ),
    "a page of 300,000 links": (extract, lambda: fill(b"<a href=x>y</a> ", 5_000_000), ()),
    "a page of 50,000 tables": (extract, lambda: b"<table><tr><td>x</td></tr></table>" * 50_000, ()),
    "a page of 150,000 boxes with boilerplate names": (
        extract,
        lambda: b"<div class='related'>x y z</div>" * 150_000,
        (),
    ),
    "boxes with boilerplate names within each other": (
        extract,
        lambda: (b"<div class='share'>x" * 200 + b"</div>" * 200) * 400,
        (),
    ),
    "a page of 140,000 dates": (extract, lambda: b"<span class='date'>aa 2026 bb</span>" * 140_000, ()),
    "a page with 5 MB of JSON-LD": (
        extract,
        lambda: b"<script type='application/ld+json'>" + b"[" * 5_000_000 + b"</script><p>some words",
        (),
    ),
    "a page of one endless word": (extract, lambda: b"<p>" + b"a" * 5_000_000, ()),
}


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    shared = WorkerPool(workers=1, timeout=IngestSettings.model_fields["ingest_parse_timeout"].default)
    await shared(abs, -1)
    yield shared
    await shared.close()


@pytest.mark.parametrize("attack", ATTACKS)
async def test_no_document_holds_a_worker(attack: str, pool: WorkerPool, record_property: Callable[..., None]) -> None:
    parse, document, arguments = ATTACKS[attack]
    body = document()
    began = time.perf_counter()
    try:
        outcome = f"read: {type(await pool(parse, body, *arguments)).__name__}"
    except PermanentError as error:
        outcome = f"{error.reason}: {error}"
    seconds = time.perf_counter() - began
    record_property("outcome", outcome)
    assert await pool(abs, -7) == 7, "the next job is done"
    assert seconds < LONGEST + SLACK, outcome
    assert "passwd" not in outcome


async def test_a_worker_that_never_leaves_c_code_is_killed_at_its_time() -> None:
    hasty = WorkerPool(workers=1, timeout=1.0)
    await hasty(abs, -1)
    began = time.perf_counter()
    with pytest.raises(PermanentError, match="not parsed within"):
        await hasty(sum, range(10**13))
    assert time.perf_counter() - began < 2.5
    await hasty.close()


async def test_what_an_entity_names_is_not_read() -> None:
    [found] = feed_entries(ATTACKS["a file as an entity"][1](), BASE) or [None]
    assert found is None or "root:" not in found.title
