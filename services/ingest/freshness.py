"""How long an answer stays as it is: from the headers of HTTP, and from what a feed says of itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

HEAD: Final = 64 * 1024
"""Bytes of a feed in which its channel's own settings are looked for."""
LONGEST: Final = timedelta(days=30)
_ITEM: Final = re.compile(rb"<(?:item|entry)[\s>]")
_TTL: Final = re.compile(rb"<ttl>\s{0,20}(\d{1,7})\s{0,20}</ttl>")
_PERIOD: Final = re.compile(rb"<sy:updatePeriod>\s{0,20}(hourly|daily|weekly|monthly)\s{0,20}</sy:updatePeriod>")
_FREQUENCY: Final = re.compile(rb"<sy:updateFrequency>\s{0,20}(\d{1,5})\s{0,20}</sy:updateFrequency>")
_PERIODS: Final = {b"hourly": 3600, b"daily": 86_400, b"weekly": 7 * 86_400, b"monthly": 30 * 86_400}


def stays_fresh(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What Cache-Control (or else Expires) says, less the age the answer already has. None: they say nothing."""
    directives = _directives(headers.get("cache-control", ""))
    if "no-cache" in directives or "no-store" in directives:
        return timedelta(0)
    if "max-age" in directives:
        seconds = _seconds(directives["max-age"]) - _seconds(headers.get("age", ""))
        return min(timedelta(seconds=max(0, seconds)), LONGEST)
    expires = http_date(headers.get("expires", ""))
    return min(max(expires - now, timedelta(0)), LONGEST) if expires else None


def feed_says(body: bytes) -> timedelta | None:
    """What the head of an RSS feed says: `ttl` in minutes, or the syndication module's period and frequency."""
    head = body[:HEAD]
    if item := _ITEM.search(head):
        head = head[: item.start()]
    if ttl := _TTL.search(head):
        return min(timedelta(minutes=int(ttl[1])), LONGEST)
    if period := _PERIOD.search(head):
        frequency = _FREQUENCY.search(head)
        return timedelta(seconds=_PERIODS[period[1]] / max(1, int(frequency[1]) if frequency else 1))
    return None


def wait_asked(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Retry-After, in either of its forms. None: it is missing, or says nothing that can be understood."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=int(text[:9]))
    moment = http_date(text)
    return max(moment - now, timedelta(0)) if moment else None


def http_date(text: str) -> datetime | None:
    """The moment an HTTP date stands for, None when it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _directives(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.lower().split(",")[:50])
    return {name.strip(): value.strip(' "') for name, _, value in pairs}


def _seconds(text: str) -> int:
    return int(text.strip()[:9]) if text.strip().isascii() and text.strip().isdecimal() else 0
