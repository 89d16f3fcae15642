"""Is an article young enough to be collected? The decision, and the closed words that say why. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MAX_AHEAD: Final = timedelta(hours=1)
"""How wrong a publisher's clock may be before its date counts as one in the future."""


class Age(StrEnum):
    """What an article's date says of it."""

    FRESH = "fresh"
    TOO_OLD = "too_old"
    NO_DATE = "no_date"
    IN_THE_FUTURE = "in_the_future"


def age_of(published_at: datetime | None, *, fetched_at: datetime, max_age: timedelta | None) -> Age:
    """The age at collection. Without `max_age` nothing is too old."""
    if published_at is None:
        return Age.NO_DATE
    if published_at - fetched_at > MAX_AHEAD:
        return Age.IN_THE_FUTURE
    too_old = max_age is not None and fetched_at - published_at > max_age
    return Age.TOO_OLD if too_old else Age.FRESH
