"""How urgent a finding is: the first line of the policy that fits decides."""

from __future__ import annotations

from dataclasses import dataclass

from shared.events.vocabulary import Certainty, Direction, Severity, Stage


@dataclass(frozen=True, slots=True)
class Case:
    """What severity depends on."""

    kind: str
    stage: Stage
    direction: Direction
    certainty: Certainty
    tier: int
    commodities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the policy. An empty set means: whichever."""

    level: Severity
    kinds: frozenset[str] = frozenset()
    stages: frozenset[Stage] = frozenset()
    directions: frozenset[Direction] = frozenset()
    certainties: frozenset[Certainty] = frozenset()
    tiers: frozenset[int] = frozenset()
    commodities: frozenset[str] = frozenset()

    def fits(self, case: Case) -> bool:
        """Whether every set that is given holds the case."""
        pairs = (
            (self.kinds, case.kind),
            (self.stages, case.stage),
            (self.directions, case.direction),
            (self.certainties, case.certainty),
            (self.tiers, case.tier),
        )
        named = not self.commodities or not self.commodities.isdisjoint(case.commodities)
        return named and all(not wanted or value in wanted for wanted, value in pairs)


@dataclass(frozen=True, slots=True)
class SeverityPolicy:
    """The whole mapping, in order."""

    lines: tuple[Line, ...] = ()
    default: Severity = Severity.LOW

    def level(self, case: Case) -> Severity:
        """The severity of a case."""
        return next((line.level for line in self.lines if line.fits(case)), self.default)
