"""Dates as readers see them, somewhere in a line: `2026年2月12日 09:30`, `Feb. 12, 2026`, `12 février 2026`.

All-number forms such as 03/04/2026 are left alone: nobody can tell the month. A source says `date_format`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from services.ingest.dates import Moment

LOOKED_AT: Final = 400
"""Characters of a line in which its date is sought."""
_MONTHS: Final = (
    "january jan januari januar janvier janv enero ene janeiro",
    "february feb februari februar fevrier fevr febrero fevereiro fev",
    "march mar maret marz mars marzo marco",
    "april apr avril avr abril abr",
    "may mei mai mayo maio",
    "june jun juni juin junio junho",
    "july jul juli juillet juil julio julho",
    "august aug agustus aout agosto agu ago",
    "september sep sept septembre septiembre setembro set",
    "october oct oktober okt octobre octubre outubro out",
    "november nov novembre noviembre novembro",
    "december dec desember dezember dez des decembre diciembre dic dezembro",
)
_NUMBER: Final = {name: month for month, names in enumerate(_MONTHS, 1) for name in names.split()}
_PLAIN_LETTERS: Final = str.maketrans("éèûäç", "eeuac")
_NAME: Final = "(?P<name>" + "|".join(sorted(_NUMBER, key=len, reverse=True)) + r")\b\.?"
_CLOCK: Final = (
    r"(?:[\sT,，|]*(?:at |um |a )?(?P<part>[上下]午|午[前後]|오[전후])?\s?"
    r"(?P<hour>[012]?\d)(?:[:：]|时|時|시 ?)(?P<minute>[0-5]\d)"
    r"(?:(?:[:：]|分|분 ?)(?P<second>[0-5]\d))?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s*(?P<zone>Z\b|UTC\b|GMT\b|[+-][01]\d:?[0-5]\d))?)?"
)
_DAY: Final = r"(?P<day>[0-3]?\d)"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\d){_YEAR}\s*(?:年|년)\s*(?P<month>[01]?\d)\s*(?:月|월)\s*{_DAY}\s*(?:日|일)?{_CLOCK}",
        rf"(?<!\d){_YEAR}([-/.])(?P<month>[01]?\d)\2{_DAY}(?!\d){_CLOCK}",
        rf"(?<![\d-]){_DAY}(?:st|nd|rd|th|er|\.|º)?(?:\s+de)?[\s-]+{_NAME}(?:\s+de)?,?[\s-]+{_YEAR}{_CLOCK}",
        rf"\b{_NAME}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}{_CLOCK}",
    )
)


_AFTERNOON: Final = {"p", "P", "下午", "午後", "오후"}


def find_time(text: str, zone: tzinfo = UTC) -> Moment | None:
    """The first date in the text; a time of day counts when it stands right behind it."""
    line = " ".join(text[:LOOKED_AT].split()).translate(_PLAIN_LETTERS)
    found = sorted(_matches(line), key=lambda match: match.start())
    for match in found:
        moment = _moment(match, zone)
        if moment is not None:
            return moment
    return None


def _matches(line: str) -> Iterator[re.Match[str]]:
    for form in _FORMS:
        match = form.search(line)
        if match is not None:
            yield match


def _moment(match: re.Match[str], zone: tzinfo) -> Moment | None:
    part = match.groupdict()
    month = int(part["month"]) if part.get("month") else _NUMBER[part["name"].lower()]
    told = _zone(part["zone"])
    try:
        day = datetime(int(part["year"]), month, int(part["day"]), tzinfo=told or zone)
        timed = day + _clock(part) if part["hour"] else day
        return Moment(timed.astimezone(UTC), zoned=bool(part["hour"]) and (told is not None or zone is not UTC))
    except (ValueError, OverflowError):
        return None


def _clock(part: dict[str, str | None]) -> timedelta:
    hour = int(part["hour"] or 0)
    half = part["half"] or part["part"]
    if half:
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    return timedelta(hours=hour, minutes=int(part["minute"] or 0), seconds=int(part["second"] or 0))


def _zone(told: str | None) -> tzinfo | None:
    if told is None:
        return None
    if told.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    sign = -1 if told[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(told[1:3]), minutes=int(told[-2:])))
