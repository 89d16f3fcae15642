"""Lets go what waits: groups, digests, what quiet hours and silences kept back. The database decides, this only wakes.

Any number of replicas may run it on one database: each subscriber's alerts are handled in one transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from services.notify.digest import begun, bundle_up, ended
from services.notify.ports import Silences, Subscriber, Subscribers
from services.notify.route import release
from services.notify.silence import Silence
from services.notify.waiting import Notice, Waiting
from shared.clock import Clock
from shared.errors import TransientError
from shared.events.vocabulary import Severity

log = structlog.get_logger(__name__)
POLL_SECONDS: Final = 1.0


class Keeper:
    """The loop that looks for what has become due."""

    def __init__(
        self, waiting: Waiting, subscribers: Subscribers, silences: Silences, clock: Clock, *, wake: Callable[[], None]
    ) -> None:
        """`wake` is called after each commit that leaves something to send."""
        self._waiting, self._subscribers, self._silences = waiting, subscribers, silences
        self._clock, self._wake = clock, wake

    async def run(self) -> None:
        """Look every second, until cancelled."""
        while True:
            try:
                await self.step()
            except TransientError as error:
                log.warning("nothing_released", why=str(error))
            except Exception:
                log.exception("keeper_failed")
            await asyncio.sleep(POLL_SECONDS)

    async def step(self) -> int:
        """Tell of silences and let go what is due; returns how many messages were planned.

        Raises:
            TransientError: the database is away.
        """
        now, people = self._clock.now(), self._subscribers()
        silences = (*self._silences(), *await self._waiting.silences(now))
        planned = await self._notices(people, silences, now)
        for name in await self._waiting.due(list(people), now):
            try:
                planned += await self._let_go(people[name], silences, now)
            except TransientError:
                raise
            except Exception:  # what is wrong with one subscriber's alerts must not stop those of all
                log.exception("release_failed", subscriber=name)
        if planned:
            self._wake()
        return planned

    async def _let_go(self, subscriber: Subscriber, silences: Sequence[Silence], now: datetime) -> int:
        async with self._waiting.turn(subscriber, now) as turn:
            if not turn.held:
                return 0
            decided = release(subscriber, turn.held, now, turn.standing, silences)
            bundles = bundle_up(subscriber, decided.tell, now)
            await turn.write(decided.wait, decided.tell, bundles)
        return len(bundles) or len(decided.tell)

    async def _notices(self, people: Mapping[str, Subscriber], silences: Sequence[Silence], now: datetime) -> int:
        known = await self._waiting.silenced()
        active = {(it.id, name): it for it in silences if it.in_force(now) for name in people if it.concerns(name)}
        told = 0
        for key in sorted(active.keys() - known.keys()):
            if _awake(people[key[1]], now):
                told += await self._begin(active[key], people[key[1]], now)
        for key in sorted(known.keys() - active.keys()):
            if key[1] in people and _awake(people[key[1]], now):
                told += await self._end(key[0], known[key], people[key[1]], now)
        return told

    async def _begin(self, silence: Silence, subscriber: Subscriber, now: datetime) -> bool:
        bundle = begun(silence, subscriber, now)
        return await self._waiting.begin(Notice(silence.id, silence.author, subscriber, bundle), now)

    async def _end(self, silence_id: str, author: str, subscriber: Subscriber, now: datetime) -> bool:
        count = await self._waiting.kept_back(silence_id, subscriber.id)
        bundle = ended(silence_id, author, subscriber, count, now)
        return await self._waiting.end(Notice(silence_id, author, subscriber, bundle), now)


def _awake(subscriber: Subscriber, now: datetime) -> bool:
    """Notices of silences wait for the end of quiet hours."""
    return subscriber.timing.quiet_for(Severity.LOW, now) is None
