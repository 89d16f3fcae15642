"""The entries of a list of notices in HTML, or of one inside a JSON answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from urllib.parse import urljoin

from services.ingest.canonical import canonical_url
from services.ingest.charset import decoded
from services.ingest.dates import Moment, parse_time, zone_named
from services.ingest.flood import looks_flooded
from services.ingest.found import Found
from services.ingest.parsers.jsonbody import read_json
from services.ingest.visible import find_time


@dataclass(frozen=True)
class Shape:
    """Where the pieces of a list stand.

    `item`, `link`, `title` and `date` are XPaths (the last three inside an item, and may be empty), `inside` is a
    JMESPath to the HTML in a JSON answer, `pattern` the `strptime` format of dates.
    """

    item: str
    link: str
    title: str = ""
    date: str = ""
    pattern: str | None = None
    inside: str = ""
    zone: str = "UTC"
    may_be_empty: bool = False


def list_entries(body: bytes, base_url: str, content_type: str, shape: Shape, *, most: int = 500) -> list[Found]:
    """The first entries of a list, in its order.

    Raises:
        ValueError: nothing in the page looks like an item with a link; the site may have been rebuilt.
    """
    page = _html(body, content_type, shape.inside)
    if looks_flooded(page.encode("utf-8", "replace")):
        raise ValueError("a tag with thousands of attributes")
    tree = _tree(page)
    items = [] if tree is None else tree.xpath(shape.item)
    found = [entry for node in items[:most] if (entry := _found(node, base_url, shape)) is not None]
    if not found and not shape.may_be_empty:
        seen = f"{len(items)} items match, none with a link" if items else "no item matches"
        raise ValueError(f"{seen}: the page may have been rebuilt")
    return found


def _html(body: bytes, content_type: str, inside: str) -> str:
    if not inside:
        return decoded(body, content_type)
    import jmespath

    page = jmespath.search(inside, read_json(body, content_type))
    if not isinstance(page, str):
        raise ValueError(f"there is no HTML at `{inside}` in the answer")
    return page


def _tree(page: str) -> Any:
    from lxml import html
    from lxml.etree import ParserError

    try:
        return html.document_fromstring(page.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    except (ParserError, ValueError):
        return None


def _found(item: Any, base_url: str, shape: Shape) -> Found | None:
    link = next((node for node in item.xpath(shape.link) if node.get("href")), None)
    url = None if link is None else canonical_url(urljoin(base_url, link.get("href").strip()))
    if link is None or url is None:
        return None
    return Found(title=_title(item, link, shape.title), url=url, published=_time(item, shape))


def _title(item: Any, link: Any, path: str) -> str:
    """The title; the link's own tooltip where its words are cut short."""
    if path:
        return " ".join(_words(node) for node in item.xpath(path)[:1])
    words, whole = _words(link), " ".join((link.get("title") or "").split())
    cut = words.endswith(("…", "..", "...")) or not words
    return whole if whole and (cut or len(whole) > len(words)) else words


def _time(item: Any, shape: Shape) -> Moment | None:
    zone: tzinfo = zone_named(shape.zone)
    for node in item.xpath(shape.date) if shape.date else [item]:
        words = node.get("datetime") or _words(node)
        moment = parse_time(words, zone, pattern=shape.pattern)
        moment = moment or (find_time(words, zone) if shape.pattern is None else None)
        if moment is not None:
            return moment
    return None


def _words(node: Any) -> str:
    return " ".join(" ".join(node.itertext("*")).split())
