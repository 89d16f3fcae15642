"""`signal.detected`: one article says one thing. Carries the claim, its fields and the evidence."""

from __future__ import annotations

from datetime import date as Date
from typing import ClassVar, Literal

from pydantic import Field

from shared.events.article import ArticleRef, revised_id
from shared.events.base import Body, Event, UtcDatetime
from shared.events.vocabulary import (
    Certainty,
    CommodityId,
    Country,
    Direction,
    Kind,
    Measure,
    Severity,
    Stage,
    Target,
)


class Instrument(Body):
    """The legal text behind a measure, as far as the article names it."""

    authority: str | None = None
    number: str | None = Field(default=None, description='As published, e.g. "61 of 2025".')
    date: Date | None = None


class Term(Body):
    """A matched word. Offsets count characters of the field the evidence names."""

    text: str
    start: int
    end: int
    role: str = Field(description="Why it counts: action, export, commodity, actor, hedge …")


class Evidence(Body):
    """The sentence that made a rule fire, with the words that matter in it."""

    sentence: str
    field: Literal["title", "text"] = "text"
    start: int = Field(description="Offset of the sentence in the field, in characters.")
    end: int
    rule: str = Field(description="Id of the rule this is evidence for.")
    terms: tuple[Term, ...] = ()


class RuleRef(Body):
    """A rule that fired, by id and version."""

    id: str
    version: str


class Claim(Body):
    """What is said, free of who said it: the fields that signals and alerts share."""

    kind: Kind
    measure: Measure | None = None
    stage: Stage
    direction: Direction
    certainty: Certainty
    severity: Severity
    score: float = Field(ge=0, le=1, description="Confidence that the article says this.")
    actors: tuple[Country, ...] = Field(default=(), description="Who acts.")
    targets: tuple[Target, ...] = Field(default=(), description="Against whom, or `all`.")
    parties: tuple[Country, ...] = Field(default=(), description="Alliances: who takes part.")
    initiative: str | None = Field(default=None, description="Alliances: the named initiative.")
    commodities: tuple[CommodityId, ...] = ()
    hs_codes: tuple[str, ...] = ()
    instrument: Instrument | None = None
    effective_at: Date | None = None
    until: Date | None = None


class Hops(Body):
    """When each hop handled this story's article, for latency."""

    collected_at: UtcDatetime
    detected_at: UtcDatetime | None = None
    raised_at: UtcDatetime | None = None
    sent_at: UtcDatetime | None = None


class SignalDetected(Event, Claim):
    """One article says one thing."""

    TYPE: ClassVar[str] = "io.orewire.signal.detected.v1"
    SUBJECT: ClassVar[str] = "orewire.signal.detected.{kind}.{severity}"

    id: str
    article: ArticleRef
    evidence: tuple[Evidence, ...]
    rules: tuple[RuleRef, ...]
    rules_digest: str = Field(description="Digest of the whole rule set that decided.")
    clock: Hops

    @property
    def event_id(self) -> str:
        """The signal's id: article, revision and kind, so a re-run is the same fact."""
        return self.id

    @property
    def earlier_ids(self) -> tuple[str, ...]:
        """Ids of the signals of this kind that earlier revisions of the article may have made."""
        last = self.article.revision
        first = self.id.removesuffix(f".{last}")
        return tuple(revised_id(first, number) for number in range(1, last))

    @property
    def subject_tokens(self) -> dict[str, str]:
        """Kind and severity."""
        return {"kind": self.kind, "severity": self.severity.value}
