"""What every source type must be, and golden answers: `<case>.<kind>` beside `<case>.expected.json`.

A case is polled with the type's example, or with the entry in `<case>.yaml`.
`UPDATE_GOLDEN=1 pytest tests/ingest/test_sources.py` writes the expected files anew; review the diff.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.ingest.adapters.catalog import types
from services.ingest.canonical import canonical_url
from services.ingest.found import Found
from services.ingest.parsers.feed import feed_entries
from services.ingest.ports import PLAIN, Ask, Page, Reach
from services.ingest.source import ConfiguredSource, Polled
from services.ingest.websource import MAX_ENTRIES, WebSource
from shared.config.validate import validate
from shared.config.yamltree import Document
from shared.errors import PermanentError, TransientError
from tests.ingest.conftest import NOW, in_process

DATA = Path(__file__).parent / "data"
KINDS = {".xml": "application/xml", ".html": "text/html", ".json": "application/json"}
CASES = sorted(path for path in DATA.glob("*/*") if path.suffix in KINDS and not path.name.endswith(".expected.json"))
WEB = [name for name, kind in types().items() if issubclass(kind, WebSource)]
GARBAGE = {
    "nothing": b"",
    "spaces": b" \n ",
    "a page of apologies": b"<html><body><h1>503 Service Unavailable</h1></body></html>",
    "bytes": b"\x00\xff\xfe\x00\x80",
    "words": b"Your request could not be processed.",
    "half of JSON": b'{"items": [{"id": ',
    "another JSON": b'{"message": "moved"}',
    "an array": b"[1, 2, 3]",
    "deep JSON": b'{"items":' + b"[" * 50_000,
    "a PDF": b"%PDF-1.7\n1 0 obj<<>>endobj",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "broken gzip": b"\x1f\x8b\x08\x00broken",
    "a flood of attributes": b"<rss><a " + b"".join(b"a%d=1 " % n for n in range(50_000)) + b"/></rss>",
}


class Answers:
    """A `Fetch` that answers every request alike, and remembers how it was asked."""

    def __init__(self, body: bytes | Exception | None, content_type: str = "") -> None:
        self.body, self.content_type = body, content_type
        self.asked: list[tuple[str, str | None, Ask]] = []

    async def __call__(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, ask: Ask = PLAIN
    ) -> Page | None:
        self.asked.append((url, etag, ask))
        if isinstance(self.body, Exception):
            raise self.body
        return None if self.body is None else Page(url, self.body, self.content_type, '"v1"', at=NOW)


def example(name: str, entry: Mapping[str, Any] | None = None) -> Any:
    data = dict(entry or types()[name].EXAMPLE)
    return validate(types()[name], Document("example", data, {}))


def entry_of(case: Path) -> dict[str, Any] | None:
    entry = case.with_suffix(".yaml")
    return yaml.safe_load(entry.read_text("utf-8")) if entry.exists() else None


def answer_of(case: Path) -> bytes:
    return case.read_bytes()


def golden(case: Path, found: list[dict[str, Any]]) -> Any:
    expected = case.with_suffix(".expected.json")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return json.loads(expected.read_text("utf-8"))


async def polled(source: ConfiguredSource, fetch: Answers, cursor: Mapping[str, Any] | None = None) -> Polled:
    return await source.poll(cursor or {}, Reach(fetch, in_process, None))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", types())
def test_the_example_of_a_source_type_is_valid(name: str) -> None:
    assert example(name).type == name


@pytest.mark.parametrize("name", types())
def test_a_source_type_says_what_it_does_when_to_use_it_and_shows_an_example(name: str) -> None:
    module = __import__(types()[name].__module__, fromlist=["Source"])
    for heading in ("What it does:", "When to use it:", "Example:"):
        assert heading in (module.__doc__ or "")


def test_a_source_without_poll_is_an_error_at_its_first_poll() -> None:
    source = ConfiguredSource(id="x", type="none")
    with pytest.raises(NotImplementedError):
        source.poll({}, None).send(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", WEB)
def test_every_source_type_of_the_web_has_golden_cases(name: str) -> None:
    assert len([case for case in CASES if case.parent.name == name]) >= 2


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_an_answer_is_read_as_expected(case: Path) -> None:
    source = example(case.parent.name, entry_of(case))
    result = await polled(source, Answers(answer_of(case), KINDS[case.suffix]))
    found = [_plain(item) for item in result.found]
    assert found == golden(case, found)
    assert json.loads(json.dumps(result.cursor)) == result.cursor
    assert pickle.loads(pickle.dumps(result.found)) == result.found
    assert all(item.url is None or canonical_url(item.url) == item.url for item in result.found)


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("name", WEB)
async def test_an_answer_of_another_kind_is_a_failure_and_never_no_news(name: str, garbage: str) -> None:
    with pytest.raises((PermanentError, TransientError)):
        await polled(example(name), Answers(GARBAGE[garbage]))


@pytest.mark.parametrize("name", WEB)
async def test_what_has_not_changed_keeps_the_cursor(name: str) -> None:
    source = example(name)
    cursor = {"etag": '"v1"', "last_modified": None, "asked": source.url}
    fetch = Answers(None)
    result = await polled(source, fetch, cursor)
    assert (result.found, result.cursor, result.problems) == ((), cursor, ())
    assert fetch.asked[0][0].startswith(source.url)


@pytest.mark.parametrize("name", WEB)
@pytest.mark.parametrize("error", [TransientError("HTTP 503"), PermanentError("gone", "HTTP 404")])
async def test_a_source_that_cannot_be_had_says_so(name: str, error: Exception) -> None:
    with pytest.raises(type(error)):
        await polled(example(name), Answers(error))


@pytest.mark.parametrize("name", WEB)
@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("url", "ftp://x.example/", "http or https"),
        ("zone", "Beijing", "time zone"),
        ("zone", "../../etc/passwd", "time zone"),
        ("only", "(", "not a pattern"),
        ("max_age", "long", "duration"),
    ],
)
def test_a_mistake_in_what_all_web_sources_share_is_told(name: str, key: str, value: str, words: str) -> None:
    with pytest.raises(Exception, match=words):
        example(name, {**types()[name].EXAMPLE, key: value})


def test_a_body_that_looks_like_a_file_name_is_not_opened() -> None:
    with pytest.raises(ValueError, match="not a feed"):
        feed_entries(b"/etc/passwd", "https://feed.example/")


def test_only_the_first_entries_of_an_endless_feed_are_read() -> None:
    items = b"".join(b"<item><title>t%d</title><link>https://x.example/%d</link></item>" % (n, n) for n in range(520))
    body = b'<rss version="2.0"><channel><title>x</title>' + items + b"</channel></rss>"
    assert len(feed_entries(body, "https://x.example/")) == MAX_ENTRIES


def test_the_fast_reader_and_the_one_that_mends_agree() -> None:
    from services.ingest.dates import zone_named
    from services.ingest.parsers.sloppyfeed import sloppy_entries

    for case in ("rss-with-summary", "atom-with-content-and-relative-link", "rdf-with-dublin-core"):
        body = (DATA / "rss" / f"{case}.xml").read_text("utf-8")
        fast = feed_entries(body.encode(), "https://feed.example/feed.xml")
        assert fast == sloppy_entries(body, "https://feed.example/feed.xml", zone_named("UTC"), MAX_ENTRIES), case


async def test_only_entries_that_fit_the_pattern_count() -> None:
    entry = {"id": "x", "type": "rss", "url": "https://x.example/f", "only": "(?i)GALLIUM|/trade/"}
    titles = [("Gallium ban", "/a"), ("Football", "/b"), ("Other", "/trade/c")]
    items = "".join(f"<item><title>{title}</title><link>{link}</link></item>" for title, link in titles)
    result = await polled(
        example("rss", entry), Answers(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())
    )
    assert [item.title for item in result.found] == ["Gallium ban", "Other"]


def _plain(found: Found) -> dict[str, Any]:
    fields = asdict(found)
    for name in ("published", "updated"):
        moment = getattr(found, name)
        if moment:
            fields[name] = moment.at.isoformat() + ("" if moment.zoned else " (no zone)")
    return {name: value for name, value in fields.items() if value not in (None, "", b"", False, "UTC")}
