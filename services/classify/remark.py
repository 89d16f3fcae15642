"""What a lint is: it looks at a whole rule set and remarks on what will not do what its author thinks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from services.classify.decision import Decision, Finding, Verdict
from services.classify.detect import Detector
from services.classify.examples import example_article
from services.classify.reading import read
from services.classify.rule import CONTEXT, Rule
from services.classify.ruleset import RuleSet


class Level(StrEnum):
    """Whether a remark must be acted on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong with a rule or a lexicon, and what to do about it."""

    level: Level
    about: Literal["rule", "lexicon"]
    name: str
    message: str
    hint: str
    path: tuple[str | int, ...] = ()
    """Where in the rule or lexicon, as keys and indexes from its top."""
    lint: str = ""
    """Which lint says so; filled in by the one who runs it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One match example of a rule, judged with all rules competing."""

    rule: Rule
    index: int
    decision: Decision
    fired: tuple[Verdict, ...]
    """Every rule that fired, also those that did not win."""

    @property
    def finding(self) -> Finding | None:
        """The signal of the rule's kind."""
        return next((finding for finding in self.decision.signals if finding.kind == self.rule.kind), None)

    @property
    def took_part(self) -> bool:
        """Whether the rule has a part in the outcome."""
        if self.rule.kind == CONTEXT:
            return any(context.rule == self.rule.id for context in self.decision.context)
        return self.finding is not None and any(rule == self.rule.id for rule, _ in self.finding.rules)


@dataclass(frozen=True)
class Inspected:
    """What lints look at."""

    ruleset: RuleSet
    written: Mapping[str, Mapping[str, Any]]
    """`when` of each rule as it stands in its file; rules that are switched off are here too."""
    decisions: Sequence[Decision] = field(default=())
    """What all rules together decide on a set of real articles, if there is one."""

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """Every match example of every rule."""
        detector = Detector(self.ruleset)
        return tuple(
            _trial(rule, index, example, detector)
            for rule in self.ruleset.rules
            for index, example in enumerate(rule.match)
        )

    def of(self, rule: Rule) -> list[Trial]:
        """The trials of one rule."""
        return [trial for trial in self.trials if trial.rule is rule]

    @cached_property
    def used(self) -> frozenset[str]:
        """Rules that have a part in a decision on the real articles."""
        signals = {rule for d in self.decisions for finding in d.signals for rule, _ in finding.rules}
        return frozenset(signals | {c.rule for d in self.decisions for c in d.context if c.rule})


Run = Callable[[Inspected], Iterator[Remark]]


@dataclass(frozen=True, slots=True)
class Lint:
    """A plugin: one file in `lints/`, whose stem is its name and whose docstring says what it finds and why."""

    run: Run


def _trial(rule: Rule, index: int, example: str, detector: Detector) -> Trial:
    article = example_article(example)
    reading = read(article, detector.ruleset)
    fired = []
    for passage in reading.passages if reading else ():
        for candidate in detector.ruleset.candidates(passage):
            judged = candidate.judge(passage)
            if judged.fired and judged.act:
                fired.append(Verdict(candidate, passage, judged.act, judged.support))
    return Trial(rule, index, detector.detect(article), tuple(fired))
