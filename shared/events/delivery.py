"""`delivery.*`: how one attempt to tell one subscriber about one alert revision ended."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from shared.events.base import Event, UtcDatetime


class Outcome(StrEnum):
    """How an attempt ended: the closed word that decides whether it is tried again."""

    DELIVERED = "delivered"
    SERVER_ERROR = "server_error"
    THROTTLED = "throttled"
    REFUSED = "refused"
    GONE = "gone"
    REDIRECTED = "redirected"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    ADDRESS_BLOCKED = "address_blocked"
    BAD_RESPONSE = "bad_response"


class Delivery(Event):
    """One attempt of one delivery."""

    delivery_id: str
    story_id: str
    revision: int
    subscriber_id: str
    channel: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="A token of the subject.")
    attempt: int = Field(ge=1)
    outcome: Outcome
    status_code: int | None = Field(default=None, description="HTTP status, where there was one.")
    detail: str = Field(default="", description="What happened, without secrets or full URLs.")
    duration_ms: float
    at: UtcDatetime
    next_attempt_at: UtcDatetime | None = None

    @property
    def event_id(self) -> str:
        """Delivery and attempt."""
        return f"{self.delivery_id}.{self.attempt}"

    @property
    def subject_tokens(self) -> dict[str, str]:
        """The channel."""
        return {"channel": self.channel}


class DeliverySucceeded(Delivery):
    """The subscriber's endpoint took the message."""

    TYPE: ClassVar[str] = "io.orewire.delivery.succeeded.v1"
    SUBJECT: ClassVar[str] = "orewire.delivery.succeeded.{channel}"


class DeliveryFailed(Delivery):
    """The attempt failed; another one is planned at `next_attempt_at`."""

    TYPE: ClassVar[str] = "io.orewire.delivery.failed.v1"
    SUBJECT: ClassVar[str] = "orewire.delivery.failed.{channel}"


class DeliveryExhausted(Delivery):
    """The attempt failed and none will follow by itself."""

    TYPE: ClassVar[str] = "io.orewire.delivery.exhausted.v1"
    SUBJECT: ClassVar[str] = "orewire.delivery.exhausted.{channel}"
