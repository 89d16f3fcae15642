"""When a failed delivery is tried again: a fixed schedule with a jitter that is the same in every process. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from services.notify.outcome import Answer, Verdict

SCHEDULE: Final = tuple(timedelta(seconds=seconds) for seconds in (0, 5, 30, 120, 300, 1800, 7200, 18000, 36000, 36000))
"""Pause before the 1st, 2nd … attempt."""
JITTER: Final = 0.2
MAX_RETRY_AFTER: Final = timedelta(hours=10)
MAX_HOLD: Final = timedelta(minutes=2)
"""How long a throttled subscriber is left alone when it asked for no time: its newest alert must not wait for the
schedule of its oldest one."""


@dataclass(frozen=True)
class Next:
    """What happens after an attempt. `at` None: no further attempt. `hold_until`: nothing to this subscriber before."""

    at: datetime | None
    hold_until: datetime | None = None


def after(answer: Answer, verdict: Verdict, *, delivery_id: str, attempt: int, now: datetime) -> Next:
    """What follows the `attempt`-th attempt (counted from 1), which ended with `answer` at `now`."""
    if verdict not in (Verdict.RETRY, Verdict.THROTTLE):
        return Next(None)
    asked = min(timedelta(seconds=answer.retry_after or 0), MAX_RETRY_AFTER)
    planned = pause(delivery_id, attempt + 1)
    hold = asked or min(planned or MAX_HOLD, MAX_HOLD)
    return Next(
        at=None if planned is None else now + max(planned, asked),
        hold_until=now + hold if verdict == Verdict.THROTTLE else None,
    )


def pause(delivery_id: str, attempt: int) -> timedelta | None:
    """The pause before the `attempt`-th attempt, ±20 %; None when the schedule has no such attempt."""
    if attempt > len(SCHEDULE):
        return None
    digest = hashlib.sha256(f"{delivery_id}.{attempt}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 0xFFFFFFFF
    return SCHEDULE[attempt - 1] * (1 - JITTER + 2 * JITTER * share)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date. None when it is neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
