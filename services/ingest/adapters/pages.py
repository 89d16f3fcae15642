"""Gets the article out of a page or PDF: fetch where needed, then extract in a worker process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from services.ingest.flood import looks_flooded
from services.ingest.found import Extracted, Found
from services.ingest.parsers.pdf import is_pdf, read_pdf
from services.ingest.ports import Fetch, Isolate, Page
from services.ingest.webpage import extract
from shared.errors import PermanentError, TransientError

MAX_PAGE: Final = 5 * 1024 * 1024
"""Bytes of HTML; no article needs more."""
MAX_PDF: Final = 15 * 1024 * 1024
"""Bytes of a PDF."""
MEGABYTE: Final = 1024 * 1024
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
        if is_pdf(page.body, page.content_type):
            return await self._pdf(page)
        extracted = await self._html(page, found.zone)
        wanted = extracted.attachments if found.attachments else ()
        for url in wanted:
            extracted = await self._with_attachment(extracted, url)
        return extracted

    async def _html(self, page: Page, zone: str) -> Extracted:
        kind = page.content_type.split(";", 1)[0].strip().lower()
        if kind not in _PAGES:
            raise PermanentError("not_html", f"{kind} instead of a page")
        if len(page.body) > MAX_PAGE:
            raise PermanentError("too_large", f"the page has more than {MAX_PAGE // MEGABYTE} MiB")
        if await asyncio.to_thread(looks_flooded, page.body):
            raise PermanentError("hostile", "a tag with thousands of attributes")
        extracted = await self._isolate(extract, page.body, page.url or None, page.content_type, zone)
        if extracted is None:
            raise PermanentError("no_text", "no article text on the page")
        return replace(extracted, url=extracted.url or page.url or None)  # where redirects led to

    async def _pdf(self, page: Page) -> Extracted:
        if len(page.body) > MAX_PDF:
            raise PermanentError("too_large", f"the PDF has more than {MAX_PDF // MEGABYTE} MiB")
        extracted = await self._isolate(read_pdf, page.body)
        if extracted is None:
            raise PermanentError("no_text", "a PDF without text, perhaps a scan")
        return extracted

    async def _with_attachment(self, notice: Extracted, url: str) -> Extracted:
        """The notice with the text of a PDF it links to. One that cannot be read leaves it partial, not lost."""
        try:
            page = await self._fetched(url)
            attached = await self._pdf(page)
        except (TransientError, PermanentError):
            return replace(notice, partial=True)
        return replace(notice, text=f"{notice.text}\n\n{attached.text}", partial=notice.partial or attached.partial)

    async def _page(self, found: Found) -> Page:
        if found.html:
            return Page(found.url or "", found.html)
        if found.url is None:
            raise PermanentError("no_url", "there is no page to read")
        return await self._fetched(found.url)

    async def _fetched(self, url: str) -> Page:
        async with self._slots:
            page = await self._fetch(url)
        if page is None:
            raise TransientError("HTTP 304 to an unconditional request")
        return page
