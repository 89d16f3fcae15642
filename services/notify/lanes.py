"""How soon a subscriber is told: at once, with what else comes within minutes, or in a digest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from services.notify.localtime import local_day, moment
from services.notify.quiet import QuietHours, quiet_until
from shared.events.vocabulary import Severity

GROUP_WAIT: Final = timedelta(seconds=30)
GROUP_INTERVAL: Final = timedelta(minutes=5)
WORKDAYS: Final = frozenset(range(5))


class Lane(StrEnum):
    """How soon."""

    URGENT = "urgent"
    NORMAL = "normal"
    DIGEST = "digest"


@dataclass(frozen=True)
class Digest:
    """When digests go out: minutes after midnight on some days of the week, 0 for Monday."""

    at: tuple[int, ...] = (8 * 60,)
    days: frozenset[int] = WORKDAYS

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The next one later than `now`, in UTC."""
        today = local_day(now, zone)
        days = (today + timedelta(days=ahead) for ahead in range(-1, 9))
        times = (moment(day, at, zone) for day in days if day.weekday() in self.days for at in self.at)
        return min(time for time in times if time > now)


@dataclass(frozen=True)
class Rate:
    """At most `messages` within `per`."""

    messages: int
    per: timedelta

    def free_at(self, recent: Sequence[datetime], now: datetime) -> datetime | None:
        """When the next message may go, None for now. `recent` are the times of the last messages, in any order."""
        within = sorted(at for at in recent if at > now - self.per)
        return within[-self.messages] + self.per if len(within) >= self.messages else None


@dataclass(frozen=True)
class Timing:
    """The lane of a subscriber and what may put an alert on another one.

    Alerts of `urgent_from` and above are urgent on every lane; None for none.
    """

    lane: Lane = Lane.URGENT
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    urgent_from: Severity | None = Severity.CRITICAL
    group_wait: timedelta = GROUP_WAIT
    group_interval: timedelta = GROUP_INTERVAL
    digest: Digest = Digest()
    quiet: tuple[QuietHours, ...] = ()
    rate: Rate | None = None

    def lane_of(self, severity: Severity) -> Lane:
        """The lane of an alert of this severity."""
        return Lane.URGENT if _reaches(severity, self.urgent_from) else self.lane

    def quiet_for(self, severity: Severity, now: datetime) -> datetime | None:
        """Until when quiet hours keep an alert of this severity back, None if they do not.

        They are of the normal lane: what is urgent disturbs, and a digest comes when it was asked for.
        """
        if self.lane_of(severity) != Lane.NORMAL:
            return None
        return quiet_until([it for it in self.quiet if not _reaches(severity, it.bypass)], self.zone, now)


def group_due(timing: Timing, now: datetime, *, waiting: datetime | None, flushed: datetime | None) -> datetime:
    """When an alert on the normal lane is told.

    Args:
        timing: of its subscriber.
        now: the present.
        waiting: when the alerts that wait already are told; a new one goes with them.
        flushed: when the last group was told.
    """
    if waiting is not None:
        return max(now, waiting)
    soon = now + timing.group_wait
    return max(soon, flushed + timing.group_interval) if flushed else soon


def _reaches(severity: Severity, least: Severity | None) -> bool:
    return least is not None and severity.rank >= least.rank
