"""What lets go of waiting alerts needs from the world: where they wait, and who knows of which silence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.notify.bundle import Bundle
from services.notify.course import Held, Standing
from services.notify.ports import Subscriber
from services.notify.silence import Silence


class Turn(Protocol):
    """The alerts that wait for one subscriber, while nobody else may touch them."""

    @property
    def held(self) -> Sequence[Held]:
        """All that wait; none when another replica has the turn."""
        ...

    @property
    def standing(self) -> Standing:
        """When the subscriber was told last."""
        ...

    async def write(self, wait: Sequence[Held], told: Sequence[Held], bundles: Sequence[Bundle]) -> None:
        """Make deliveries of what is told, by itself where it is in no bundle, and keep the rest until its time."""
        ...


@dataclass(frozen=True)
class Notice:
    """That a silence has begun or ended, for one subscriber. `bundle` is the message."""

    silence_id: str
    author: str
    subscriber: Subscriber
    bundle: Bundle


class Waiting(Protocol):
    """Where alerts wait for their time, and who was told of silences."""

    async def due(self, subscriber_ids: Collection[str], now: datetime) -> Sequence[str]:
        """Those of the subscribers for whom something is due. What waits for others is given up after a while."""
        ...

    def turn(self, subscriber: Subscriber, now: datetime) -> AbstractAsyncContextManager[Turn]:
        """One transaction on what waits for the subscriber."""
        ...

    async def silences(self, now: datetime) -> Sequence[Silence]:
        """Silences made by command that have not ended."""
        ...

    async def silenced(self) -> Mapping[tuple[str, str], str]:
        """Authors of the silences that subscribers have been told of, by silence and subscriber id."""
        ...

    async def kept_back(self, silence_id: str, subscriber_id: str) -> int:
        """How many alerts the silence keeps back."""
        ...

    async def begin(self, notice: Notice, now: datetime) -> bool:
        """Tell that a silence has begun; False if another replica has."""
        ...

    async def end(self, notice: Notice, now: datetime) -> bool:
        """Tell that a silence has ended and make due what it kept back; False if another replica has."""
        ...
