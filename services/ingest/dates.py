"""The date of an article: read from what a feed, a page or a reader sees, placed in its zone, believed or not.

A time without a zone is in the zone of its source (UTC, unless configured). There is no such thing as a
default date: what cannot be read, or cannot be true, is no date.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

ACCEPTED: Final = "ISO 8601 (2026-02-12T09:00:00+08:00), RFC 2822, or YYYYMMDD"
EASTERNMOST: Final = timedelta(hours=14)
"""How far ahead of UTC a local time can be."""
SKEW: Final = timedelta(hours=1)
"""How far ahead of ours the clock of a publisher may be; notify lets no later article alert."""
OLDEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing was published on the web before; dates such as 1970-01-01 are a program's zero."""
LONGEST: Final = 64
"""Characters of a date; more is something else."""
_YEARS: Final = range(1900, 2200)
_SPACED_ZONE: Final = re.compile(r"(\d)\s+([+-]\d{2}:?\d{2}|Z)$")
_NAMED_ZONE: Final = re.compile(r"\s\(?([A-Z]{3,4})\)?$")
_HOURS: Final = {"JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "MYT": 8, "WIB": 7, "MSK": 3, "EAT": 3, "CAT": 2}
_HOURS_SUMMER: Final = {"CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "BST": 1, "AEST": 10, "AEDT": 11, "BRT": -3}
_ZONES: Final = {name: timezone(timedelta(hours=hours)) for name, hours in (_HOURS | _HOURS_SUMMER).items()}
"""Abbreviations with one meaning in the news; the American ones are known to RFC 2822, IST has three."""
_BEIJING: Final = timedelta(hours=8)


class Undated(StrEnum):
    """Why a date that was told is none."""

    FUTURE = "future_date"
    ABSURD = "absurd_date"


@dataclass(frozen=True)
class Moment:
    """A time as published, in UTC. `zoned` is False for a bare day or a time whose zone nobody told."""

    at: datetime
    zoned: bool = True

    def seen_at(self, fetched_at: datetime) -> datetime | Undated:
        """The time as far as it can be true for an article fetched at `fetched_at`, or why it cannot.

        A bare day or local time from Asia lies hours ahead once it is read as UTC; it cannot be later than
        the moment the article was seen.
        """
        ahead = self.at - fetched_at
        if self.at < OLDEST:
            return Undated.ABSURD
        if not self.zoned and timedelta(0) < ahead <= EASTERNMOST:
            return fetched_at
        return self.at if ahead <= SKEW else Undated.FUTURE


def zone_named(name: str) -> tzinfo:
    """The zone of an IANA name. `UTC` is what nobody said, so its times count as without a zone."""
    return UTC if name == "UTC" else ZoneInfo(name)


def parse_time(value: str, zone: tzinfo = UTC, *, pattern: str | None = None) -> Moment | None:
    """The moment, or None when `value` is no date in one of the accepted forms.

    Args:
        value: the date as written.
        zone: where a time without a zone was written.
        pattern: a `strptime` format; then no other form is tried.
    """
    text = value.strip()
    if not text or len(text) > LONGEST:
        return None
    if pattern is not None:
        return _moment(lambda given: datetime.strptime(given, pattern), text, zone)  # noqa: DTZ007 - placed below
    spaced = _SPACED_ZONE.sub(r"\1\2", text)
    return _moment(datetime.fromisoformat, spaced, zone) or _moment(_rfc, text, _abbreviated(text, zone))


def from_epoch(seconds: float) -> Moment | None:
    """The moment of a Unix time in seconds or, from the year 5000 on, in milliseconds."""
    try:
        at = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return Moment(at) if at.year in _YEARS else None


def _rfc(text: str) -> datetime:
    """RFC 2822. An abbreviation it does not know leaves the time without a zone."""
    time = parsedate_to_datetime(text)
    named = _NAMED_ZONE.search(text)
    ambiguous = named is not None and named[1] in {*_ZONES, "CST"}  # `CST` is China's in China
    return time.replace(tzinfo=None) if ambiguous and named else time


def _abbreviated(text: str, zone: tzinfo) -> tzinfo:
    named = _NAMED_ZONE.search(text)
    if named is None:
        return zone
    if named[1] == "CST":
        return zone if zone.utcoffset(datetime(2026, 1, 1)) == _BEIJING else timezone(timedelta(hours=-6))  # noqa: DTZ001
    return _ZONES.get(named[1], zone)


def _moment(read: Callable[[str], datetime], text: str, zone: tzinfo) -> Moment | None:
    try:
        time = read(text)
        utc = (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    if utc.year not in _YEARS:
        return None
    placed = time.tzinfo is not None or (zone is not UTC and time.time() != _MIDNIGHT)
    return Moment(utc, zoned=placed)


_MIDNIGHT: Final = datetime.min.time()
"""What a bare day reads as; whoever publishes at midnight sharp loses nothing by being taken for one."""
