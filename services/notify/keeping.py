"""What notify needs of the place where stories are kept: the port."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from services.notify.course import Route, Standing
from services.notify.fold import Decision
from services.notify.ports import Subscriber
from services.notify.reminder import Reminder
from services.notify.silence import Silence
from services.notify.story import Story
from shared.events import Alert, SignalDetected
from shared.events.envelope import Envelope


class Transaction(Protocol):
    """The work on one signal, all or nothing."""

    async def is_known(self, signal_id: str) -> bool:
        """Whether the signal was handled before."""
        ...

    async def story_of(self, signal: SignalDetected) -> Story | None:
        """The story that an earlier revision of the article told, or the text it is a copy of; None if none did."""
        ...

    async def story(self, story_id: str) -> Story | None:
        """One story by its id."""
        ...

    async def reports(self, story_id: str) -> Sequence[SignalDetected]:
        """All signals of a story; empty when not all of them can be had."""
        ...

    async def stories(self, signal: SignalDetected) -> Sequence[Story]:
        """The stories the signal might belong to."""
        ...

    async def told(self, story_id: str) -> frozenset[str]:
        """Ids of the subscribers who have been told of the story."""
        ...

    async def reached(self, story_id: str, at: datetime) -> frozenset[str]:
        """Ids of the subscribers whom something of the story has reached, or may have, by itself or with others."""
        ...

    async def waiting(self, story_id: str) -> frozenset[str]:
        """Ids of the subscribers who still wait for something of the story, for its delivery or for its time."""
        ...

    async def withdraw(self, story_id: str, at: datetime) -> None:
        """Drop whatever of the story waits for its time, and every delivery of it that nobody is sending right now."""
        ...

    async def keep(self, signal: SignalDetected, decision: Decision, at: datetime) -> None:
        """Write the decision and its story."""
        ...

    async def amend(self, story: Story, at: datetime, *, tells: bool) -> None:
        """Write a story that changed without a signal. `tells`: people are told of it."""
        ...

    async def due(self, story_id: str, at: datetime) -> Sequence[Reminder]:
        """The story's reminders that fell due and are not settled."""
        ...

    async def settle(self, story_id: str, sent: Sequence[Reminder], revision: int | None, at: datetime) -> None:
        """Write down that these reminders were sent as that revision, and that all others due were passed over."""
        ...

    async def standings(self, alert: Alert, subscribers: Iterable[Subscriber], now: datetime) -> Mapping[str, Standing]:
        """What there is between us and each subscriber. Alerts of the story that wait cannot be told meanwhile."""
        ...

    async def silences(self, now: datetime) -> Sequence[Silence]:
        """Silences made by command that have not ended."""
        ...

    async def hold(self, alert: Alert, routes: Mapping[str, Route], at: datetime) -> None:
        """Write what the alert means for each subscriber. Those who are told later are written down for it; older
        revisions that wait give way.
        """
        ...

    async def tell(self, alert: Alert, cause: Envelope | None, to: Sequence[Subscriber], at: datetime) -> None:
        """Write the revision, its event and one delivery a subscriber; drop what it supersedes."""
        ...


class Stories(Protocol):
    """Where stories are kept."""

    def transaction(self, kind: str) -> AbstractAsyncContextManager[Transaction]:
        """One transaction; those of one kind run one after the other, in all replicas."""
        ...

    async def kind_of(self, story_id: str) -> str | None:
        """Kind of a story, None when there is no such story."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Id and kind of stories with a reminder that fell due."""
        ...
