"""Who was told by their filters, and who would be told now. Pure.

A filter alone decides here. Live, notify also folds reports of one act into a story, so that people hear less often.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.backtest.compare import Difference, What
from services.backtest.parts import Wants


class Effect(StrEnum):
    """What a difference means to a subscriber who hears of at least one side of it."""

    HEARS = "hears"
    """Would be told and was not."""
    MISSES = "misses"
    """Was told and would not be."""
    DIFFERENT = "different"
    """Was told, and would be told something else."""
    SAME = "same"


@dataclass(frozen=True)
class Tally:
    """A subscriber's signals: how many were let through, how many would be, and how these differ."""

    was_told: int = 0
    would_be_told: int = 0
    hears: int = 0
    misses: int = 0
    different: int = 0


def effects(difference: Difference, wants: Mapping[str, Wants]) -> dict[str, Effect]:
    """What a difference means to each subscriber whom it reaches."""
    found = {name: _effect(difference, wanted) for name, wanted in wants.items()}
    return {name: effect for name, effect in found.items() if effect is not None}


def _effect(difference: Difference, wanted: Wants) -> Effect | None:
    was = difference.before is not None and wanted(difference.before)
    would = difference.after is not None and wanted(difference.after)
    if was and would:
        return Effect.SAME if difference.what is What.SAME else Effect.DIFFERENT
    if was:
        return Effect.MISSES
    return Effect.HEARS if would else None


def tallies(differences: Iterable[Difference], wants: Mapping[str, Wants]) -> dict[str, Tally]:
    """The tally of every subscriber, those whom nothing reaches included."""
    found: dict[str, list[Effect]] = {name: [] for name in wants}
    for difference in differences:
        for name, effect in effects(difference, wants).items():
            found[name].append(effect)
    return {name: _tally(reached) for name, reached in found.items()}


def _tally(reached: list[Effect]) -> Tally:
    hears, misses = reached.count(Effect.HEARS), reached.count(Effect.MISSES)
    return Tally(len(reached) - hears, len(reached) - misses, hears, misses, reached.count(Effect.DIFFERENT))
