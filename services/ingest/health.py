"""How a source is doing: what its polls tell over time, and when people should know. Pure.

A gap is the time between two polls that brought something new. Gaps are weighed by their length: a source
that publishes all day and rests at night and at weekends has many short gaps and a few long ones, and is
no less usual in the long ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.events.source import Trouble

FAILURES: Final = 3
"""Failed polls in a row that make a source unhealthy."""
SILENCE: Final = 3
"""Usual gaps without anything new that make a source unhealthy."""
KEPT: Final = 50
"""Gaps remembered."""
ENOUGH: Final = 5
"""Gaps that must be known before one is called usual."""
QUANTILE: Final = 0.75


@dataclass(frozen=True)
class History:
    """What is remembered of a source's polls. `gaps` are in seconds, oldest first.

    `trouble` is what people were told last, and `since` when that began; None: all is well.
    """

    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    gaps: tuple[int, ...] = ()
    trouble: Trouble | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong, in a closed word and in words for people; `trouble` is None when nothing is."""

    trouble: Trouble | None = None
    why: str = ""


def usual_gap(gaps: Sequence[int]) -> timedelta | None:
    """The gap that three quarters of the time is spent in gaps no longer than; None while too few are known."""
    if len(gaps) < ENOUGH:
        return None
    passed, total = 0, sum(gaps)
    for gap in sorted(gaps):
        passed += gap
        if passed >= QUANTILE * total:
            return timedelta(seconds=gap)
    return None


def went_well(history: History, *, at: datetime, new: bool) -> History:
    """The history after a poll that was answered."""
    if not new:
        return replace(history, last_ok_at=at)
    gaps = history.gaps
    if history.last_new_at is not None and at > history.last_new_at:
        gaps = (*gaps, round((at - history.last_new_at).total_seconds()))[-KEPT:]
    return replace(history, last_ok_at=at, last_new_at=at, gaps=gaps)


def diagnose(
    history: History, *, now: datetime, failures: int, error: str | None, silent_after: timedelta | None
) -> Diagnosis:
    """Is the source well? `silent_after` is the operator's own figure for its longest silence."""
    if failures >= FAILURES:
        return Diagnosis(Trouble.FAILING, f"{failures} polls in a row failed: {error or 'no reason known'}")
    usual = usual_gap(history.gaps)
    longest = silent_after or (SILENCE * usual if usual else None)
    if longest is None or history.last_new_at is None or now - history.last_new_at <= longest:
        return Diagnosis()
    silent = _words(now - history.last_new_at)
    usual_words = _words(longest / SILENCE)
    expected = f"at most {_words(longest)} is expected" if silent_after else f"its usual gap is {usual_words}"
    return Diagnosis(Trouble.SILENT, f"nothing new for {silent}, {expected}")


def _words(span: timedelta) -> str:
    seconds = span.total_seconds()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
