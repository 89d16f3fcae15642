"""When to poll a source next, and why then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.ingest.manners import Manners

MAX_BACKOFF: Final = timedelta(days=1)
"""A source that fails for good is still tried this often, unless its own interval is longer."""
MAX_RETRY_AFTER: Final = timedelta(hours=24)
JITTER: Final = 0.15
"""Share of a wait that is added at most, so that sources do not move in step."""
POLLS_A_GAP: Final = 10
"""Polls between two new items of a source that publishes evenly."""


class Pace(StrEnum):
    """What decided when the next poll is."""

    INTERVAL = "interval"
    SELDOM_NEW = "seldom_new"
    WINDOW = "window"
    STILL_FRESH = "still_fresh"
    MORE_TO_COME = "more_to_come"
    BACKOFF = "backoff"
    RETRY_AFTER = "retry_after"


@dataclass(frozen=True)
class Due:
    """When the next poll is, and what decided it."""

    at: datetime
    pace: Pace


def next_poll(  # noqa: PLR0913 - each one is a fact that may decide
    now: datetime,
    manners: Manners,
    *,
    failures: int = 0,
    retry_after: timedelta | None = None,
    again_in: timedelta | None = None,
    fresh_for: timedelta | None = None,
    usual_gap: timedelta | None = None,
    chance: float = 0.0,
) -> Due:
    """When to poll again.

    Args:
        now: when this poll ended.
        manners: interval, its ceiling, and faster windows.
        failures: polls that failed since the last one that went well; each doubles the wait.
        retry_after: what a failing server asked for; never shortens the wait.
        again_in: a source that knows there is more says so.
        fresh_for: how long the server or the feed says that its answer stays as it is.
        usual_gap: time that usually passes between two new items.
        chance: 0..1, drawn by the caller.
    """
    if again_in is not None and not failures:
        return Due(now + min(again_in, manners.interval), Pace.MORE_TO_COME)
    every = min((window.every for window in manners.windows if window.is_open(now)), default=None)
    if failures:
        wait, pace = _backoff(every or manners.interval, failures, retry_after)
    elif every is not None:
        wait, pace = min(every, manners.interval), Pace.WINDOW
    else:
        wait, pace = _steady(manners, fresh_for, usual_gap)
    due = Due(now + wait * (1 + JITTER * chance), pace)
    return due if pace is Pace.RETRY_AFTER else _not_past_a_window(due, now, manners, chance)


def _backoff(interval: timedelta, failures: int, retry_after: timedelta | None) -> tuple[timedelta, Pace]:
    wait = max(interval, min(interval * 2 ** min(failures, 14), MAX_BACKOFF))
    asked = min(retry_after or timedelta(0), MAX_RETRY_AFTER)
    return (asked, Pace.RETRY_AFTER) if asked > wait else (wait, Pace.BACKOFF)


def _steady(manners: Manners, fresh_for: timedelta | None, usual_gap: timedelta | None) -> tuple[timedelta, Pace]:
    """Between the interval and its ceiling: slower where news is rare, or the answer is said to stay as it is."""
    wait, pace = manners.interval, Pace.INTERVAL
    seldom = min((usual_gap or timedelta(0)) / POLLS_A_GAP, manners.ceiling)
    if seldom > wait:
        wait, pace = seldom, Pace.SELDOM_NEW
    fresh = min(fresh_for or timedelta(0), manners.ceiling)
    return (fresh, Pace.STILL_FRESH) if fresh > wait else (wait, pace)


def _not_past_a_window(due: Due, now: datetime, manners: Manners, chance: float) -> Due:
    starts = [(start, window) for window in manners.windows if (start := window.next_start(now))]
    if not starts:
        return due
    start, window = min(starts, key=lambda pair: pair[0])
    start += window.every * (JITTER * chance)
    return Due(start, Pace.WINDOW) if start < due.at else due
