"""Where a stage stands on the way of an act, and how well a report is backed. Pure.

Stages stand on rungs: a lower rung tells an older or vaguer view of the same act. A turn (denied, dropped …) is
news whenever it comes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from shared.events.vocabulary import Certainty, Stage

_RUNG: Final = {
    Stage.RUMOUR: 0,
    Stage.FLOATED: 0,
    Stage.HINT: 1,
    Stage.DENIED: 2,
    Stage.UNDER_CONSIDERATION: 3,
    Stage.NEGOTIATING: 4,
    Stage.PROPOSAL: 5,
    Stage.ANNOUNCED: 10,
    Stage.SIGNED: 11,
    Stage.JOINED: 12,
    Stage.IN_FORCE: 13,
    Stage.CLARIFIED: 14,
    Stage.EASED: 15,
    Stage.SUSPENDED: 16,
    Stage.LIFTED: 17,
    Stage.OPERATIONAL: 18,
    Stage.EXTENDED: 19,
    Stage.EXPANDED: 20,
}
"""How far an act has come, in one direction. `announced` is the first rung that is more than talk."""
_TALK: Final = frozenset(stage for stage, rung in _RUNG.items() if rung < _RUNG[Stage.ANNOUNCED]) - {Stage.DENIED}
_TURNS: Final = frozenset({Stage.DENIED, Stage.DROPPED, Stage.DISPUTED, Stage.LEFT})
"""Stages that are reached from anywhere and are news whenever they come."""


class Backing(IntEnum):
    """How well a report is backed, in the steps that matter to a reader."""

    SOFT = 0
    NAMED = 1
    OFFICIAL = 2


_BACKING: Final = {
    Certainty.OFFICIAL_TEXT: Backing.OFFICIAL,
    Certainty.OFFICIAL_SPEECH: Backing.OFFICIAL,
    Certainty.NAMED_REPORT: Backing.NAMED,
    Certainty.UNNAMED_REPORT: Backing.SOFT,
    Certainty.INFERENCE: Backing.SOFT,
}
_CERTAINTIES: Final = tuple(Certainty)


def backing(certainty: Certainty, tier: int) -> Backing:
    """Backing of a report from a source of this tier. Commentary (tier 3) is soft whatever it says."""
    return Backing.SOFT if tier == 3 else _BACKING[certainty]


def is_more_certain(one: Certainty, other: Certainty) -> bool:
    """Whether `one` is the better certainty."""
    return _CERTAINTIES.index(one) < _CERTAINTIES.index(other)


def is_talk(stage: Stage) -> bool:
    """Whether nothing has been decided yet."""
    return stage in _TALK


def is_turn(stage: Stage) -> bool:
    """Whether the act takes another way: denied, dropped, disputed, left."""
    return stage in _TURNS


def is_step(before: Stage, after: Stage) -> bool:
    """Whether `after` moves on from `before`, rather than telling an older or vaguer view of the same act."""
    if before == after:
        return False
    if after in _TURNS:
        return True
    if before not in _RUNG:
        return not is_talk(after)
    return _RUNG[after] > _RUNG[before]
