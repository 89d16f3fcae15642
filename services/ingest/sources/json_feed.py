"""JSON Feeds, version 1 and 1.1.

What it does: fetches the feed only when it changed (ETag, Last-Modified), takes each item's title, text, dates
and address. With `full_text: true` the page of each new item is fetched and its text taken.
When to use it: where a site offers JSON Feed; feeds in XML are of type `rss`.
Example: `{id: trade-notes, type: json_feed, url: "https://notes.example/feed.json", tier: 3}`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from services.ingest.parsers.jsonfeed import json_feed_entries
from services.ingest.ports import Reach
from services.ingest.source import Cursor, Polled
from services.ingest.websource import MAX_ENTRIES, WebSource, marks


class Source(WebSource):
    """A JSON Feed at a URL."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {
        "id": "trade-notes",
        "type": "json_feed",
        "url": "https://notes.example/feed.json",
        "tier": 3,
        "interval": "15m",
    }

    type: Literal["json_feed"]

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """See `ConfiguredSource.poll`."""
        page = await self.changed(cursor, reach)
        if page is None:
            return Polled(cursor=cursor)
        found = await reach.isolate(
            json_feed_entries, page.body, page.url, page.content_type, zone=self.zone, most=MAX_ENTRIES
        )
        return Polled(self.wanted(found), marks(page))
