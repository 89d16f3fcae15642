"""Feeds that are not XML, read by feedparser, which mends unclosed tags, stray `&` and missing ends."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from services.ingest.canonical import canonical_url
from services.ingest.dates import Moment, parse_time
from services.ingest.found import Found
from services.ingest.markup import fragment_text


def sloppy_entries(text: str, base_url: str, zone: tzinfo, most: int) -> list[Found]:
    """The first entries of a feed.

    Raises:
        ValueError: the text is no feed.
    """
    import feedparser

    headers = {"content-location": base_url, "content-type": "application/xml; charset=utf-8"}
    # A stream, because feedparser takes text or bytes for a file name or an address first.
    feed = feedparser.parse(BytesIO(text.encode("utf-8", "replace")), response_headers=headers, sanitize_html=False)
    if not feed.get("version") and not feed.entries:
        raise ValueError("not a feed" if text.strip() else "the feed is empty")
    lang = _language(feed.feed)
    entries = (_found(entry, base_url, zone, lang) for entry in feed.entries[:most])
    return [found for found in entries if found.title or found.text or found.url]


def _found(entry: Any, base_url: str, zone: tzinfo, lang: str | None) -> Found:
    url = _link(entry, base_url)
    published = _time(entry, "published", zone) or _time(entry, "created", zone)
    updated = _time(entry, "updated", zone)
    return Found(
        title=fragment_text(entry.get("title", "")),
        text=_text(entry),
        url=url,
        published=published or updated,
        updated=updated if published else None,
        lang=_language(entry) or lang,
        client_id=entry.get("id"),
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


def _time(entry: Any, name: str, zone: tzinfo) -> Moment | None:
    if name not in entry:  # feedparser answers for `published` with what it has for `updated`
        return None
    moment = parse_time(entry.get(name) or "", zone)
    parsed = entry.get(f"{name}_parsed")
    if moment is None and parsed is not None:
        return Moment(datetime.fromtimestamp(calendar.timegm(parsed), UTC), zoned=False)
    return moment


def _language(node: Any) -> str | None:
    code = str(node.get("language") or "").strip().lower()[:2]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None
