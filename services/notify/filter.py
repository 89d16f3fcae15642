"""Which alerts a subscriber wants. Every field given must agree; within a field one match is enough. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.notify.materials import covers
from shared.events import Claim
from shared.events.vocabulary import CANARY, Direction, Severity, Stage


@dataclass(frozen=True)
class Filter:
    """What to let through; an empty field lets all through but canaries. `severity` is the least that counts."""

    kind: frozenset[str] = frozenset()
    severity: Severity = Severity.LOW
    commodity: frozenset[str] = frozenset()
    actor: frozenset[str] = frozenset()
    target: frozenset[str] = frozenset()
    stage: frozenset[Stage] = frozenset()
    direction: frozenset[Direction] = frozenset()

    def mismatch(self, claim: Claim) -> str | None:
        """The first field that keeps the alert away, None when the subscriber wants it."""
        checks = {
            "kind": claim.kind in self.kind or (not self.kind and claim.kind != CANARY),
            "severity": claim.severity.rank >= self.severity.rank,
            "commodity": not self.commodity or _any_covered(self.commodity, claim.commodities),
            "actor": not self.actor or not self.actor.isdisjoint((*claim.actors, *claim.parties)),
            "target": not self.target or _reaches(self.target, claim.targets),
            "stage": not self.stage or claim.stage in self.stage,
            "direction": not self.direction or claim.direction in self.direction,
        }
        return next((field for field, agrees in checks.items() if not agrees), None)


def _any_covered(wanted: Iterable[str], told: Iterable[str]) -> bool:
    told = tuple(told)
    return any(covers(one, other) for one in wanted for other in told)


def _reaches(wanted: frozenset[str], told: tuple[str, ...]) -> bool:
    """A measure that names no target reaches everyone."""
    return not told or "all" in told or not wanted.isdisjoint(told)
