"""Reading the date of an article: ISO 8601, RFC 2822 and YYYYMMDD. A time without a zone is UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

ACCEPTED: Final = "ISO 8601 (2026-02-12T09:00:00+08:00), RFC 2822, or YYYYMMDD"
EASTERNMOST: Final = timedelta(hours=14)
"""How far ahead of UTC a local time can be."""
_SPACED_ZONE: Final = re.compile(r"(\d)\s+([+-]\d{2}:?\d{2}|Z)$")
_YEARS: Final = range(1900, 2200)
_FORMATS: Final[tuple[Callable[[str], datetime], ...]] = (datetime.fromisoformat, parsedate_to_datetime)


@dataclass(frozen=True)
class Moment:
    """A time as published, in UTC. `zoned` is False for a bare day or a time without a zone."""

    at: datetime
    zoned: bool = True

    def seen_at(self, fetched_at: datetime) -> datetime:
        """The time as far as it can be true for an article fetched at `fetched_at`.

        A bare day or local time from Asia lies hours ahead once it is read as UTC; it cannot be later than
        the moment the article was seen. A time with a zone is left alone, however odd it is.
        """
        ahead = self.at - fetched_at
        local = not self.zoned and timedelta(0) < ahead <= EASTERNMOST
        return fetched_at if local else self.at


def parse_time(value: str) -> Moment | None:
    """The moment, or None when `value` is no date in one of the accepted forms."""
    text = _SPACED_ZONE.sub(r"\1\2", value.strip())
    for read in _FORMATS:
        try:
            time = read(text)
            utc = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError, IndexError, TypeError):
            continue
        return Moment(utc, zoned=time.tzinfo is not None) if utc.year in _YEARS else None
    return None
