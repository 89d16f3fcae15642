"""Calls that arrive while one is under way share the next one: many small transactions become a few.

A transaction costs a disk sync. Under load, twenty articles posted at once are written by one; an article
that comes alone is written at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

MOST: Final = 1_000
"""Items served by one call."""
K = TypeVar("K")
V = TypeVar("V")


class Grouped(Generic[K, V]):
    """An asynchronous function over many items, called with the items of all who wait."""

    def __init__(self, run: Callable[[Sequence[K]], Awaitable[V]]) -> None:
        """`run` takes the items of several callers; each of them gets its whole answer."""
        self._run = run
        self._waiting: list[tuple[Sequence[K], asyncio.Future[V]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def __call__(self, items: Sequence[K]) -> V:
        """The answer of the call that these items were part of; its exception, if it failed."""
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            group = self._next_group()
            try:
                answer = await self._run([item for items, _ in group for item in items])
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
                for future in _listening(group):
                    future.set_exception(error)
            else:
                for future in _listening(group):
                    future.set_result(answer)

    def _next_group(self) -> list[tuple[Sequence[K], asyncio.Future[V]]]:
        group = [self._waiting.pop(0)]
        size = len(group[0][0])
        while self._waiting and size + len(self._waiting[0][0]) <= MOST:
            group.append(self._waiting.pop(0))
            size += len(group[-1][0])
        return group


def _listening(group: Sequence[tuple[Sequence[K], asyncio.Future[V]]]) -> list[asyncio.Future[V]]:
    """The futures somebody still waits for; a caller may have gone away meanwhile."""
    return [future for _, future in group if not future.done()]
