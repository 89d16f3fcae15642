"""What classify does with one article: detect, publish each signal, count what was decided."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, Final

from services.classify.decision import Decision
from services.classify.ports import Counts, Detects, InForce
from services.classify.signal import to_event
from shared.clock import Clock
from shared.events import ArticleCollected, SignalDetected
from shared.events.envelope import Envelope
from shared.publish import Publisher

LONG_TEXT: Final = 20_000
"""Characters. Dense texts of this length take the detector some 50 ms, ordinary ones a few tenths of one."""


class Classify:
    """Turns articles into signals. Publishing is repeatable: the same article gives the same signal ids."""

    def __init__(self, in_force: InForce, publisher: Publisher, clock: Clock, counts: Counts) -> None:
        self._in_force, self._publisher, self._clock, self._counts = in_force, publisher, clock, counts

    def on_article(self, event: ArticleCollected, envelope: Envelope) -> Coroutine[Any, Any, None] | None:
        """Classify one article; one rule set decides all of it.

        Returns what is still to be awaited before the article is done; None for one that says nothing.

        Raises:
            TransientError: (from what is awaited) a signal could not be stored; handle the article again.
        """
        detector = self._in_force()
        if len(event.article.text) > LONG_TEXT:
            return self._at_leisure(detector, event, envelope)
        decision = detector.detect(event.article)
        self._counts.decided(decision)
        return self._publish(decision, detector.digest, event, envelope) if decision.signals else None

    async def _at_leisure(self, detector: Detects, event: ArticleCollected, envelope: Envelope) -> None:
        """Decide in a thread: a text that takes long must not hold up all the others."""
        decision = await asyncio.to_thread(detector.detect, event.article)
        self._counts.decided(decision)
        await self._publish(decision, detector.digest, event, envelope)

    async def _publish(self, decision: Decision, digest: str, event: ArticleCollected, envelope: Envelope) -> None:
        for signal in signals_of(decision, event, digest=digest, at=self._clock.now()):
            await self._publisher.publish(signal, correlation_id=event.article.id, cause=envelope)


def signals_of(decision: Decision, event: ArticleCollected, *, digest: str, at: datetime) -> tuple[SignalDetected, ...]:
    """The events of a decision made at `at` by the rules with this digest."""
    return tuple(
        to_event(finding, event.article, digest=digest, detected_at=at, collected_at=event.collected_at)
        for finding in decision.signals
    )
