"""Silences: somebody has said, with name and reason, that some alerts shall wait until a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.notify.filter import Filter
from shared.events import Claim


@dataclass(frozen=True)
class Silence:
    """What is kept back, from whom (empty: from everybody), and until when. Without `since` it holds at once."""

    id: str
    matchers: Filter
    author: str
    reason: str
    until: datetime
    since: datetime | None = None
    subscribers: frozenset[str] = frozenset()

    def in_force(self, now: datetime) -> bool:
        """Whether it has begun and not ended."""
        return now < self.until and (self.since is None or self.since <= now)

    def concerns(self, subscriber_id: str) -> bool:
        """Whether alerts to this subscriber may be kept back."""
        return not self.subscribers or subscriber_id in self.subscribers


def silence_of(silences: Iterable[Silence], claim: Claim, subscriber_id: str, now: datetime) -> Silence | None:
    """The silence that keeps the alert back longest, None if none does."""
    holding = [
        it for it in silences if it.in_force(now) and it.concerns(subscriber_id) and it.matchers.mismatch(claim) is None
    ]
    return max(holding, key=lambda it: it.until, default=None)
