"""The claim of a story after a report: moves are made, gaps are filled, weaker words are left aside. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from services.notify.materials import groups
from services.notify.moves import Move
from services.notify.standing import is_more_certain, is_talk
from services.notify.story import Story
from shared.events import Claim, Instrument, SignalDetected
from shared.events.alert import Reason

_GAPS: Final = ("measure", "initiative", "actors", "targets", "effective_at", "until")
_OF_A_STAGE: Final = ("stage", "certainty", "severity", "score")
"""What a report that moves the stage brings along: the old values were about the old stage."""
_OF_A_TURN: Final = (*_OF_A_STAGE, "direction", "effective_at", "until")


def merge(story: Story, signal: SignalDetected, found: Sequence[Move]) -> Claim:
    """The story's claim with everything the signal adds."""
    claim, reasons = story.claim, {move.reason for move in found}
    if Reason.DIRECTION_CHANGED in reasons:
        return claim.model_copy(update=_turn(claim, signal))
    if claim.direction != signal.direction:
        return claim  # the report contradicts the story and was not let through: only its source is added
    update = {**_gaps(claim, signal), **_grown(claim, signal), **_better(claim, signal)}
    if Reason.STAGE_CHANGED in reasons:
        update |= {name: getattr(signal, name) for name in _OF_A_STAGE}
    return claim.model_copy(update=update | _moved(claim, signal, found))


def _turn(claim: Claim, signal: SignalDetected) -> dict[str, Any]:
    """The act goes the other way: dates and reach are the new act's own."""
    update = {name: getattr(signal, name) for name in _OF_A_TURN}
    told = {name: getattr(signal, name) for name in ("measure", "targets", "commodities", "parties", "instrument")}
    return {**update, **{name: value for name, value in told.items() if value}, **_learned(claim, signal, ("actors",))}


def _learned(claim: Claim, signal: SignalDetected, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(signal, name) for name in names if not getattr(claim, name)}


def _gaps(claim: Claim, signal: SignalDetected) -> dict[str, Any]:
    """Fields nobody had filled yet."""
    return {**_learned(claim, signal, _GAPS), "instrument": _instrument(claim.instrument, signal.instrument)}


def _instrument(known: Instrument | None, told: Instrument | None) -> Instrument | None:
    if known is None or told is None:
        return known or told
    return Instrument(
        authority=known.authority or told.authority, number=known.number or told.number, date=known.date or told.date
    )


def _grown(claim: Claim, signal: SignalDetected) -> dict[str, Any]:
    """Lists that gain members without gaining reach: dysprosium, where rare earths were told already."""
    known = groups(claim.commodities)
    same = [item for item in signal.commodities if groups([item]) <= known]
    return {
        "commodities": _union(claim.commodities, same),
        "parties": _union(claim.parties, signal.parties),
        "hs_codes": _union(claim.hs_codes, signal.hs_codes),
    }


def _union(known: Iterable[str], told: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *told)))


def _better(claim: Claim, signal: SignalDetected) -> dict[str, Any]:
    """The best certainty and score anybody had for the same thing."""
    if is_talk(claim.stage) != is_talk(signal.stage) or signal.article.source_tier == 3:
        return {}
    better = is_more_certain(signal.certainty, claim.certainty)
    return {
        "certainty": signal.certainty if better else claim.certainty,
        "score": max(claim.score, signal.score),
    }


def _moved(claim: Claim, signal: SignalDetected, found: Sequence[Move]) -> dict[str, Any]:
    """The fields the moves set; lists grow, everything else is replaced."""
    update = {move.field: getattr(signal, move.field) for move in found if move.field}
    for name in ("actors", "commodities", "targets"):
        if name in update:
            update[name] = _union(getattr(claim, name), update[name])
    return update
