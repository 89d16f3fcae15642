"""What every source type must be, and golden feeds: `<case>.xml` beside `<case>.expected.json`.

`UPDATE_GOLDEN=1 pytest tests/ingest/test_sources.py` writes the expected files anew; review the diff.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from services.ingest.adapters.catalog import types
from services.ingest.found import Found
from services.ingest.source import ConfiguredSource
from services.ingest.sources import rss
from shared.config.validate import validate
from shared.config.yamltree import Document

DATA = Path(__file__).parent / "data"
FEEDS = sorted((DATA / "rss").glob("*.xml"))


@pytest.mark.parametrize("name", types())
def test_the_example_of_a_source_type_is_valid(name: str) -> None:
    source_type = types()[name]
    source = validate(source_type, Document("example", dict(source_type.EXAMPLE), {}))
    assert source.type == name


@pytest.mark.parametrize("name", types())
def test_a_source_type_says_what_it_does_when_to_use_it_and_shows_an_example(name: str) -> None:
    module = __import__(types()[name].__module__, fromlist=["Source"])
    for heading in ("What it does:", "When to use it:", "Example:"):
        assert heading in (module.__doc__ or "")


def test_a_source_without_poll_is_an_error_at_its_first_poll() -> None:
    source = ConfiguredSource(id="x", type="none")
    with pytest.raises(NotImplementedError):
        source.poll({}, None).send(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("feed", FEEDS, ids=lambda path: path.stem)
def test_a_feed_is_read_as_expected(feed: Path) -> None:
    found = [_plain(item) for item in rss.parse(feed.read_bytes(), "https://feed.example/feed.xml")]
    expected = feed.with_suffix(".expected.json")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the feed is empty"),
        (b"   ", "the feed is empty"),
        (b"<html><body>Not found</body></html>", "not a feed"),
        (b"\x00\xff\xfe", "not a feed"),
        (b"{}", "not a feed"),
    ],
)
def test_what_is_no_feed_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rss.parse(body, "https://feed.example/")


def test_a_body_that_looks_like_a_file_name_is_not_opened() -> None:
    with pytest.raises(ValueError, match="not a feed"):
        rss.parse(b"/etc/passwd", "https://feed.example/")


def test_only_the_first_entries_of_an_endless_feed_are_read() -> None:
    items = b"".join(b"<item><title>t%d</title><link>https://x.example/%d</link></item>" % (n, n) for n in range(520))
    body = b'<rss version="2.0"><channel><title>x</title>' + items + b"</channel></rss>"
    assert len(rss.parse(body, "https://x.example/")) == rss.MAX_ENTRIES


def _plain(found: Found) -> dict[str, Any]:
    fields = asdict(found)
    for name, moment in (("published", found.published), ("updated", found.updated)):
        if moment:
            fields[name] = moment.at.isoformat() + ("" if moment.zoned else " (no zone)")
    return {name: value for name, value in fields.items() if value not in (None, "", b"", False)}
