"""When a failed delivery is tried again, and what each answer means."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.outcome import Answer, Verdict, outcome_of, verdict_of
from services.notify.retry import MAX_HOLD, MAX_RETRY_AFTER, SCHEDULE, Next, after, pause, retry_after_seconds
from shared.events.delivery import Outcome
from tests.notify.builders import NOW


def test_every_status_has_an_outcome_and_only_success_ends_in_done() -> None:
    for status in range(100, 1000):
        outcome = outcome_of(status)
        verdict = verdict_of(Answer(outcome, status), final=())
        assert (verdict == Verdict.DONE) == (200 <= status < 300)
        assert (verdict == Verdict.DISABLE) == (status == 410)
        assert (verdict == Verdict.THROTTLE) == (status in (429, 502, 504))


@pytest.mark.parametrize("outcome", [o for o in Outcome if o not in (Outcome.DELIVERED, Outcome.GONE)])
def test_what_may_heal_is_tried_again(outcome: Outcome) -> None:
    assert verdict_of(Answer(outcome), final=()) in (Verdict.RETRY, Verdict.THROTTLE)


@given(st.text(min_size=1), st.integers(2, 10))
def test_a_pause_stays_within_a_fifth_of_the_schedule_and_is_always_the_same(delivery: str, attempt: int) -> None:
    planned = SCHEDULE[attempt - 1]
    found = pause(delivery, attempt)
    assert found is not None
    assert 0.8 * planned <= found <= 1.2 * planned
    assert pause(delivery, attempt) == found


def test_pauses_of_different_deliveries_differ() -> None:
    assert len({pause(f"delivery_{n}", 7) for n in range(50)}) == 50


def test_the_schedule_ends_after_the_tenth_attempt() -> None:
    answer = Answer(Outcome.SERVER_ERROR, 500)
    moves = [after(answer, Verdict.RETRY, delivery_id="d", attempt=n, now=NOW) for n in range(1, 11)]
    assert all(move.at is not None for move in moves[:9])
    assert moves[9] == Next(None)


def test_retry_after_is_honoured_up_to_ten_hours() -> None:
    asked = Answer(Outcome.THROTTLED, 429, retry_after=600)
    found = after(asked, Verdict.THROTTLE, delivery_id="d", attempt=1, now=NOW)
    assert found == Next(NOW + timedelta(seconds=600), NOW + timedelta(seconds=600))
    greedy = Answer(Outcome.THROTTLED, 429, retry_after=10**9)
    assert after(greedy, Verdict.THROTTLE, delivery_id="d", attempt=1, now=NOW).at == NOW + MAX_RETRY_AFTER


def test_who_asks_for_no_time_is_left_alone_for_two_minutes_at_most() -> None:
    busy = Answer(Outcome.THROTTLED, 502)
    moves = [after(busy, Verdict.THROTTLE, delivery_id="d", attempt=n, now=NOW) for n in range(1, 11)]
    holds = [move.hold_until - NOW for move in moves if move.hold_until]
    assert holds[:2] == [pause("d", 2), pause("d", 3)]
    assert max(holds) == holds[-1] == MAX_HOLD
    assert len(holds) == 10


@pytest.mark.parametrize("verdict", [Verdict.DONE, Verdict.STOP, Verdict.DISABLE])
def test_nothing_follows_a_verdict_that_is_final(verdict: Verdict) -> None:
    assert after(Answer(Outcome.DELIVERED), verdict, delivery_id="d", attempt=1, now=NOW) == Next(None)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("-5", None),
        ("soon", None),
        ("9" * 40, None),
        ("١٢", None),
        ("Wed, 01 Jul 2026 12:01:00 GMT", 60.0),
        ("Wed, 01 Jul 2020 12:01:00 GMT", 0.0),
        ("Wed, 99 Foo 2026", None),
    ],
)
def test_retry_after_headers(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text())
def test_no_retry_after_header_raises(header: str) -> None:
    found = retry_after_seconds(header, NOW)
    assert found is None or found >= 0
