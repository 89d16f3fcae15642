"""A signal comes in: decide what it means for its story, write that down, and let the dispatcher go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from services.notify.fold import Decision, decide
from services.notify.notice import alert_of
from services.notify.ports import Meter, Stories, Subscriber, Subscribers, Transaction
from shared.clock import Clock
from shared.events import Alert, SignalDetected
from shared.events.envelope import Envelope


class Notify:
    """The use case of notify. One transaction a signal; nothing is sent inside it."""

    def __init__(
        self, stories: Stories, subscribers: Subscribers, clock: Clock, meter: Meter, *, wake: Callable[[], None]
    ) -> None:
        """`wake` is called after each commit that leaves something to publish or to send."""
        self._stories, self._subscribers = stories, subscribers
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
            earlier = await transaction.story_of(signal.earlier_ids)
            decision = decide(await transaction.stories(signal), signal, earlier=earlier)
            await transaction.keep(signal, decision, now)
            if decision.tells:
                await self._tell(transaction, decision, envelope, now)
        self._meter.decided(signal.kind, decision.reason)
        if decision.tells:
            self._wake()

    async def _tell(self, transaction: Transaction, decision: Decision, cause: Envelope, now: datetime) -> None:
        alert = alert_of(decision, now)
        told = await transaction.told(alert.story_id) if alert.revision > 1 else frozenset()
        await transaction.tell(alert, cause, recipients(self._subscribers().values(), alert, told), now)


def recipients(subscribers: Iterable[Subscriber], alert: Alert, told: frozenset[str]) -> list[Subscriber]:
    """Those whose filter lets the alert through, and those who were told of the story before.

    Who was told of a ban must hear that it is suspended, even if the filter asks for bans only.
    """
    return [it for it in subscribers if it.id in told or it.filter.mismatch(alert) is None]
