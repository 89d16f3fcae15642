"""When to poll a source next: its interval, backing off while it fails."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

MAX_BACKOFF: Final = timedelta(hours=1)
"""A failing source is still tried this often, unless its own interval is longer."""
MAX_RETRY_AFTER: Final = timedelta(hours=24)
JITTER: Final = 0.1


def next_poll(
    now: datetime,
    *,
    interval: timedelta,
    failures: int = 0,
    retry_after: timedelta | None = None,
    again_in: timedelta | None = None,
    chance: float = 0.0,
) -> datetime:
    """When to poll again.

    Args:
        now: when this poll ended.
        interval: time between two polls of a source that is well.
        failures: polls that failed since the last one that went well; each doubles the wait.
        retry_after: what a failing server asked for; never shortens the wait.
        again_in: a source that knows there is more says so.
        chance: 0..1, drawn by the caller; adds up to a tenth, so that sources do not move in step.
    """
    if again_in is not None and not failures:
        return now + min(again_in, interval)
    wait = interval
    if failures:
        wait = max(interval, min(interval * 2 ** min(failures, 16), MAX_BACKOFF))
        wait = max(wait, min(retry_after or timedelta(0), MAX_RETRY_AFTER))
    return now + wait * (1 + JITTER * chance)
