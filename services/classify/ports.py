"""What the use case needs from others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from services.classify.decision import Decision
from shared.events import Article


class Detects(Protocol):
    """Decides what an article signals."""

    @property
    def digest(self) -> str:
        """Digest of the rule set that decides."""
        ...

    def detect(self, article: Article) -> Decision:
        """The decision on one article. Pure."""
        ...


InForce = Callable[[], Detects]
"""What decides right now. Ask once for each article: the answer changes when rules are edited."""


class Counts(Protocol):
    """Counts decisions for the metrics."""

    def decided(self, decision: Decision) -> None:
        """One article has been decided."""
        ...
