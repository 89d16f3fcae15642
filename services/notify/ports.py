"""What notify needs from the world, as it needs it: a way out, channels, and places to keep things."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from services.notify.filter import Filter
from services.notify.fold import Decision
from services.notify.message import Message as Message  # noqa: PLC0414 - a word of the ports, kept here
from services.notify.outcome import Answer, Verdict
from services.notify.retry import Next
from services.notify.story import Story
from shared.config.validate import Strict
from shared.events import Alert, SignalDetected
from shared.events.envelope import Envelope
from shared.events.vocabulary import Severity


class Sender(Protocol):
    """The only way out to receivers."""

    async def send(self, message: Message) -> Answer:
        """Send one message. Never raises: a failure is an answer too."""
        ...


class Channel(Protocol):
    """A way to tell a subscriber. One file in `channels/`, found by its name; `compose` is pure."""

    @property
    def settings(self) -> type[Strict]:
        """Model of the keys this channel adds to a subscriber."""
        ...

    @property
    def example(self) -> Mapping[str, Any]:
        """Valid settings: documentation and test input."""
        ...

    @property
    def interval(self) -> float:
        """Seconds between two messages to one subscriber; 0 for no limit."""
        ...

    @property
    def final(self) -> Collection[int]:
        """HTTP statuses below 500 with which the receiver refuses for good."""
        ...

    def compose(self, alert: Alert, settings: Any, *, delivery_id: str, at: datetime) -> Sequence[Message]:
        """The messages that tell the alert, in order. Several when one would be too long."""
        ...

    def compose_digest(
        self, alerts: Sequence[Alert], settings: Any, *, delivery_id: str, at: datetime
    ) -> Sequence[Message]:
        """The messages that tell several alerts at once, in order. `alerts` holds at least one."""
        ...

    def flaws(self, settings: Any) -> Sequence[tuple[tuple[str, ...], str]]:
        """What is wrong with valid settings although messages can be sent: where in them, and what. For `check`."""
        ...


@dataclass(frozen=True)
class Subscriber:
    """Who is told, how, and what of. `fingerprint` changes with the address, so a moved receiver counts as new."""

    id: str
    channel: str
    settings: Any = field(repr=False)
    filter: Filter
    lane: str
    fingerprint: str
    enabled: bool = True


Subscribers = Callable[[], Mapping[str, Subscriber]]
"""The subscribers as configured right now, by id."""


class Status(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    HELD = "held"
    """Its subscriber is disabled; it waits for a new address, a manual retry or any success. The attempt that met
    the refusal ends with `delivery.exhausted`: none follows by itself."""
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    SUPERSEDED = "superseded"
    """A newer revision took its place before it could be delivered. This is no attempt, so no event tells of it."""


@dataclass(frozen=True)
class Task:
    """A delivery this process has claimed.

    `attempt` counts all attempts from 1, `step` those of the present schedule. `sent` messages of it have
    arrived in earlier attempts. After `lease_until` another process may take it.
    """

    delivery_id: str
    subscriber_id: str
    channel: str
    alert: Alert
    envelope: Envelope
    attempt: int
    step: int
    sent: int
    owner: str
    lease_until: datetime


@dataclass(frozen=True)
class Result:
    """How an attempt ended, and what follows from it.

    `sent` messages have arrived in all; `fingerprint` is that of the address that was tried.
    """

    answer: Answer
    verdict: Verdict
    next: Next
    at: datetime
    duration_ms: float
    sent: int
    fingerprint: str


class Transaction(Protocol):
    """The work on one signal, all or nothing."""

    async def is_known(self, signal_id: str) -> bool:
        """Whether the signal was handled before."""
        ...

    async def story_of(self, signal_ids: Sequence[str]) -> Story | None:
        """The story that one of these signals was folded into last; None when there is none."""
        ...

    async def stories(self, signal: SignalDetected) -> Sequence[Story]:
        """The stories the signal might belong to."""
        ...

    async def told(self, story_id: str) -> frozenset[str]:
        """Ids of the subscribers who have been told of the story."""
        ...

    async def keep(self, signal: SignalDetected, decision: Decision, at: datetime) -> None:
        """Write the decision and its story."""
        ...

    async def tell(self, alert: Alert, cause: Envelope, to: Sequence[Subscriber], at: datetime) -> None:
        """Write the revision, its event and one delivery a subscriber; drop what it supersedes."""
        ...


class Stories(Protocol):
    """Where stories are kept."""

    def transaction(self, kind: str) -> AbstractAsyncContextManager[Transaction]:
        """One transaction; those of one kind run one after the other, in all replicas."""
        ...


class Deliveries(Protocol):
    """Where deliveries wait, and what became of them."""

    async def claim(self, now: datetime, *, owner: str, room: Mapping[str, int], limit: int) -> Sequence[Task]:
        """Take due deliveries, at most `room[id]` of each subscriber; nobody else gets them for the lease."""
        ...

    async def finish(self, task: Task, result: Result) -> bool:
        """Write the attempt, its consequences and its event in one transaction; False if the lease was lost."""
        ...

    async def reconcile(self, subscribers: Mapping[str, Subscriber], now: datetime) -> None:
        """Forget what was learnt about addresses that subscribers no longer have, and give up old deliveries to
        those that are no subscribers any more.
        """
        ...

    async def retry(self, delivery_id: str, now: datetime) -> Status | None:
        """Make a delivery due now on a fresh schedule, unless it is delivered or a newer revision took its place.

        Returns its status before (superseded when there is a newer revision), None if there is no such delivery.
        """
        ...


@dataclass(frozen=True)
class AlertQuery:
    """Which alerts to list, newest first. None and empty let everything through."""

    kind: str | None = None
    severity: Severity | None = None
    actor: str | None = None
    commodity: str | None = None
    since: datetime | None = None
    limit: int = 50
    before: tuple[datetime, str] | None = None


@dataclass(frozen=True)
class DeliveryQuery:
    """Which deliveries to list, newest first."""

    status: Status | None = None
    subscriber: str | None = None
    limit: int = 50
    before: tuple[datetime, str] | None = None


class Records(Protocol):
    """What was told and to whom, for those who ask. Values are as JSON shows them."""

    async def alerts(self, query: AlertQuery) -> Sequence[tuple[datetime, str, Mapping[str, Any]]]:
        """The current alert of each story: when last told, story id, alert."""
        ...

    async def story(self, story_id: str) -> Mapping[str, Any] | None:
        """One story with all its revisions and deliveries."""
        ...

    async def deliveries(self, query: DeliveryQuery) -> Sequence[tuple[datetime, str, Mapping[str, Any]]]:
        """Deliveries: when made, delivery id, delivery with its attempts."""
        ...

    async def subscribers(self) -> Sequence[Mapping[str, Any]]:
        """What was learnt about receivers: held back until, disabled since and why."""
        ...


class Meter(Protocol):
    """Counts what happens."""

    def decided(self, kind: str, reason: str) -> None:
        """A signal led to an alert, or to none, for this reason."""
        ...

    def attempted(self, channel: str, outcome: str, seconds: float) -> None:
        """An attempt ended."""
        ...

    def told(self, channel: str, seconds: float) -> None:
        """An alert arrived, so many seconds after its article was collected."""
        ...
