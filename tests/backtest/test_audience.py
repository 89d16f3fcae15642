"""Whom a difference concerns, by the subscribers' filters."""

from __future__ import annotations

from services.backtest.audience import Effect, Tally, effects, tallies
from services.backtest.compare import Difference, compare
from services.backtest.parts import Wants
from tests.backtest.signals import least, signal

WANTS: dict[str, Wants] = {"desk": least(2), "all": least(0)}


def difference(before: str | None, after: str | None) -> Difference:
    """One signal with these severities before and now."""
    sent = [signal(severity=before)] if before else []
    found = [signal(severity=after)] if after else []
    return next(compare(sent, found))


def test_a_new_signal_is_heard_by_those_whose_filter_lets_it_through() -> None:
    assert effects(difference(None, "high"), WANTS) == {"desk": Effect.HEARS, "all": Effect.HEARS}
    assert effects(difference(None, "low"), WANTS) == {"all": Effect.HEARS}


def test_a_signal_that_is_gone_is_missed_by_those_who_were_told() -> None:
    assert effects(difference("high", None), WANTS) == {"desk": Effect.MISSES, "all": Effect.MISSES}


def test_a_change_may_let_a_signal_in_or_out_or_tell_it_differently() -> None:
    assert effects(difference("low", "high"), WANTS) == {"desk": Effect.HEARS, "all": Effect.DIFFERENT}
    assert effects(difference("high", "low"), WANTS) == {"desk": Effect.MISSES, "all": Effect.DIFFERENT}
    assert effects(difference("low", "medium"), WANTS) == {"all": Effect.DIFFERENT}


def test_what_stays_the_same_is_told_the_same() -> None:
    assert effects(difference("high", "high"), WANTS) == {"desk": Effect.SAME, "all": Effect.SAME}


def test_the_tally_counts_both_sides_and_names_subscribers_whom_nothing_reaches() -> None:
    found = [difference(None, "high"), difference("high", None), difference("low", "high"), difference("high", "high")]
    assert tallies(found, WANTS | {"nobody": lambda _: False}) == {
        "desk": Tally(was_told=2, would_be_told=3, hears=2, misses=1, different=0),
        "all": Tally(was_told=3, would_be_told=3, hears=1, misses=1, different=1),
        "nobody": Tally(),
    }
