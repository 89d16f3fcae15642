"""Feeds: RSS 0.9x to 2.0, Atom and RDF.

What it does: fetches the feed only when it changed (ETag, Last-Modified), takes each entry's title, summary
or content, dates and link. With `full_text: true` the page of each new entry is fetched and its text taken.
When to use it: wherever a feed exists; it is the cheapest way to watch a site.
Example: `{id: wto-news, type: rss, url: "https://www.wto.org/library/rss/latest_news_e.xml", tier: 1}`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from services.ingest.parsers.feed import feed_entries
from services.ingest.ports import Reach
from services.ingest.source import Cursor, Polled
from services.ingest.websource import MAX_ENTRIES, WebSource, marks


class Source(WebSource):
    """A feed at a URL."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {
        "id": "ministry-news",
        "type": "rss",
        "url": "https://ministry.example/news.rss",
        "tier": 1,
        "lang": "en",
        "interval": "5m",
        "full_text": True,
    }

    type: Literal["rss"]

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """See `ConfiguredSource.poll`."""
        page = await self.changed(cursor, reach)
        if page is None:
            return Polled(cursor=cursor)
        found = await reach.isolate(
            feed_entries, page.body, page.url, page.content_type, zone=self.zone, most=MAX_ENTRIES
        )
        return Polled(self.wanted(found), marks(page))
