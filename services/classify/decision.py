"""What the classifier decides about one article: findings, context and what it did not look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from services.classify.passage import Passage
from services.classify.rule import Rule
from services.classify.scan import Hit
from shared.events import Evidence, Instrument
from shared.events.vocabulary import Certainty, Direction, Severity, Stage


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule that fired on one sentence."""

    rule: Rule
    passage: Passage
    act: tuple[Hit, ...]
    """The words that are the act itself, first to last."""
    support: tuple[Hit, ...] = ()
    """Other words that had to be there: commodity, agent, parties."""

    @property
    def start(self) -> int:
        """Where the act starts in the folded field."""
        return self.act[0].start

    @property
    def end(self) -> int:
        """Where the act ends in the folded field."""
        return max(hit.end for hit in self.act)

    @property
    def specificity(self) -> tuple[int, float, int]:
        """More words of the act first, then the stronger rule, then the tighter span."""
        words = sum(len(hit.words()) for hit in self.act)
        return words, self.rule.weight, self.start - self.end


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the article says: enough to build a signal."""

    kind: str
    measure: str | None
    stage: Stage
    direction: Direction
    certainty: Certainty
    severity: Severity
    score: float
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    parties: tuple[str, ...]
    initiative: str | None
    commodities: tuple[str, ...]
    hs_codes: tuple[str, ...]
    instrument: Instrument | None
    effective_at: date | None
    until: date | None
    evidence: tuple[Evidence, ...]
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Context:
    """Something that looks like a signal and is none, with its class and the reason."""

    context_class: str
    reason: str
    sentence: str
    start: int
    end: int
    field: str = "text"
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Why an article, or part of it, was not looked at."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for one article."""

    signals: tuple[Finding, ...] = ()
    context: tuple[Context, ...] = ()
    ignored: tuple[Ignored, ...] = field(default=())
