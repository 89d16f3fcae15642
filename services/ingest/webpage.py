"""The article inside an HTML page. CPU only, and hostile pages can keep it busy for minutes: run it in a
worker process that can be killed (`adapters/isolation.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from services.ingest.dates import Moment, parse_time
from services.ingest.found import Extracted

LONG_TAG: Final = 20_000
"""Bytes between two `>`; pages with inlined images reach that, with few spaces in it."""
MANY_ATTRIBUTES: Final = 2_000
_CAPTIONS: Final = [
    "//figure",
    "//figcaption",
    "//aside",
    "//*[contains(concat(' ', @class, ' '), 'caption')]",
    "//*[@class='picture' or @class='photo' or @class='credit' or @class='copyright']",
]
_TIMES: Final = (
    "//meta[@property='article:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime",
    "//meta[@name='pubdate' or @name='PubDate' or @name='publishdate' or @name='date']/@content",
    "//article//time/@datetime",
)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
_SUPERSETS: Final = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252"}


def looks_flooded(body: bytes) -> bool:
    """Is there a tag with thousands of attributes? Parsers take minutes over it. Linear in the size of body."""
    for piece in body.split(b">"):
        if len(piece) > LONG_TAG:
            tag = piece[piece.find(b"<") :] if b"<" in piece else b""
            if len(tag) > LONG_TAG and len(tag.split(None, MANY_ATTRIBUTES)) > MANY_ATTRIBUTES:
                return True
    return False


def extract(body: bytes, url: str | None = None, content_type: str = "") -> Extracted | None:
    """The article of a page, without navigation, captions and comments; None when the page holds no text."""
    import trafilatura

    tree = trafilatura.load_html(_decoded(body, content_type))
    if tree is None:
        return None
    exact = _published(tree)
    document: Any = trafilatura.bare_extraction(
        tree, url=url, with_metadata=True, include_comments=False, prune_xpath=_CAPTIONS, config=_config()
    )
    if document is None or not (document.text or document.title):
        return None
    day = parse_time(document.date) if document.date else None
    return Extracted(
        title=document.title or "",
        text=document.text or "",
        published=_better(exact, day),
        lang=_two_letters(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""),
        url=document.url if document.url and document.url != url else None,
    )


def _config() -> Any:
    """Trafilatura's settings for short official notices: its default drops pages under 250 characters."""
    from copy import deepcopy

    from trafilatura.settings import DEFAULT_CONFIG

    config = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"].update({"MIN_EXTRACTED_SIZE": "40", "MIN_OUTPUT_SIZE": "1", "EXTRACTION_TIMEOUT": "0"})
    return config


def _decoded(body: bytes, content_type: str) -> bytes | str:
    """The page as text when the server told its charset, else as bytes for the parser to guess."""
    if body.startswith(b"\xef\xbb\xbf"):
        return body.decode("utf-8-sig", "replace")
    named = _CHARSET.search(content_type)
    if named is None:
        return body
    charset = named.group(1).lower()
    try:
        return body.decode(_SUPERSETS.get(charset, charset), "replace")
    except LookupError:
        return body


def _published(tree: Any) -> Moment | None:
    for value in _time_texts(tree):
        moment = parse_time(str(value))
        if moment is not None:
            return moment
    return None


def _time_texts(tree: Any) -> Iterator[str]:
    for path in _TIMES[:2]:
        yield from tree.xpath(path)
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        yield from _linked_dates(str(script))
    for path in _TIMES[2:]:
        yield from tree.xpath(path)


def _linked_dates(script: str) -> Iterator[str]:
    """`datePublished` of the article in a JSON-LD script."""
    try:
        data = json.loads(script)
    except (ValueError, RecursionError):
        return
    nodes = data if isinstance(data, list) else [data]
    for node in nodes:
        graph = node.get("@graph", []) if isinstance(node, dict) else []
        for item in [node, *(graph if isinstance(graph, list) else [])]:
            if isinstance(item, dict) and isinstance(item.get("datePublished"), str):
                yield item["datePublished"]


def _better(exact: Moment | None, day: Moment | None) -> Moment | None:
    """The time to the minute, unless it belongs to another day than the one the whole page speaks for."""
    if exact is None or day is None:
        return exact or day
    return exact if abs((exact.at - day.at).total_seconds()) < 2 * 86_400 else day


def _two_letters(code: str) -> str | None:
    base = code.strip().lower().split("-")[0]
    return base if len(base) == 2 and base.isascii() and base.isalpha() else None
