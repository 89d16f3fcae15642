"""What classify does with one article: detect, publish each signal, count what was decided."""

from __future__ import annotations

from datetime import datetime

from services.classify.decision import Decision
from services.classify.ports import Counts, InForce
from services.classify.signal import to_event
from shared.clock import Clock
from shared.events import ArticleCollected, SignalDetected
from shared.events.envelope import Envelope
from shared.publish import Publisher


class Classify:
    """Turns articles into signals. Publishing is repeatable: the same article gives the same signal ids."""

    def __init__(self, in_force: InForce, publisher: Publisher, clock: Clock, counts: Counts) -> None:
        self._in_force, self._publisher, self._clock, self._counts = in_force, publisher, clock, counts

    async def on_article(self, event: ArticleCollected, envelope: Envelope) -> Decision:
        """Classify one article and publish what it signals. One rule set decides all of it.

        Raises:
            TransientError: a signal could not be stored; handle the article again.
        """
        detector = self._in_force()
        decision = detector.detect(event.article)
        self._counts.decided(decision)
        if decision.signals:
            for signal in signals_of(decision, event, digest=detector.digest, at=self._clock.now()):
                await self._publisher.publish(signal, correlation_id=event.article.id, cause=envelope)
        return decision


def signals_of(decision: Decision, event: ArticleCollected, *, digest: str, at: datetime) -> tuple[SignalDetected, ...]:
    """The events of a decision made at `at` by the rules with this digest."""
    return tuple(
        to_event(finding, event.article, digest=digest, detected_at=at, collected_at=event.collected_at)
        for finding in decision.signals
    )
