"""Where a measure stands on a day, and when people are reminded of its dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.notice import alert_of
from services.notify.phase import phase
from services.notify.reminder import DAYS_BEFORE, Reminder, choose_due, plan, remind
from services.notify.story import begin
from shared.events.alert import Phase
from tests.notify.builders import NOW, make_signal

AUGUST = date(2026, 8, 1)
EASED = {"direction": "ease"}


@pytest.mark.parametrize(
    ("claim", "today", "stands"),
    [
        ({"stage": "rumour"}, AUGUST, Phase.TALK),
        ({"stage": "proposal", "effective_at": AUGUST}, date(2026, 9, 1), Phase.TALK),
        ({"stage": "announced"}, AUGUST, Phase.ANNOUNCED),
        ({"stage": "announced", "effective_at": AUGUST}, date(2026, 7, 31), Phase.ANNOUNCED),
        ({"stage": "announced", "effective_at": AUGUST}, AUGUST, Phase.IN_FORCE),
        ({"stage": "in_force"}, AUGUST, Phase.IN_FORCE),
        ({"stage": "in_force", "effective_at": AUGUST}, date(2026, 7, 31), Phase.ANNOUNCED),
        ({"stage": "in_force", "until": AUGUST}, AUGUST, Phase.IN_FORCE),
        ({"stage": "in_force", "until": AUGUST}, date(2026, 8, 2), Phase.LAPSED),
        ({"stage": "suspended", **EASED}, AUGUST, Phase.SUSPENDED),
        ({"stage": "suspended", "until": AUGUST, **EASED}, AUGUST, Phase.SUSPENDED),
        ({"stage": "suspended", "until": AUGUST, **EASED}, date(2026, 8, 2), Phase.LAPSED),
        ({"stage": "extended", "until": AUGUST, **EASED}, AUGUST, Phase.SUSPENDED),
        ({"stage": "extended", "until": AUGUST}, AUGUST, Phase.IN_FORCE),
        ({"stage": "lifted", **EASED}, AUGUST, Phase.ENDED),
        ({"stage": "denied"}, AUGUST, Phase.ENDED),
        ({"stage": "dropped"}, AUGUST, Phase.ENDED),
    ],
)
def test_the_phase_follows_from_stage_and_dates(claim: dict[str, Any], today: date, stands: Phase) -> None:
    assert phase(make_signal(**claim), today) == stands


def test_an_alert_says_where_the_measure_stands() -> None:
    story = begin(make_signal(stage="suspended", until=date(2026, 11, 27), **EASED))
    reminder = Reminder("until", date(2026, 11, 27), 7)
    alert = alert_of(remind(story, [reminder], date(2026, 11, 20)), datetime(2026, 11, 20, 7, tzinfo=UTC))
    assert (alert.phase, alert.reason, alert.revision) == (Phase.SUSPENDED, "reminder", 2)
    assert alert.note == "In 7 days, on 27 Nov 2026, the suspension lapses."
    assert alert.summary.startswith(alert.note)


def test_reminders_are_planned_for_both_dates() -> None:
    story = begin(make_signal(effective_at=AUGUST, until=date(2027, 8, 1)))
    assert [(it.field, it.days) for it in plan(story)] == [
        (field, days) for field in ("effective_at", "until") for days in DAYS_BEFORE
    ]
    assert plan(story)[0].due_at == datetime(2026, 7, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize("change", [{"told": False}, {"retracted": True}])
def test_what_nobody_was_told_of_or_was_taken_back_reminds_nobody(change: dict[str, Any]) -> None:
    assert plan(replace(begin(make_signal(effective_at=AUGUST)), **change)) == ()


@pytest.mark.parametrize("stage", ["denied", "dropped", "left", "proposal", "rumour"])
def test_what_is_over_or_mere_talk_reminds_nobody(stage: str) -> None:
    assert plan(begin(make_signal(effective_at=AUGUST, stage=stage))) == ()


@pytest.mark.parametrize("on", [date.min, date.max, date(1, 1, 20)])
def test_a_misread_year_breaks_nothing(on: date) -> None:
    assert all(reminder.due_at.tzinfo for reminder in plan(begin(make_signal(effective_at=on))))


def test_after_a_long_stop_each_date_is_told_once_and_past_ones_not_at_all() -> None:
    both = begin(make_signal(effective_at=AUGUST, until=date(2026, 8, 20)))
    due = choose_due(plan(both), date(2026, 8, 10))
    assert [(it.field, it.days) for it in due] == [("until", 1)]
    assert choose_due(plan(both), date(2026, 9, 1)) == ()
    together = choose_due(plan(both), date(2026, 7, 31))
    assert remind(both, together, date(2026, 7, 31)).note == (
        "Tomorrow, on 1 Aug 2026, it takes effect. In 20 days, on 20 Aug 2026, it expires."
    )


@given(st.dates(date(2026, 7, 2), date(2030, 1, 1)), st.lists(st.integers(0, 60 * 24), max_size=20))
def test_however_seldom_one_looks_no_reminder_of_a_date_comes_twice(on: date, hours: list[int]) -> None:
    pending = list(plan(begin(make_signal(effective_at=on))))
    sent: list[Reminder] = []
    for hour in sorted(hours):
        now = NOW + timedelta(hours=hour)
        due = [reminder for reminder in pending if reminder.due_at <= now]
        sent += choose_due(due, now.date())
        pending = [reminder for reminder in pending if reminder not in due]
    assert len(sent) == len(set(sent)) <= len(DAYS_BEFORE)
    assert all(reminder.date >= (NOW + timedelta(hours=0)).date() for reminder in sent)
