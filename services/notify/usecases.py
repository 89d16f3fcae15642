"""A signal comes in: decide what it means for its story, write that down, and let the dispatcher go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.notify.addressing import address
from services.notify.fold import Decision, decide
from services.notify.notice import alert_of
from services.notify.ports import Meter, Silences, Stories, Subscribers, Transaction
from shared.clock import Clock
from shared.events import SignalDetected
from shared.events.envelope import Envelope


class Notify:
    """The use case of notify. One transaction a signal; nothing is sent inside it."""

    def __init__(
        self,
        stories: Stories,
        subscribers: Subscribers,
        clock: Clock,
        meter: Meter,
        *,
        wake: Callable[[], None],
        silences: Silences = tuple,
    ) -> None:
        """`wake` is called after each commit that leaves something to publish or to send."""
        self._stories, self._subscribers, self._silences = stories, subscribers, silences
        self._clock, self._meter, self._wake = clock, meter, wake

    async def on_signal(self, signal: SignalDetected, envelope: Envelope) -> None:
        """Fold the signal into its story and plan the deliveries. A redelivered signal has no effect.

        Raises:
            TransientError: the database is away; nothing was written.
        """
        now = self._clock.now()
        async with self._stories.transaction(signal.kind) as transaction:
            if await transaction.is_known(signal.id):
                return
            decision = decide(await transaction.stories(signal), signal)
            await transaction.keep(signal, decision, now)
            if decision.tells:
                await self._tell(transaction, decision, envelope, now)
        self._meter.decided(signal.kind, decision.reason)
        if decision.tells:
            self._wake()

    async def _tell(self, transaction: Transaction, decision: Decision, cause: Envelope, now: datetime) -> None:
        alert = alert_of(decision, now)
        await address(transaction, alert, cause, self._subscribers(), self._silences(), now)
