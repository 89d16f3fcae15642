"""Reading an API page by page: how far a round has come, and whether another page is worth asking for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from services.ingest.found import Found
from shared.ids import stable_id

REMEMBERED: Final = 200
"""Entries of the last round by which a page is known to bring nothing new."""


@dataclass(frozen=True)
class Round:
    """Pages read so far, the way to the next, the newest date and the entries seen on them."""

    pages: int = 0
    next: str | None = None
    newest: datetime | None = None
    keys: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """What `stored` says; an empty mapping is a new round."""
        newest = stored.get("newest")
        return cls(
            pages=stored.get("pages", 0),
            next=stored.get("next"),
            newest=datetime.fromisoformat(newest) if newest else None,
            keys=tuple(stored.get("keys", ())),
        )

    def stored(self) -> dict[str, Any]:
        """The round as JSON can hold it."""
        newest = self.newest.isoformat() if self.newest else None
        return {"pages": self.pages, "next": self.next, "newest": newest, "keys": list(self.keys)}

    def with_page(self, found: Sequence[Found], following: str | None, at: datetime | None) -> Self:
        """The round after one more page, read at `at`. A date in the future would have us skip what comes before it."""
        told = [item.published.at for item in found if item.published]
        dates = [date for date in told if at is None or date <= at]
        newest = max([*dates, *([self.newest] if self.newest else [])], default=None)
        keys = (*self.keys, *map(key_of, found))[:REMEMBERED]
        return type(self)(self.pages + 1, following, newest, keys)


def brings_news(found: Sequence[Found], round_: Round, seen: Collection[str]) -> bool:
    """Whether the page after one with these entries may hold something new.

    Not when this page has an entry of the last round: lists are in order, so what follows is known. Nor when it
    repeats this round's own, as services do whose paging is broken.
    """
    keys = set(map(key_of, found))
    return bool(keys - set(round_.keys)) and not keys & set(seen)


def key_of(found: Found) -> str:
    """What an entry is known by from one round to the next."""
    return stable_id("seen", found.url or found.client_id or found.title)[-16:]
