"""The article inside an HTML page. CPU only, and hostile pages can keep it busy for minutes: run it in a
worker process that can be killed (`adapters/isolation.py`).
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from services.ingest.boilerplate import prune
from services.ingest.canonical import canonical_url
from services.ingest.charset import decoded
from services.ingest.dates import zone_named
from services.ingest.found import Extracted
from services.ingest.furniture import without_furniture
from services.ingest.pagedates import linked_data, page_dates
from services.ingest.paywall import is_stub, without_offer

MOST_ATTACHMENTS: Final = 3
"""PDFs of one page that are read; a notice has one or two, a library page hundreds."""


def extract(body: bytes, url: str | None = None, content_type: str = "", zone: str = "UTC") -> Extracted | None:
    """The article of a page, without navigation, captions and comments; None when the page holds no text.

    Args:
        body: the page.
        url: where it stands; relative links are resolved against it.
        content_type: what the server said it is.
        zone: IANA name of the zone in which times without one are written.
    """
    import trafilatura
    from trafilatura.metadata import extract_title, extract_url

    tree = trafilatura.load_html(decoded(body, content_type))
    if tree is None:
        return None
    linked = linked_data(tree)
    dates = page_dates(tree, linked, url, zone_named(zone))
    title, own_url = extract_title(tree) or "", extract_url(tree, url)
    attachments = _attachments(tree, url)
    prune(tree)
    document: Any = trafilatura.bare_extraction(tree, url=url, include_comments=False, config=_config())
    text = without_furniture(str(document.text or "") if document else "")
    if not text and not title:
        return None
    partial = is_stub(text, linked)
    return Extracted(
        title=title,
        text=without_offer(text) if partial else text,
        published=dates.published,
        updated=dates.updated,
        lang=_two_letters(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""),
        url=own_url if own_url and own_url != url else None,
        partial=partial,
        attachments=attachments,
    )


def _config() -> Any:
    """Trafilatura's settings for short official notices: its default drops pages under 250 characters."""
    from copy import deepcopy

    from trafilatura.settings import DEFAULT_CONFIG

    config = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"].update({"MIN_EXTRACTED_SIZE": "40", "MIN_OUTPUT_SIZE": "1", "EXTRACTION_TIMEOUT": "0"})
    return config


def _attachments(tree: Any, url: str | None) -> tuple[str, ...]:
    """PDFs the page links to on its own host, in its order."""
    host = _site(url)
    found: dict[str, None] = {}
    for link in tree.iter("a"):
        href = link.get("href") or ""
        address = canonical_url(urljoin(url or "", href)) if ".pdf" in href.lower() else None
        if address and host and _site(address) == host and urlsplit(address).path.lower().endswith(".pdf"):
            found.setdefault(address)
        if len(found) == MOST_ATTACHMENTS:
            break
    return tuple(found)


def _site(url: str | None) -> str:
    return (urlsplit(url or "").netloc or "").lower().removeprefix("www.")


def _two_letters(code: str) -> str | None:
    base = code.strip().lower().split("-")[0]
    return base if len(base) == 2 and base.isascii() and base.isalpha() else None
