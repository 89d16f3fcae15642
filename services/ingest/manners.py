"""How a source wants to be treated: how often it is polled, when faster, and how its host is spared."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from pydantic import BeforeValidator, Field, field_validator, model_validator

from shared.config.validate import Strict

SHORTEST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(days=365)
HOST_GAP: Final = timedelta(seconds=1)
"""Between two requests to one host, unless its source or its robots.txt asks for more."""
LONGEST_GAP: Final = timedelta(seconds=60)
SLOWER: Final = 4
"""A source that publishes seldom is polled at most this many times less often than its interval says."""
LONGEST_SLOWER: Final = timedelta(hours=1)
LONGEST_WINDOW: Final = timedelta(days=7)
_DURATION: Final = re.compile(r"(\d{1,6})\s*(ms|s|m|h|d)")
_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def read_duration(value: object) -> timedelta:
    """`500ms`, `30s`, `5m`, `1h` or `1d` as a duration.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("expected a duration such as `30s`, `5m` or `1h`")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def read_interval(value: object) -> timedelta:
    """A duration of at least 5 seconds.

    Raises:
        ValueError: it is none, or shorter.
    """
    duration = read_duration(value)
    if not SHORTEST <= duration <= LONGEST:
        raise ValueError("expected at least 5s, and at most 365d")
    return duration


Interval = Annotated[timedelta, BeforeValidator(read_interval)]
Duration = Annotated[timedelta, BeforeValidator(read_duration)]


class Window(Strict):
    """A time in which a source is polled faster, such as a ministry's weekly briefing.

    `start` is a cron line (minute hour day month weekday; weekdays by name) in `timezone`.
    """

    start: str
    lasts: Duration
    every: Interval
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError("expected a time zone such as `Asia/Shanghai`") from error
        return value

    @model_validator(mode="after")
    def _sensible(self) -> Window:
        weekday = self.start.split()[-1] if self.start.split() else ""
        if any(character.isdigit() for character in weekday):
            raise ValueError("start: weekdays are written by name (mon to sun): cron dialects count them differently")
        try:
            _trigger(self.start, self.timezone)
        except (ValueError, IndexError) as error:
            raise ValueError("start: expected a cron line of five fields, such as `0 14 * * thu`") from error
        if not self.every <= self.lasts <= LONGEST_WINDOW:
            raise ValueError("lasts: expected at least `every`, and at most 7d")
        return self

    def is_open(self, now: datetime) -> bool:
        """Whether `now` lies in the window."""
        began = self.next_start(now - self.lasts)
        return began is not None and began <= now

    def next_start(self, now: datetime) -> datetime | None:
        """When the window opens next, after `now`; None when it never does."""
        start: Any = _trigger(self.start, self.timezone).get_next_fire_time(None, now + timedelta(microseconds=1))
        return start.astimezone(now.tzinfo) if start else None


@lru_cache(maxsize=4096)
def _trigger(cron: str, timezone: str) -> Any:
    return CronTrigger.from_crontab(cron, timezone=ZoneInfo(timezone))


class Manners(Strict):
    """The part of a source's entry that is about timing and politeness."""

    interval: Interval = timedelta(minutes=5)
    max_interval: Interval | None = None
    windows: tuple[Window, ...] = Field(default=(), max_length=8)
    host_gap: Duration = HOST_GAP
    ignore_robots: str | None = Field(default=None, min_length=10, max_length=300)
    silent_after: Interval | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Manners:
        if self.max_interval is not None and self.max_interval < self.interval:
            raise ValueError("max_interval: expected at least `interval`")
        if self.host_gap > LONGEST_GAP:
            raise ValueError("host_gap: expected at most 60s")
        return self

    @property
    def ceiling(self) -> timedelta:
        """The longest time between two polls while all is well."""
        return self.max_interval or max(self.interval, min(SLOWER * self.interval, LONGEST_SLOWER))
