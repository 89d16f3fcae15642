"""What a subscriber buys, and from where: the short way to ask for the alerts that may touch it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.materials import GENERIC, covers
from shared.events import Claim


@dataclass(frozen=True)
class Exposure:
    """Supplies of one kind: commodities, the states they come from, the states they go to. Empty means any."""

    commodities: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    destinations: frozenset[str] = frozenset()

    def touched(self, claim: Claim) -> bool:
        """Whether the act may reach these supplies. What a report leaves open may: silence is the greater risk."""
        return self._goods(claim) and self._origin(claim) and self._destination(claim)

    def _goods(self, claim: Claim) -> bool:
        """An act on `critical minerals`, or on goods that nobody named, may be one on these."""
        told = [item for item in claim.commodities if item not in GENERIC]
        if not self.commodities or not told:
            return True
        return any(covers(mine, item) for mine in self.commodities for item in told)

    def _origin(self, claim: Claim) -> bool:
        acting = (*claim.actors, *claim.parties)
        return not self.origins or not acting or not self.origins.isdisjoint(acting)

    def _destination(self, claim: Claim) -> bool:
        told = claim.targets
        return not self.destinations or not told or "all" in told or not self.destinations.isdisjoint(told)
