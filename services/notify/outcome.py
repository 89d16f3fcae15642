"""What an answer of a receiver means, and what follows from it. Pure, and total over every HTTP status."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from shared.events.delivery import Outcome


class Verdict(StrEnum):
    """What to do after an attempt."""

    DONE = "done"
    RETRY = "retry"
    THROTTLE = "throttle"
    """Try again, and leave the receiver's other deliveries waiting too."""
    STOP = "stop"
    """No retry can help."""
    DISABLE = "disable"
    """The receiver is gone: send it nothing more."""


@dataclass(frozen=True)
class Answer:
    """What came back from a receiver. `retry_after` is in seconds. `detail` holds no secret and no full URL."""

    outcome: Outcome
    status: int | None = None
    retry_after: float | None = None
    detail: str = ""


_VERDICTS = {
    Outcome.DELIVERED: Verdict.DONE,
    Outcome.THROTTLED: Verdict.THROTTLE,
    Outcome.GONE: Verdict.DISABLE,
}


def outcome_of(status: int) -> Outcome:
    """The outcome an HTTP status stands for."""
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if status in (429, 502, 504):
        return Outcome.THROTTLED
    if status == 410:
        return Outcome.GONE
    if 300 <= status < 400:
        return Outcome.REDIRECTED
    if 400 <= status < 500:
        return Outcome.REFUSED
    return Outcome.SERVER_ERROR if 500 <= status < 600 else Outcome.BAD_RESPONSE


def verdict_of(answer: Answer, *, final: Collection[int]) -> Verdict:
    """What follows from the answer. `final` are the statuses with which this channel refuses for good."""
    if answer.outcome == Outcome.REFUSED and answer.status in final:
        return Verdict.STOP
    return _VERDICTS.get(answer.outcome, Verdict.RETRY)
