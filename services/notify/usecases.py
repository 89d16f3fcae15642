"""A signal comes in: decide what it means for its story, write that down, and let the dispatcher go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from services.notify.addressing import address
from services.notify.course import Route
from services.notify.fold import Action, Decision, choose, fold
from services.notify.keeping import Stories, Transaction
from services.notify.notice import alert_of
from services.notify.ports import Meter, Silences, Subscriber, Subscribers
from services.notify.replay import is_late
from services.notify.silence import Silence
from services.notify.story import within_bounds
from shared.clock import Clock
from shared.events import Alert, SignalDetected
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
        now, signal = self._clock.now(), within_bounds(signal)
        async with self._stories.transaction(signal.kind) as transaction:
            if await transaction.is_known(signal.id):
                return
            decision = await _decide(transaction, signal)
            await transaction.keep(signal, decision, now)
            if decision.tells:
                await self._tell(transaction, decision, envelope, now)
        self._meter.decided(signal.kind, decision.reason)
        if decision.tells:
            self._wake()

    async def _tell(self, transaction: Transaction, decision: Decision, cause: Envelope, now: datetime) -> None:
        alert = alert_of(decision, now)
        if decision.action == Action.RETRACT:
            await take_back(transaction, alert, cause, self._subscribers(), self._silences(), now)
            return
        await address(transaction, alert, cause, self._subscribers(), self._silences(), now)


async def _decide(transaction: Transaction, signal: SignalDetected) -> Decision:
    story = choose(await transaction.stories(signal), signal, earlier=await transaction.story_of(signal))
    reports = await transaction.reports(story.story_id) if story is not None and is_late(story, signal) else ()
    return fold(story, signal, reports)


async def take_back(
    transaction: Transaction,
    alert: Alert,
    cause: Envelope | None,
    subscribers: Mapping[str, Subscriber],
    silences: Sequence[Silence],
    now: datetime,
) -> Mapping[str, Route]:
    """Tell exactly those whom the story has reached; whoever still waited for it hears nothing at all."""
    await transaction.withdraw(alert.story_id, now)  # first: nothing is sent any more while we look whom it reached
    reached = await transaction.reached(alert.story_id, now)
    return await address(transaction, alert, cause, subscribers, silences, now, only=reached)
