"""Operators correct a story or take it back: exactly those whom it reached are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.notify.addressing import address
from services.notify.course import NOT_TOLD, Route
from services.notify.edit import Edit
from services.notify.keeping import Stories, Transaction
from services.notify.mend import mend
from services.notify.notice import alert_of
from services.notify.ports import Meter, Silences, Subscribers
from services.notify.usecases import take_back
from shared.clock import Clock
from shared.errors import PermanentError
from shared.events import Alert


class Editing:
    """The use case of `orewire alerts correct` and `retract`."""

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

    async def apply(self, story_id: str, edit: Edit) -> tuple[Alert, int]:
        """Make the edit; returns the revision that tells it, and how many subscribers are told, now or later.

        Raises:
            PermanentError: `no_such_story`, or as `mend` says.
            TransientError: the database is away; nothing was written.
        """
        kind = await self._stories.kind_of(story_id)
        if kind is None:
            raise PermanentError("no_such_story", "no such story")
        now = self._clock.now()
        async with self._stories.transaction(kind) as transaction:
            story = await transaction.story(story_id)
            if story is None:
                raise PermanentError("no_such_story", "no such story")
            decision = mend(story, edit)
            alert = alert_of(decision, now)
            if decision.story is not None:
                await transaction.amend(decision.story, now, tells=True)
            routes = await self._tell(transaction, alert, edit)
        self._meter.decided(kind, alert.reason)
        self._wake()
        return alert, sum(it.course not in NOT_TOLD for it in routes.values())

    async def _tell(self, transaction: Transaction, alert: Alert, edit: Edit) -> Mapping[str, Route]:
        """Whoever still waits for the story gets it corrected instead, and never hears of what was taken back."""
        now, people, silences = self._clock.now(), self._subscribers(), self._silences()
        if edit.retracts:
            return await take_back(transaction, alert, None, people, silences, now)
        names = await transaction.reached(alert.story_id, now) | await transaction.waiting(alert.story_id)
        return await address(transaction, alert, None, people, silences, now, only=names)
