"""A canary: a made-up article sent through the whole pipeline, to see whether it comes out at the other end.

What it does: publishes one article at each interval, which the shipped rule `canary` flags with a kind of its own. Only
subscribers whose filter names the kind `canary` are told. The next poll looks whether somebody took the message; if
nobody did, the poll counts as failed, and the third in a row raises `orewire.source.unhealthy.<id>`.
When to use it: where silence must not be mistaken for calm. Have one subscriber with `filter: {kind: canary}`.
Example: `{id: canary, type: canary, interval: 5m}`
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, Literal

from services.ingest.dates import Moment
from services.ingest.found import Found
from services.ingest.novelty import identity
from services.ingest.ports import Arrivals, Reach
from services.ingest.source import ConfiguredSource, Cursor, Polled
from shared.errors import PermanentError

ADDRESS: Final = "https://canary.invalid/{}"
"""Where no page can ever be (RFC 2606)."""
TITLE: Final = "orewire canary of {}"
TEXT: Final = "This orewire canary shows that news comes through. Nobody has restricted anything."


class Source(ConfiguredSource):
    """A source that makes its own articles."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {"id": "canary", "type": "canary", "interval": "5m"}

    type: Literal["canary"]

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """See `ConfiguredSource.poll`."""
        if reach.arrivals is None:
            raise PermanentError("refused", "a canary is sent by a running ingest, not by a probe")
        lost = await _lost(cursor, reach.arrivals)
        at = reach.arrivals.now()
        sent = at.isoformat(timespec="seconds")
        found = Found(title=TITLE.format(sent), text=TEXT, url=ADDRESS.format(sent), published=Moment(at), lang="en")
        return Polled((found,), {"sent": sent}, failed=lost)


async def _lost(cursor: Cursor, arrivals: Arrivals) -> str:
    """What to tell when the last canary did not come through; an empty text if it did, or if there was none."""
    sent = cursor.get("sent")
    if not sent:
        return ""
    article = identity(url=ADDRESS.format(sent), client_id=None, text="")
    if await arrivals.arrived(article, since=datetime.fromisoformat(sent)):
        return ""
    return f"the canary of {sent} was delivered to nobody: see whether classify, notify and its subscriber are well"
