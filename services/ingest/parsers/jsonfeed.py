"""The entries of a JSON Feed, version 1 and 1.1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any
from urllib.parse import urljoin

from services.ingest.canonical import canonical_url
from services.ingest.dates import Moment, parse_time, zone_named
from services.ingest.found import Found
from services.ingest.markup import fragment_text
from services.ingest.parsers.jsonbody import read_json


def json_feed_entries(
    body: bytes, base_url: str, content_type: str = "", *, zone: str = "UTC", most: int = 500
) -> list[Found]:
    """The first entries of a feed, in its order.

    Raises:
        ValueError: the body is no JSON Feed.
    """
    feed = read_json(body, content_type)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise ValueError("not a JSON Feed: it has no `items`")
    lang, home = _words(feed, "language") or None, _words(feed, "home_page_url") or base_url
    base = urljoin(base_url, home)
    items = [item for item in feed["items"][:most] if isinstance(item, dict)]
    return [_found(item, base, zone_named(zone), lang) for item in items]


def _found(item: Mapping[str, Any], base: str, zone: tzinfo, lang: str | None) -> Found:
    url = _address(item, base)
    published, updated = _time(item, "date_published", zone), _time(item, "date_modified", zone)
    words = (_words(item, "content_text"), *(fragment_text(_words(item, key)) for key in ("content_html", "summary")))
    return Found(
        title=fragment_text(_words(item, "title")),
        text=max(words, key=len),
        url=url,
        published=published or updated,
        updated=updated if published else None,
        lang=_words(item, "language") or lang,
        client_id=_words(item, "id") or None,
    )


def _address(item: Mapping[str, Any], base: str) -> str | None:
    """Its own address; a link blog's entry has only the one it points to, and some put the address into the id."""
    for key in ("url", "external_url", "id"):
        given = _words(item, key)
        url = canonical_url(urljoin(base, given)) if "/" in given else None
        if url:
            return url
    return None


def _time(item: Mapping[str, Any], key: str, zone: tzinfo) -> Moment | None:
    return parse_time(_words(item, key), zone)


def _words(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int) else ""
