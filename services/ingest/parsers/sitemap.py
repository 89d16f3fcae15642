"""Sitemaps: an index that names others, or a list of pages, with titles and dates where it is for news."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any, Final
from urllib.parse import urljoin

from services.ingest.canonical import canonical_url
from services.ingest.charset import decoded
from services.ingest.dates import Moment, parse_time, zone_named
from services.ingest.flood import looks_flooded
from services.ingest.found import Found

MAX_BYTES: Final = 52_428_800
"""Bytes of an unpacked sitemap; the limit of the sitemap protocol."""
MAX_PAGES: Final = 50_000
"""Pages a sitemap may list; the same protocol's."""
_GZIP: Final = b"\x1f\x8b"
_UNDATED: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SitemapFile:
    """A sitemap that an index names. `stamp` is when it changed last, in its own words; empty when not told."""

    url: str
    stamp: str = ""


@dataclass(frozen=True)
class Sitemap:
    """What a sitemap holds, the newest first: other sitemaps if it is an index, else pages."""

    files: tuple[SitemapFile, ...] = ()
    found: tuple[Found, ...] = ()


def read_sitemap(body: bytes, base_url: str, content_type: str = "", *, zone: str = "UTC", most: int = 500) -> Sitemap:
    """The newest entries of a sitemap, at most `most`.

    Raises:
        ValueError: the body is no sitemap, or unpacks to more than one may hold.
    """
    document = _unpacked(body)
    if looks_flooded(document):
        raise ValueError("a tag with thousands of attributes")
    root = _root(document, content_type)
    kind = str(root.tag).rpartition("}")[2] if root is not None else ""
    if kind == "sitemapindex":
        files = sorted(islice(_files(root, base_url), MAX_PAGES), key=lambda file: file.stamp, reverse=True)
        return Sitemap(files=tuple(files[:most]))
    if kind != "urlset":
        raise ValueError("not a sitemap" if body.strip() else "the sitemap is empty")
    nodes = sorted(islice(root.iterchildren("{*}url"), MAX_PAGES), key=_stamp, reverse=True)[: 2 * most]
    found = sorted(_pages(nodes, base_url, zone_named(zone)), key=_when, reverse=True)
    return Sitemap(found=tuple(found[:most]))


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(47)
    try:
        document = unpacker.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"not gzip: {error}") from error
    if len(document) > MAX_BYTES:
        raise ValueError(f"unpacks to more than {MAX_BYTES} bytes")
    return document


def _root(document: bytes, content_type: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, recover=True, encoding="utf-8"
    )
    try:
        return etree.fromstring(decoded(document, content_type).lstrip().encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("not a sitemap") from error


def _files(root: Any, base_url: str) -> Iterator[SitemapFile]:
    for node in root.iterfind("{*}sitemap"):
        url = canonical_url(urljoin(base_url, _words(node, "{*}loc")))
        if url:
            yield SitemapFile(url, _words(node, "{*}lastmod"))


def _stamp(node: Any) -> str:
    """The later date of a page as written; ISO dates sort as text, but for hours between zones."""
    told = (child.text or "" for child in node.iter("{*}publication_date", "{*}lastmod"))
    return max(told, default="").strip()


def _pages(nodes: Iterable[Any], base_url: str, zone: tzinfo) -> Iterator[Found]:
    for node in nodes:
        url = canonical_url(urljoin(base_url, _words(node, "{*}loc")))
        if url is None:
            continue
        published = parse_time(_words(node, ".//{*}publication_date"), zone)
        yield Found(
            title=_words(node, "{*}news/{*}title"),
            url=url,
            published=published,
            updated=parse_time(_words(node, "{*}lastmod"), zone),  # never taken for the day of publication
            lang=_words(node, ".//{*}language")[:2].lower() or None,
        )


def _when(found: Found) -> datetime:
    told: Moment | None = found.published or found.updated
    return told.at if told else _UNDATED


def _words(node: Any, path: str) -> str:
    return " ".join((node.findtext(path) or "").split())
