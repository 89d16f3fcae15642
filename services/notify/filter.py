"""Which alerts a subscriber wants. Every field given must agree; within a field one match is enough. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from services.notify.exposure import Exposure
from services.notify.materials import covers
from services.notify.provenance import languages, says, tiers
from shared.events import Claim
from shared.events.vocabulary import CANARY, Certainty, Direction, Severity, Stage

LEAST_TIER: Final = 3


@dataclass(frozen=True)
class Filter:
    """What to let through; an empty field lets everything through, but for canaries: they must be asked for by name.

    `severity` is the least that counts, `source_tier` the worst. `hs` are digits only. `every` is `and`, `either` is
    `or`, `none` is `not` in the file; filters in them are filters like this one.
    """

    kind: frozenset[str] = frozenset()
    severity: Severity = Severity.LOW
    commodity: frozenset[str] = frozenset()
    actor: frozenset[str] = frozenset()
    target: frozenset[str] = frozenset()
    stage: frozenset[Stage] = frozenset()
    direction: frozenset[Direction] = frozenset()
    measure: frozenset[str] = frozenset()
    certainty: frozenset[Certainty] = frozenset()
    hs: frozenset[str] = frozenset()
    party: frozenset[str] = frozenset()
    initiative: frozenset[str] = frozenset()
    source_tier: int = LEAST_TIER
    language: frozenset[str] = frozenset()
    text: frozenset[str] = frozenset()
    exposure: tuple[Exposure, ...] = ()
    every: tuple[Filter, ...] = ()
    either: tuple[Filter, ...] = ()
    none: tuple[Filter, ...] = ()

    def mismatch(self, claim: Claim) -> str | None:
        """The first field that keeps the alert away, such as `stage` or `and.stage`; None when it is wanted."""
        return "kind" if claim.kind == CANARY and not _names(self, CANARY) else _mismatch(self, claim)


def _names(want: Filter, kind: str) -> bool:
    return kind in want.kind or any(_names(inner, kind) for inner in (*want.every, *want.either))


def _mismatch(want: Filter, claim: Claim) -> str | None:
    missed = next((field for field, agrees in _CHECKS.items() if not agrees(want, claim)), None)
    return missed or _mismatch_inside(want, claim)


def _mismatch_inside(want: Filter, claim: Claim) -> str | None:
    for inner in want.every:
        if (missed := _mismatch(inner, claim)) is not None:
            return f"and.{missed}"
    if want.either and all(_mismatch(inner, claim) is not None for inner in want.either):
        return "or"
    return "not" if any(_mismatch(inner, claim) is None for inner in want.none) else None


_CHECKS: Final[dict[str, Callable[[Filter, Claim], bool]]] = {
    "kind": lambda want, claim: _is_in(claim.kind, want.kind),
    "severity": lambda want, claim: claim.severity.rank >= want.severity.rank,
    "commodity": lambda want, claim: not want.commodity or _any_covered(want.commodity, claim.commodities),
    "actor": lambda want, claim: _any_in((*claim.actors, *claim.parties), want.actor),
    "target": lambda want, claim: not want.target or _reaches(want.target, claim.targets),
    "stage": lambda want, claim: _is_in(claim.stage, want.stage),
    "direction": lambda want, claim: _is_in(claim.direction, want.direction),
    "measure": lambda want, claim: _is_in(claim.measure, want.measure),
    "certainty": lambda want, claim: _is_in(claim.certainty, want.certainty),
    "hs": lambda want, claim: not want.hs or _any_heading(want.hs, claim.hs_codes),
    "party": lambda want, claim: _any_in(claim.parties, want.party),
    "initiative": lambda want, claim: _is_in(claim.initiative, want.initiative),
    "source_tier": lambda want, claim: want.source_tier >= min(tiers(claim), default=1),
    "language": lambda want, claim: not want.language or _any_in(languages(claim), want.language),
    "text": lambda want, claim: not want.text or says(claim, want.text),
    "exposure": lambda want, claim: not want.exposure or any(one.touched(claim) for one in want.exposure),
}


def _is_in(told: str | None, wanted: frozenset[str]) -> bool:
    return not wanted or told in wanted


def _any_in(told: Iterable[str], wanted: frozenset[str]) -> bool:
    return not wanted or not wanted.isdisjoint(told)


def _any_covered(wanted: Iterable[str], told: Iterable[str]) -> bool:
    told = tuple(told)
    return any(covers(one, other) for one in wanted for other in told)


def _any_heading(wanted: Iterable[str], told: Iterable[str]) -> bool:
    """A chapter covers its headings, and who asked for a heading hears of its chapter."""
    codes = ["".join(char for char in code if char.isdigit()) for code in told]
    return any(code and (code.startswith(want) or want.startswith(code)) for want in wanted for code in codes)


def _reaches(wanted: frozenset[str], told: tuple[str, ...]) -> bool:
    """A measure that names no target reaches everyone."""
    return not told or "all" in told or not wanted.isdisjoint(told)
