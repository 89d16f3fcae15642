"""`source.*`: how a source of articles is doing, for those who run the service."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from shared.events.base import Event, UtcDatetime
from shared.events.vocabulary import SourceId
from shared.ids import stable_id


class Trouble(StrEnum):
    """Why a source is unhealthy."""

    FAILING = "failing"
    SILENT = "silent"


class SourceEvent(Event):
    """What both events about a source's health say."""

    source_id: SourceId
    trouble: Trouble = Field(description="What is wrong, or was.")
    at: UtcDatetime = Field(description="When it was found out.")
    last_success_at: UtcDatetime | None = Field(default=None, description="When a poll last went well.")
    last_new_at: UtcDatetime | None = Field(default=None, description="When a poll last brought something new.")
    next_poll_at: UtcDatetime = Field(description="When it is polled next; it is never given up.")

    @property
    def subject_tokens(self) -> dict[str, str]:
        """The source's id."""
        return {"source_id": self.source_id}


class SourceUnhealthy(SourceEvent):
    """A source fails again and again, or brings nothing new for much longer than usual."""

    TYPE: ClassVar[str] = "io.orewire.source.unhealthy.v1"
    SUBJECT: ClassVar[str] = "orewire.source.unhealthy.{source_id}"

    why: str = Field(description="What exactly, in words for people.")
    failures: int = Field(ge=0, description="Polls in a row that failed.")

    @property
    def event_id(self) -> str:
        """Source, trouble, and when all was last well: told again after a crash, it is the same."""
        well = self.last_success_at if self.trouble is Trouble.FAILING else self.last_new_at
        return stable_id("unhealthy", self.source_id, self.trouble.value, well.isoformat() if well else "never")


class SourceRecovered(SourceEvent):
    """A source that was unhealthy is well again."""

    TYPE: ClassVar[str] = "io.orewire.source.recovered.v1"
    SUBJECT: ClassVar[str] = "orewire.source.recovered.{source_id}"

    since: UtcDatetime = Field(description="When it was found to be unhealthy.")

    @property
    def event_id(self) -> str:
        """Source, and since when it was unhealthy."""
        return stable_id("recovered", self.source_id, self.since.isoformat())
