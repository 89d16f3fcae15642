"""When a page was published and updated: meta tags and JSON-LD, then what readers see, then its address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from services.ingest.dates import Moment, parse_time
from services.ingest.visible import find_time

MOST_NODES: Final = 200
"""Nodes of one JSON-LD script, and elements with a date-like name, that are looked at."""
LONGEST_LINE: Final = 200
"""Characters of an element that tells a date; more is a paragraph, whose dates are others."""
_PUBLISHED: Final = (
    "//meta[@property='article:published_time' or @property='og:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
)
_UPDATED: Final = (
    "//meta[@property='article:modified_time' or @property='og:updated_time']/@content",
    "//meta[@itemprop='dateModified']/@content",
    "//*[@itemprop='dateModified']/@datetime",
)
_NAMES: Final = frozenset(
    """pubdate publishdate publish-date publication_date publicationdate date dc.date dc.date.issued dcterms.date
    dcterms.issued dcterms.created sailthru.date parsely-pub-date citation_publication_date firstpublishedtime
    article.published""".split()
)
_TIME_ELEMENTS: Final = (
    "//*[@itemprop='datePublished']/@datetime",
    "//article//time/@datetime",
    "//main//time/@datetime",
)
_DATE_LIKE: Final = re.compile(
    r"(?:^|[\s_-])(?:\w*date|\w*time|published|posted|dateline|byline|meta|info|source|laiyuan|xinxi|shijian|sub)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_UPDATE_WORD: Final = re.compile(r"\b(?:last )?(?:updated|modified|revised)\b|更新|修改|最終更新", re.IGNORECASE)
_IN_ADDRESS: Final = re.compile(r"/((?:19|20)\d\d)[/-]?([01]\d)[/-]?([0-3]\d)(?:[/_.-]|t\d)")


@dataclass(frozen=True)
class PageDates:
    """Both dates of a page, as far as it tells them."""

    published: Moment | None = None
    updated: Moment | None = None


def page_dates(tree: Any, linked: list[dict[str, Any]], url: str | None, zone: tzinfo) -> PageDates:
    """The dates of a page; `linked` are the nodes of its JSON-LD. A day with a time goes before one without."""
    told = list(_moments(_told(tree, linked), zone))
    published = next((moment for moment in told if moment.zoned), None) or next(iter(told), None)
    updated = next(_moments(_updates(tree, linked), zone), None)
    if published is None:
        seen = list(_seen(tree, zone))
        published = next((moment for is_update, moment in seen if not is_update), None)
        updated = updated or next((moment for is_update, moment in seen if is_update), None)
    return PageDates(published or _from_address(url, zone), updated)


def linked_data(tree: Any) -> list[dict[str, Any]]:
    """The JSON-LD nodes of a page, those inside `@graph` too."""
    nodes: list[dict[str, Any]] = []
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            data = json.loads(str(script))
        except (ValueError, RecursionError):
            continue
        for node in data if isinstance(data, list) else [data]:
            graph = node.get("@graph") if isinstance(node, dict) else None
            nodes += [item for item in [node, *(graph if isinstance(graph, list) else [])] if isinstance(item, dict)]
    return nodes[:MOST_NODES]


def _told(tree: Any, linked: list[dict[str, Any]]) -> Iterator[str]:
    for path in _PUBLISHED:
        yield from tree.xpath(path)
    yield from _values(linked, "datePublished")
    for meta in tree.iter("meta"):
        if (meta.get("name") or "").lower() in _NAMES:
            yield meta.get("content") or ""
    for path in _TIME_ELEMENTS:
        yield from tree.xpath(path)


def _updates(tree: Any, linked: list[dict[str, Any]]) -> Iterator[str]:
    for path in _UPDATED:
        yield from tree.xpath(path)
    yield from _values(linked, "dateModified")


def _values(linked: list[dict[str, Any]], key: str) -> Iterator[str]:
    for node in linked:
        if isinstance(node.get(key), str):
            yield node[key]


def _moments(texts: Iterator[str], zone: tzinfo) -> Iterator[Moment]:
    for text in texts:
        moment = parse_time(str(text), zone) or find_time(str(text), zone)
        if moment is not None:
            yield moment


def _seen(tree: Any, zone: tzinfo) -> Iterator[tuple[bool, Moment]]:
    """Dates in short elements with a telling name, each with whether it is that of an update."""
    left = MOST_NODES
    for node in tree.iter("time", "span", "p", "div", "td", "li", "em", "i", "h4", "h5", "small", "dd"):
        if node.tag != "time" and not _DATE_LIKE.search(f"{node.get('class', '')} {node.get('id', '')}"[:300]):
            continue
        left -= 1
        if left < 0:
            return
        line = _short_text(node)
        moment = find_time(line, zone) if line else None
        if moment is not None:
            yield (_UPDATE_WORD.search(line) is not None, moment)


def _short_text(node: Any) -> str:
    pieces: list[str] = []
    size = 0
    for piece in node.itertext("*"):
        size += len(piece)
        if size > 2 * LONGEST_LINE:
            return ""
        pieces.append(piece)
    line = " ".join("".join(pieces).split())
    return line if len(line) <= LONGEST_LINE else ""


def _from_address(url: str | None, zone: tzinfo) -> Moment | None:
    match = _IN_ADDRESS.search((url or "").lower())
    if match is None:
        return None
    try:
        day = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=zone)
    except ValueError:
        return None
    return parse_time(day.isoformat()[:10], zone)
