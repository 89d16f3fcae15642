"""Gets the article out of a page: fetch where needed, then extract in a worker process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from services.ingest.found import Extracted, Found
from services.ingest.ports import Fetch, Isolate, Page
from services.ingest.webpage import extract, looks_flooded
from shared.errors import PermanentError, TransientError

MAX_PAGE: Final = 5 * 1024 * 1024
"""Bytes of HTML; no article needs more."""
PARALLEL: Final = 8
"""Pages fetched at a time."""
_PAGES: Final = ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


class PageReader:
    """See `ReadPage`."""

    def __init__(self, fetch: Fetch, isolate: Isolate) -> None:
        self._fetch, self._isolate = fetch, isolate
        self._slots = asyncio.Semaphore(PARALLEL)

    async def __call__(self, found: Found) -> Extracted:
        """See `ReadPage`."""
        page = await self._page(found)
        if len(page.body) > MAX_PAGE:
            raise PermanentError("too_large", f"the page has more than {MAX_PAGE // 1024 // 1024} MiB")
        if await asyncio.to_thread(looks_flooded, page.body):
            raise PermanentError("hostile", "a tag with thousands of attributes")
        extracted = await self._isolate(extract, page.body, page.url or None, page.content_type)
        if extracted is None:
            raise PermanentError("no_text", "no article text on the page")
        return replace(extracted, url=extracted.url or page.url or None)  # where redirects led to

    async def _page(self, found: Found) -> Page:
        if found.html:
            return Page(found.url or "", found.html)
        if found.url is None:
            raise PermanentError("no_url", "there is no page to read")
        async with self._slots:
            page = await self._fetch(found.url)
        if page is None:
            raise TransientError("HTTP 304 to an unconditional request")
        kind = page.content_type.split(";", 1)[0].strip().lower()
        if kind not in _PAGES:
            raise PermanentError("not_html", f"{kind} instead of a page")
        return page
