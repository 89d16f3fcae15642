"""Plays the waves of news one after the other, waits until all is told, and judges what came out."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from services.demo.expect import Observed, Verdict, judge
from services.demo.feed import Feed
from services.demo.library import Library
from services.demo.notify_view import NotifyView
from services.demo.receiver import Receiver
from services.demo.report import Reporter
from services.demo.stream_watch import StreamWatch

LIMIT_SECONDS: Final = 90.0
LOOK_AGAIN_SECONDS: Final = 0.1


class Rehearsal:
    """One run of the demo's news through the running services."""

    def __init__(
        self,
        library: Library,
        feed: Feed,
        receiver: Receiver,
        watch: StreamWatch,
        notify: NotifyView,
        reporter: Reporter,
    ) -> None:
        self._library, self._feed, self._receiver = library, feed, receiver
        self._watch, self._notify, self._reporter = watch, notify, reporter
        self._shown = 0

    async def play(self, start: datetime) -> Verdict:
        """Show every wave, each after the one before has been told, and judge the whole."""
        late: list[str] = []
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                for wave in self._library.waves:
                    await self._wave(wave)
        except TimeoutError:
            late = [f"not finished within {LIMIT_SECONDS:.0f} s"]
        self._show_new_alerts()
        verdict = judge(self._library.expected, await self._observed(), today=start.date())
        return Verdict((*late, *(f"dead letter: {letter}" for letter in self._watch.dead), *verdict.differences))

    async def _wave(self, wave: int) -> None:
        self._feed.show(wave)
        count = len(self._feed.visible) - len(self._watch.collected)
        self._reporter.step(f"Wave {wave}: the feeds show {count} new articles")
        while not await self._told():
            await self._next_change()
            self._show_new_alerts()

    async def _told(self) -> bool:
        """Whether every visible article has gone all the way, and no delivery is left to make.

        Asked in the order the work flows, so that nothing can slip through between two answers.
        """
        if self._unread():
            return False
        return await self._watch.backlog() == 0 and await self._notify.waiting() == 0

    def _unread(self) -> list[str]:
        return sorted({article.slug for article in self._feed.visible} - self._watch.collected)

    async def _next_change(self) -> None:
        """Wait for an arrival; look again anyway after a moment, because a finished backlog rings no bell."""
        try:
            await asyncio.wait_for(self._watch.changed.wait(), LOOK_AGAIN_SECONDS)
        except TimeoutError:
            return
        self._watch.changed.clear()

    def _show_new_alerts(self) -> None:
        for receipt in self._receiver.receipts[self._shown :]:
            self._shown += 1
            self._reporter.alert(receipt, self._shown)

    async def _observed(self) -> Observed:
        tally = self._receiver.tally
        return Observed(
            alerts=[receipt.alert for receipt in self._receiver.receipts],
            slack_messages=len(self._receiver.slack),
            slack_problems=self._receiver.slack_problems,
            sources=await self._notify.sources(),
            unread=self._unread(),
            refused={
                "webhooks with a bad signature": tally.bad_signatures,
                "webhooks delivered twice": tally.duplicates,
                "webhooks that could not be read": tally.unreadable,
            },
        )
