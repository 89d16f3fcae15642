"""Where a measure stands on a day: announced, in force, suspended until a date, lapsed. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.notify.standing import is_talk
from shared.events import Claim
from shared.events.alert import Phase
from shared.events.vocabulary import Direction, Stage

_ENDED: Final = frozenset({Stage.LIFTED, Stage.DROPPED, Stage.DENIED, Stage.LEFT})
_TO_COME: Final = frozenset({Stage.ANNOUNCED, Stage.SIGNED, Stage.JOINED})


def phase(claim: Claim, today: date) -> Phase:
    """Where the measure stands on `today`. A date that has passed moves it on without any report.

    The last day named is still inside: a suspension until 27 November has lapsed on the 28th. What follows a
    suspension that lapsed, nobody has said: it may be prolonged, or the measure be back in force.
    """
    if is_talk(claim.stage):
        return Phase.TALK
    if claim.stage in _ENDED:
        return Phase.ENDED
    if claim.until is not None and claim.until < today:
        return Phase.LAPSED
    coming = claim.effective_at is not None and claim.effective_at > today
    undated = claim.effective_at is None and claim.stage in _TO_COME
    if coming or undated:
        return Phase.ANNOUNCED
    return Phase.SUSPENDED if is_suspension(claim) else Phase.IN_FORCE


def is_suspension(claim: Claim) -> bool:
    """Whether what runs is a suspension: a prolonged one too."""
    prolonged = claim.stage == Stage.EXTENDED and claim.direction == Direction.EASE
    return claim.stage == Stage.SUSPENDED or prolonged
