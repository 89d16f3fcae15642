"""When to remind of a story's dates: 30, 7 and 1 days before a measure takes effect or a suspension lapses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from services.notify.fold import Decision
from services.notify.notice import meanings
from services.notify.phrases import day
from services.notify.story import Story
from shared.events.alert import Reason
from shared.events.vocabulary import Stage

DAYS_BEFORE: Final = (30, 7, 1)
AT: Final = time(7, 0, tzinfo=UTC)
"""Afternoon in Beijing, morning in Europe."""
_OVER: Final = frozenset({Stage.DROPPED, Stage.DENIED, Stage.LEFT})
DateField = Literal["effective_at", "until"]


@dataclass(frozen=True)
class Reminder:
    """One reminder that is to be sent once."""

    field: DateField
    date: date
    days: int

    @property
    def due_at(self) -> datetime:
        """When it is sent."""
        return datetime.combine(self.date - timedelta(days=self.days), AT)


def plan(story: Story, now: datetime) -> tuple[Reminder, ...]:
    """The reminders still to come. What is nearer than a reminder would be was just told with its date."""
    if not story.told or story.retracted or story.claim.stage in _OVER:
        return ()
    dates: tuple[tuple[DateField, date | None], ...] = (
        ("effective_at", story.claim.effective_at),
        ("until", story.claim.until),
    )
    wanted = [Reminder(name, on, days) for name, on in dates if on is not None for days in DAYS_BEFORE if _fits(on)]
    return tuple(reminder for reminder in wanted if reminder.due_at > now)


def choose_due(due: Sequence[Reminder], today: date) -> Reminder | None:
    """The one to send of those that fell due, perhaps while nothing ran: the nearest date, told once; None if past."""
    coming = [reminder for reminder in due if reminder.date >= today]
    return min(coming, key=lambda reminder: (reminder.date, reminder.field, reminder.days), default=None)


def remind(story: Story, reminder: Reminder, today: date) -> Decision:
    """The revision that reminds: nothing has changed but the day."""
    starts, ends = meanings(story)
    what = starts if reminder.field == "effective_at" else ends
    left = (reminder.date - today).days
    when = "Today" if left == 0 else "Tomorrow" if left == 1 else f"In {left} days"
    note = f"{when}, on {day(reminder.date)}, {what}."
    return Decision(Reason.REMINDER, replace(story, revision=story.revision + 1), note=note)


def _fits(on: date) -> bool:
    """A misread year must not overflow the calendar."""
    return date.min + timedelta(days=max(DAYS_BEFORE)) <= on
