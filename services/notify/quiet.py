"""Quiet hours: when a subscriber does not want to be disturbed, by the clocks where it lives. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.notify.localtime import local_day, moment
from shared.events.vocabulary import Severity

EVERY_DAY: Final = frozenset(range(7))
LONGEST: Final = timedelta(days=8)
"""Quiet hours that follow one another for longer are no hours but an end; the file refuses them."""


@dataclass(frozen=True)
class QuietHours:
    """From `start` to `end`, minutes after midnight; over midnight when `end` is not later.

    `days` are those on which they begin, 0 for Monday. Alerts of `bypass` and above disturb; None for none.
    """

    start: int
    end: int
    days: frozenset[int] = EVERY_DAY
    bypass: Severity | None = Severity.CRITICAL

    def around(self, now: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """Beginning and end of those that might hold `now`, in UTC."""
        today = local_day(now, zone)
        length = self.end if self.end > self.start else self.end + 24 * 60
        for day in (today - timedelta(days=1), today):
            if day.weekday() in self.days:
                yield moment(day, self.start, zone), moment(day, length, zone)


def quiet_until(windows: Sequence[QuietHours], zone: ZoneInfo, now: datetime) -> datetime | None:
    """When it will no longer be quiet, None if it is not quiet `now`. Windows that touch are one."""
    until = now
    while until - now < LONGEST:
        ends = [end for it in windows for start, end in it.around(until, zone) if start <= until < end]
        if not ends:
            break
        until = max(ends)
    return until if until > now else None
