"""Wall clocks of people: a local date and time as a moment, whatever summer time does to that day. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT_AFTER: Final = "24:00"


def moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """When the clocks of `zone` show `minutes` after midnight of `day`, in UTC; 1440 is the next midnight.

    A time that the clocks skip is read as if they had not been changed yet (02:30 becomes 03:30), one that they show
    twice is the first.
    """
    whole, rest = divmod(minutes, 24 * 60)
    at = datetime.combine(day + timedelta(days=whole), time(*divmod(rest, 60)), zone)
    return at.astimezone(UTC)


def local_day(now: datetime, zone: ZoneInfo) -> date:
    """The date on the calendars of `zone`."""
    return now.astimezone(zone).date()


def minutes_of(text: str) -> int:
    """Minutes after midnight of `07:30`, up to `24:00`.

    Raises:
        ValueError: it is no such time.
    """
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(hours) <= 2 and len(minutes) == 2):
        raise ValueError('expected a time such as "07:30", in quotes')
    if int(minutes) > 59 or int(hours) * 60 + int(minutes) > 24 * 60:
        raise ValueError('expected a time between "00:00" and "24:00"')
    return int(hours) * 60 + int(minutes)
