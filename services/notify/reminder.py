"""When to remind of a story's dates: 30, 7 and 1 days before a measure takes effect or a suspension lapses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from services.notify.fold import Decision
from services.notify.notice import meanings
from services.notify.phrases import day
from services.notify.standing import is_talk
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


def plan(story: Story) -> tuple[Reminder, ...]:
    """All reminders of the story's dates, those of days that have passed too. Mere talk takes no effect on any day."""
    stage = story.claim.stage
    if not story.told or story.retracted or stage in _OVER or is_talk(stage):
        return ()
    dates: tuple[tuple[DateField, date | None], ...] = (
        ("effective_at", story.claim.effective_at),
        ("until", story.claim.until),
    )
    return tuple(Reminder(name, on, days) for name, on in dates if on is not None and _fits(on) for days in DAYS_BEFORE)


def choose_due(due: Sequence[Reminder], today: date) -> tuple[Reminder, ...]:
    """Those to send of what fell due, perhaps while nothing ran: each coming date once, the nearest first."""
    nearest: dict[tuple[DateField, date], Reminder] = {}
    for reminder in sorted(due, key=lambda it: it.days, reverse=True):
        if reminder.date >= today:
            nearest[reminder.field, reminder.date] = reminder
    return tuple(sorted(nearest.values(), key=lambda it: (it.date, it.field)))


def remind(story: Story, due: Sequence[Reminder], today: date) -> Decision:
    """The revision that reminds: nothing has changed but the day."""
    note = " ".join(_sentence(story, reminder, today) for reminder in due)
    return Decision(Reason.REMINDER, replace(story, revision=story.revision + 1), note=note)


def _sentence(story: Story, reminder: Reminder, today: date) -> str:
    starts, ends = meanings(story)
    what = starts if reminder.field == "effective_at" else ends
    left = (reminder.date - today).days
    when = "Today" if left == 0 else "Tomorrow" if left == 1 else f"In {left} days"
    return f"{when}, on {day(reminder.date)}, {what}."


def _fits(on: date) -> bool:
    """A misread year must not overflow the calendar."""
    return date.min + timedelta(days=max(DAYS_BEFORE)) <= on
