"""Sitemaps: news sitemaps, plain ones, and indexes of them; packed or not.

What it does: fetches the sitemap when it changed, takes the newest entries' titles, dates and addresses; from an
index, the sitemaps that changed since, newest first, a few a poll. Pages without a title are fetched for theirs.
When to use it: for sites without a feed; publishers keep a news sitemap for search engines, minutes fresh.
Example: `{id: wire, type: news_sitemap, url: "https://wire.example/news-sitemap.xml", only: "(?i)mineral|export"}`
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from services.ingest.found import Found
from services.ingest.parsers.sitemap import Sitemap, SitemapFile, read_sitemap
from services.ingest.ports import Page, Reach
from services.ingest.source import Cursor, Polled
from services.ingest.websource import MAX_ENTRIES, WebSource, marks
from shared.errors import PermanentError, TransientError

MAX_DEPTH: Final = 2
"""Indexes within each other; the protocol allows one."""
MAX_REMEMBERED: Final = 1_000
SOON: Final = timedelta(minutes=1)
"""Until the next poll while sitemaps are left to read."""


class Source(WebSource):
    """A sitemap at a URL. `most_files` of those an index names are read at one poll."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {
        "id": "wire-sitemap",
        "type": "news_sitemap",
        "url": "https://wire.example/sitemap_index.xml",
        "only": "(?i)mineral|export",
        "full_text": True,
    }

    type: Literal["news_sitemap"]
    most_files: int = Field(default=5, ge=1, le=50)

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """See `ConfiguredSource.poll`."""
        page = await self.changed(cursor, reach)
        if page is None:
            return Polled(cursor=cursor)
        sitemap = await self._read(page, reach)
        if not sitemap.files:
            return Polled(self.wanted(sitemap.found), marks(page))
        done: dict[str, str] = dict(cursor.get("files", {}))
        found, problems, left = await self._follow(sitemap.files, done, reach)
        # While some are left unread the index has to be seen again, changed or not.
        seen = {"files": dict(list(done.items())[-MAX_REMEMBERED:])} | ({} if left else marks(page))
        return Polled(self.wanted(found), seen, tuple(problems), SOON if left else None)

    async def _follow(
        self, files: Iterable[SitemapFile], done: dict[str, str], reach: Reach
    ) -> tuple[list[Found], list[str], bool]:
        """Read the files that changed, as many as one poll may; `done` is told about each."""
        queue = [(file, 1) for file in files if _changed(file, done)]
        found: list[Found] = []
        problems: list[str] = []
        later = False
        for file, depth in islice(queue, self.most_files):
            try:
                sitemap = await self._fetched(file, reach)
            except TransientError as error:
                problems.append(f"{file.url}: {error}")
                later = True
                continue
            except PermanentError as error:
                sitemap = Sitemap()
                problems.append(f"{file.url}: {error}")
            found += sitemap.found
            inner = [each for each in sitemap.files if depth < MAX_DEPTH and _changed(each, done)]
            queue += [(each, depth + 1) for each in inner]
            if not inner:  # else it is read again for those that are left
                done.pop(file.url, None)
                done[file.url] = file.stamp
        unread = any(file.stamp for file, _ in queue[self.most_files :])  # the others may always have changed
        return found, problems, later or unread

    async def _fetched(self, file: SitemapFile, reach: Reach) -> Sitemap:
        page = await reach.fetch(file.url)
        if page is None:
            raise TransientError("HTTP 304 to an unconditional request")
        return await self._read(page, reach)

    async def _read(self, page: Page, reach: Reach) -> Sitemap:
        return await reach.isolate(
            read_sitemap, page.body, page.url, page.content_type, zone=self.zone, most=MAX_ENTRIES
        )


def _changed(file: SitemapFile, done: Mapping[str, str]) -> bool:
    """New, or with another stamp; one without a stamp may have changed at any time."""
    return not file.stamp or done.get(file.url) != file.stamp
