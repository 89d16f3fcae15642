"""`alert.*`: what people are told. One alert a story; each change of the story is a revision."""

from __future__ import annotations

from datetime import date as Date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from shared.events.article import Tier
from shared.events.base import Body, Event, UtcDatetime
from shared.events.signal import Claim, Evidence, Hops
from shared.events.vocabulary import SourceId


class Reason(StrEnum):
    """Why a revision was sent."""

    NEW_STORY = "new_story"
    STAGE_CHANGED = "stage_changed"
    DIRECTION_CHANGED = "direction_changed"
    SCOPE_CHANGED = "scope_changed"
    CERTAINTY_CHANGED = "certainty_changed"
    DATE_CHANGED = "date_changed"
    OFFICIAL_CONFIRMATION = "official_confirmation"
    SEVERITY_RAISED = "severity_raised"
    RETRACTED = "retracted"


class Change(Body):
    """One field of the story that differs from the revision before. Values as people read them."""

    field: str
    before: str
    after: str


class StorySource(Body):
    """One article that tells this story."""

    article_id: str
    url: str | None = None
    title: str = ""
    source_id: SourceId
    source_tier: Tier = 2
    lang: str | None = None
    published_at: UtcDatetime | None = None
    first_seen_at: UtcDatetime
    copy_of: str | None = Field(default=None, description="Id of the article whose text this one nearly repeats.")


class NextDate(Body):
    """The next date to watch, and what happens then."""

    date: Date
    what: str


class Alert(Event, Claim):
    """The current state of one story, complete in itself."""

    story_id: str
    revision: int = Field(ge=1)
    reason: Reason
    changes: tuple[Change, ...] = ()
    headline: str
    summary: str = Field(description="One sentence a person understands at first sight.")
    evidence: tuple[Evidence, ...]
    sources: tuple[StorySource, ...] = Field(description="First seen first; the first is the lead source.")
    independent_sources: int = Field(
        default=1, ge=1, description="How many of them tell it in their own words: copies of one text count once."
    )
    signal_ids: tuple[str, ...] = ()
    first_seen_at: UtcDatetime
    next_date: NextDate | None = None
    rules_digest: str
    clock: Hops

    @property
    def event_id(self) -> str:
        """Story and revision."""
        return f"{self.story_id}.{self.revision}"

    @property
    def subject_tokens(self) -> dict[str, str]:
        """Kind and severity."""
        return {"kind": self.kind, "severity": self.severity.value}


class AlertRaised(Alert):
    """A story is told for the first time."""

    TYPE: ClassVar[str] = "io.orewire.alert.raised.v1"
    SUBJECT: ClassVar[str] = "orewire.alert.raised.{kind}.{severity}"


class AlertUpdated(Alert):
    """Something that matters has changed since the last revision."""

    TYPE: ClassVar[str] = "io.orewire.alert.updated.v1"
    SUBJECT: ClassVar[str] = "orewire.alert.updated.{kind}.{severity}"


class AlertRetracted(Alert):
    """The story was wrong or withdrawn."""

    TYPE: ClassVar[str] = "io.orewire.alert.retracted.v1"
    SUBJECT: ClassVar[str] = "orewire.alert.retracted.{kind}.{severity}"
