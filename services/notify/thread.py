"""The thread a story has at a place, and the port behind which threads are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Thread:
    """The message a story has at a place, and what its readers know.

    `channel` and `ts` are the receiver's names for it. Revision `begun` was posted, `told` is the newest one told,
    by delivery `delivery_id`.
    """

    story_id: str
    place: str
    channel: str
    ts: str
    begun: int
    told: int
    delivery_id: str


class Threads(Protocol):
    """Where threads are kept."""

    async def find(self, story_id: str, place: str) -> Thread | None:
        """The thread of a story at a place."""
        ...

    async def keep(self, thread: Thread, at: datetime) -> None:
        """Write the thread; a newer revision is never replaced by an older one."""
        ...

    async def forget(self, story_id: str, place: str) -> None:
        """Drop the thread: its message is gone."""
        ...
