"""What an alert means for a subscriber: told now, later or not, for a reason from a closed list. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.notify.lanes import Lane
from shared.events import Alert


class Course(StrEnum):
    """Why a subscriber is told now, later, or not."""

    AT_ONCE = "at_once"
    GROUPED = "grouped"
    DIGEST = "digest"
    QUIET_HOURS = "quiet_hours"
    SILENCED = "silenced"
    RATE_CAPPED = "rate_capped"
    FILTERED = "filtered"
    SWITCHED_OFF = "switched_off"
    NEVER_TOLD = "never_told"


NOT_TOLD: Final = frozenset({Course.FILTERED, Course.SWITCHED_OFF, Course.NEVER_TOLD})


@dataclass(frozen=True)
class Route:
    """What one alert means for one subscriber. `due_at` is None for those who are not told.

    `detail` is the field of the filter that disagrees, or the id of the silence.
    """

    course: Course
    lane: Lane
    due_at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True)
class Standing:
    """What there is between us and a subscriber when an alert comes.

    `told` of an earlier revision, or one of them `awaits` its time; grouped alerts are told at `waiting`, the last
    group was at `flushed`, the last messages were at `recent`.
    """

    told: bool = False
    awaits: bool = False
    waiting: datetime | None = None
    flushed: datetime | None = None
    recent: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Held:
    """An alert that waits for its time."""

    alert: Alert
    course: Course
    due_at: datetime
    detail: str = ""


@dataclass(frozen=True)
class Release:
    """What comes of the alerts that wait: those told now, and those that go on waiting."""

    tell: tuple[Held, ...] = ()
    wait: tuple[Held, ...] = ()
