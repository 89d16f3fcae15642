"""Feeds: RSS 0.9x to 2.0, Atom and RDF.

What it does: fetches the feed only when it changed (ETag, Last-Modified), takes each entry's title, summary
or content, date and link. With `full_text: true` the page of each new entry is fetched and its text taken.
When to use it: wherever a feed exists; it is the cheapest way to watch a site.
Example: `{id: wto-news, type: rss, url: "https://www.wto.org/library/rss/latest_news_e.xml", tier: 1}`
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, ClassVar, Final, Literal
from urllib.parse import urljoin

from pydantic import field_validator

from services.ingest.canonical import canonical_url
from services.ingest.dates import Moment, parse_time
from services.ingest.found import Found
from services.ingest.markup import fragment_text
from services.ingest.ports import Reach
from services.ingest.source import ConfiguredSource, Cursor, Polled

MAX_ENTRIES: Final = 500
"""Entries read of one feed, first ones first: feeds put the newest on top."""


class Source(ConfiguredSource):
    """A feed at a URL."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {
        "id": "ministry-news",
        "type": "rss",
        "url": "https://ministry.example/news.rss",
        "tier": 1,
        "lang": "en",
        "interval": "5m",
        "full_text": True,
    }

    type: Literal["rss"]
    url: str
    full_text: bool = False

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if canonical_url(value) is None:
            raise ValueError("expected an http or https address")
        return value

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """See `ConfiguredSource.poll`."""
        page = await reach.fetch(self.url, etag=cursor.get("etag"), last_modified=cursor.get("last_modified"))
        if page is None:
            return Polled(cursor=cursor)
        found = await reach.isolate(parse, page.body, page.url, page.content_type, follow=self.full_text)
        return Polled(tuple(found), {"etag": page.etag, "last_modified": page.last_modified})


def parse(body: bytes, base_url: str, content_type: str = "", *, follow: bool = False) -> list[Found]:
    """The entries of a feed.

    Raises:
        ValueError: the body is no feed.
    """
    import feedparser

    headers = {"content-location": base_url, "content-type": content_type or "application/xml"}
    # A stream, because feedparser takes text or bytes for a file name or an address first.
    feed = feedparser.parse(BytesIO(body), response_headers=headers, sanitize_html=False)
    if not feed.get("version") and not feed.entries:
        raise ValueError("not a feed" if body.strip() else "the feed is empty")
    lang = _language(feed.feed)
    entries = (_found(entry, base_url, lang, follow=follow) for entry in feed.entries[:MAX_ENTRIES])
    return [found for found in entries if found.title or found.text or found.follow]


def _found(entry: Any, base_url: str, lang: str | None, *, follow: bool) -> Found:
    url = _link(entry, base_url)
    return Found(
        title=fragment_text(entry.get("title", "")),
        text=_text(entry),
        url=url,
        published=_published(entry),
        updated=parse_time(dict.get(entry, "updated") or ""),  # its own `get` answers with `published`
        lang=_language(entry) or lang,
        client_id=entry.get("id"),
        follow=follow and url is not None,
    )


def _link(entry: Any, base_url: str) -> str | None:
    for candidate in (entry.get("link"), entry.get("id")):
        url = canonical_url(urljoin(base_url, candidate)) if candidate and "/" in candidate else None
        if url:
            return url
    return None


def _text(entry: Any) -> str:
    """The longest of what the entry offers: full content where there is some, else the summary."""
    offers = [str(content.get("value", "")) for content in entry.get("content", [])]
    return max((fragment_text(offer) for offer in [*offers, entry.get("summary", "")]), key=len)


def _published(entry: Any) -> Moment | None:
    for name in ("published", "updated", "created"):
        moment = parse_time(entry.get(name) or "")
        if moment is not None:
            return moment
        parsed = entry.get(f"{name}_parsed")
        if parsed is not None:
            return Moment(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
    return None


def _language(node: Any) -> str | None:
    code = str(node.get("language") or "").strip().lower()[:2]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None
