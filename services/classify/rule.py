"""A rule: what to look for in one sentence, and what it then means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from services.classify.condition import Check, Outcome
from services.classify.passage import Passage
from services.classify.scan import Hit
from shared.events.vocabulary import Direction, Stage

CONTEXT: Final = "context"
"""The kind of rules that name what looks like a signal and is none."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a rule sets when it fires. None leaves it to the cues in the text."""

    direction: Direction
    stage: Stage | None = None
    measure: str | None = None
    context_class: str | None = None


class Judgement(NamedTuple):
    """Whether a rule fired on a passage; if not, which condition failed and what was lacking."""

    fired: bool
    act: tuple[Hit, ...] = ()
    support: tuple[Hit, ...] = ()
    failed: str = ""
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule. Immutable; safe to share between threads."""

    id: str
    kind: str
    title: str
    why: str
    version: str
    weight: float
    checks: Mapping[str, Check]
    meaning: Meaning
    anywhere: bool = False
    """Whether it counts in the body of a text without a fresh date as well."""
    outweighs: frozenset[str] = frozenset()
    """For context rules: kinds that this rule silences in the same sentence."""
    match: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    enabled: bool = True
    """A rule that is switched off is checked with its examples, and judges nothing."""

    @property
    def needs(self) -> tuple[frozenset[str], ...]:
        """Groups of lexicons of which one must be present before anything else is looked at."""
        return tuple(group for check in self.checks.values() for group in check.needs)

    @property
    def lexicons(self) -> frozenset[str]:
        """All lexicons this rule refers to."""
        return frozenset(name for check in self.checks.values() for name in check.lexicons)

    def judge(self, passage: Passage) -> Judgement:
        """Apply the conditions in their order; the first that fails ends it."""
        act: tuple[Hit, ...] = ()
        support: tuple[Hit, ...] = ()
        for name, check in self.checks.items():
            outcome: Outcome = check.judge(passage, act)
            if not outcome.ok:
                lacking = check.why(passage) if check.why else outcome.lacking
                return Judgement(False, act, support, failed=name, lacking=lacking)
            act = outcome.act or act
            if outcome.support:
                support += outcome.support
        return Judgement(True, act or support, support)
