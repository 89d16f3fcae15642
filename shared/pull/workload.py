"""The work on messages in hand: ordinary ones one after the other, what has to wait for something beside them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

from nats.aio.msg import Msg

from shared.pull.hand import Hand
from shared.pull.work import Rest, Work

SLICE: Final = 0.004
"""Seconds of work after which everything else in the process gets its turn."""


class Workload:
    """Messages that wait for their turn, and those whose rest is awaited."""

    def __init__(self, work: Work, hand: Hand, changed: Callable[[], None]) -> None:
        """`changed` is called when something that was awaited is over."""
        self._work, self._hand, self._changed = work, hand, changed
        self._waiting: deque[Msg] = deque()
        self._running: set[asyncio.Task[None]] = set()

    def add(self, message: Msg) -> None:
        """A message to work on."""
        self._waiting.append(message)

    @property
    def waits(self) -> bool:
        """Whether a message waits for its turn."""
        return bool(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether anything is left."""
        return bool(self._waiting or self._running)

    async def some(self) -> None:
        """Work for a slice of time."""
        end = monotonic() + SLICE
        while self._waiting and monotonic() < end:
            await self._handle(self._waiting.popleft())

    async def give_up(self) -> None:
        """Leave everything as it is."""
        self._waiting.clear()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _handle(self, message: Msg) -> None:
        try:
            rest = self._work(message)
        except Exception as error:  # noqa: BLE001  # judged and answered, whatever it is
            self._later(self._hand.failed(message, error))
        else:
            if rest is None:
                await self._hand.done(message)
            else:
                self._later(self._complete(message, rest))

    async def _complete(self, message: Msg, rest: Rest) -> None:
        try:
            await rest
        except Exception as error:  # noqa: BLE001  # judged and answered, whatever it is
            await self._hand.failed(message, error)
        else:
            await self._hand.done(message)

    def _later(self, rest: Rest) -> None:
        task = asyncio.create_task(rest)
        self._running.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._changed()
