"""The loop that reminds people of dates. It only looks; what is due, and that it is sent once, the database decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from services.notify.addressing import address
from services.notify.keeping import Stories
from services.notify.notice import alert_of
from services.notify.ports import Meter, Silences, Subscribers
from services.notify.reminder import choose_due, remind
from shared.clock import Clock
from shared.errors import TransientError

log = structlog.get_logger(__name__)
LOOK_SECONDS: Final = 30.0
BATCH: Final = 100
"""Stories looked up at a time."""


class Reminding:
    """Sends reminders that fell due. Every replica may run it on one database."""

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

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                more = await self.step() == BATCH
            except TransientError as error:
                log.warning("reminders_wait", why=str(error))
                more = False
            if not more:
                await asyncio.sleep(LOOK_SECONDS)

    async def step(self) -> int:
        """Settle what is due right now; returns how many stories were looked at.

        Raises:
            TransientError: the database is away.
        """
        stories = await self._stories.due(self._clock.now(), BATCH)
        for story_id, kind in stories:
            await self._settle(story_id, kind)
        return len(stories)

    async def _settle(self, story_id: str, kind: str) -> None:
        """In the story's own turn: another replica, an edit of the date or a new report may have come before us."""
        now = self._clock.now()
        async with self._stories.transaction(kind) as transaction:
            story = await transaction.story(story_id)
            due = choose_due(await transaction.due(story_id, now), now.date())
            if story is None or not due:
                await transaction.settle(story_id, (), None, now)
                return
            decision = remind(story, due, now.date())
            alert = alert_of(decision, now)
            if decision.story is not None:
                await transaction.amend(decision.story, now, tells=True)
            await transaction.settle(story_id, due, alert.revision, now)
            await address(transaction, alert, None, self._subscribers(), self._silences(), now)
        self._meter.decided(kind, alert.reason)
        self._wake()
