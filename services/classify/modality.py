"""Negation and hedging: whether an act is told as a fact, as a possibility, or as what will not happen."""

from __future__ import annotations

import re
from typing import Final

from services.classify.passage import Passage
from services.classify.scan import Hit

NEGATION: Final = "negation"
DENIAL: Final = "cue_denied"
HEDGES: Final = ("cue_hint", "cue_consider", "cue_proposal", "cue_rumour")
_NUMBER: Final = re.compile(r"\.? ?\d")
_NEGATION_REACH: Final = 5
_DENIAL_REACH: Final = 16
_HEDGE_REACH: Final = 14


def negation_of(passage: Passage, act: tuple[Hit, ...]) -> Hit | None:
    """The negation that governs an act: close before it in its clause, or a denial a little further off."""
    if not act:
        return None
    return passage.once(("negation", act[0].start, act[-1].start), lambda: _negation(passage, act))


def _negation(passage: Passage, act: tuple[Hit, ...]) -> Hit | None:
    first = act[0]
    near = [hit for hit in _before(passage, first, (NEGATION,), _NEGATION_REACH) if not _numbers(passage, hit)]
    inside = [
        hit
        for hit in passage.of(NEGATION)
        if first.start <= hit.start < act[-1].start and hit not in act and not _numbers(passage, hit)
    ]
    denied = _before(passage, first, (DENIAL,), _DENIAL_REACH, across=True)
    return next(iter((*near, *inside, *denied)), None)


def _numbers(passage: Passage, hit: Hit) -> bool:
    """Whether "no" is short for number: "Announcement No. 61"."""
    return _NUMBER.match(passage.folded.text, hit.end) is not None


def hedge_of(passage: Passage, act: tuple[Hit, ...]) -> Hit | None:
    """The word that makes an act a mere possibility, plan or report."""
    if not act:
        return None
    before = _before(passage, act[0], HEDGES, _HEDGE_REACH, across=True)
    return before[-1] if before else next(iter(passage.of("cue_rumour")), None)


def _before(passage: Passage, act: Hit, lexicons: tuple[str, ...], reach: int, *, across: bool = False) -> list[Hit]:
    return [
        hit
        for hit in passage.of(*lexicons)
        if hit.end <= act.start
        and passage.tokens_between(hit, act) <= reach
        and (across or passage.same_clause(hit, act))
    ]
