"""Measures a rule set on labelled articles: precision, recall and F1 of kinds and of rules, confusions, traps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.classify.decision import Decision, Finding
from shared.events import Article
from shared.events.vocabulary import Direction, Stage

KINDS: Final = ("export_restriction", "alliance_move")
"""Kinds that every labelled article is about: without a label it is none of them. Others count where labelled."""
IN_SCOPE: Final = frozenset({"", "minerals"})
"""Articles about other goods are no positives: the rules are about minerals."""
Confusion = Counter[tuple[str, str]]
"""How often what was labelled (first) was found as what (second)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled article and what was decided on it."""

    article: Article
    labels: Mapping[str, Any]
    scope: str
    decision: Decision
    trap: str = ""

    def about(self, kind: str) -> bool:
        """Whether the labels say yes or no to this kind."""
        return kind in KINDS or kind in self.labels

    def wanted(self, kind: str) -> bool:
        """Whether a signal of this kind would be right."""
        return bool(self.labels.get(kind)) and self.scope in IN_SCOPE

    def found(self, kind: str) -> Finding | None:
        """The signal of this kind."""
        return next((finding for finding in self.decision.signals if finding.kind == kind), None)

    def differs(self, kind: str, name: str) -> bool:
        """Whether the stage or direction of a hit is another one than labelled."""
        finding, label = self.found(kind), self.label(name)
        return bool(label) and finding is not None and label != getattr(finding, name).value

    def label(self, name: str) -> str:
        """The labelled stage or direction; empty when nothing is labelled, or not said of which of several kinds."""
        several = sum(value is True for value in self.labels.values()) > 1
        return "" if several else str(self.labels.get(name) or "")


@dataclass
class RuleScore:
    """How one rule did where it decided, that is, where it was the strongest of those that fired."""

    rule: str
    wanted: int = 0
    """Labelled articles of the rule's kind, whichever rule found them."""
    right: int = 0
    wrong: int = 0
    only: int = 0
    """Right ones in which no other rule took part: without this rule they would be missed."""

    @property
    def decided(self) -> int:
        """How often the rule decided."""
        return self.right + self.wrong

    def value(self) -> dict[str, Any]:
        """The score as plain values."""
        precision, recall = ratio(self.right, self.decided), ratio(self.right, self.wanted)
        rates = {"precision": precision, "recall": recall, "f1": harmonic(precision, recall)}
        counts = {"rule": self.rule, "decided": self.decided, "right": self.right, "wrong": self.wrong}
        return {**counts, "only": self.only, **{name: round(rate, 4) for name, rate in rates.items()}}


@dataclass
class KindScore:
    """What was right and wrong about one kind of signal."""

    kind: str
    hits: list[Case] = field(default_factory=list)
    misses: list[Case] = field(default_factory=list)
    false_alarms: list[Case] = field(default_factory=list)
    stages: Confusion = field(default_factory=Counter)
    directions: Confusion = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """Share of the signals that are right."""
        return ratio(len(self.hits), len(self.hits) + len(self.false_alarms))

    @property
    def recall(self) -> float:
        """Share of the labelled articles that were found."""
        return ratio(len(self.hits), len(self.hits) + len(self.misses))

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return harmonic(self.precision, self.recall)

    def figures(self) -> dict[str, float]:
        """The five figures that a rule set is judged by, each from 0 to 1."""
        figures = {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "direction_right": diagonal(self.directions),
            "stage_right": diagonal(self.stages),
        }
        return {name: round(figure, 4) for name, figure in figures.items()}

    def rules(self) -> tuple[RuleScore, ...]:
        """The rules that decided, the busiest first."""
        wanted = len(self.hits) + len(self.misses)
        scores: dict[str, RuleScore] = {}
        for case, right in (*((c, True) for c in self.hits), *((c, False) for c in self.false_alarms)):
            finding = case.found(self.kind)
            assert finding is not None
            found = scores.setdefault(finding.rules[0][0], RuleScore(finding.rules[0][0], wanted))
            found.right += right
            found.wrong += not right
            found.only += right and len(finding.rules) == 1
        return tuple(sorted(scores.values(), key=lambda score: (-score.decided, score.rule)))

    def value(self) -> dict[str, Any]:
        """The scores as plain values."""
        return {
            "kind": self.kind,
            "hits": len(self.hits),
            **self.figures(),
            "stages": _pairs(self.stages),
            "directions": _pairs(self.directions),
            "misses": [case.article.id for case in self.misses],
            "false_alarms": [case.article.id for case in self.false_alarms],
            "rules": [rule.value() for rule in self.rules()],
        }


@dataclass
class TrapScore:
    """The articles written for one known trap."""

    trap: str
    total: int = 0
    right: int = 0
    """Nothing missed, no false alarm, no wrong direction."""
    exact: int = 0
    """Right, and the stage as well."""
    wrong: list[str] = field(default_factory=list)
    """Ids of the articles that are not right."""


@dataclass(frozen=True)
class Scores:
    """A rule set's result on a set of articles."""

    kinds: tuple[KindScore, ...]
    traps: tuple[TrapScore, ...]
    articles: int


def score(cases: Iterable[Case]) -> Scores:
    """Score all cases."""
    known = list(cases)
    kinds = tuple(_kind(kind, known) for kind in kinds_of(known))
    return Scores(kinds, _traps(known, [kind.kind for kind in kinds]), len(known))


def kinds_of(cases: Iterable[Case]) -> tuple[str, ...]:
    """The kinds that are scored: the shipped ones, then those of operators that are labelled with yes or no."""
    labelled = {name for case in cases for name, value in case.labels.items() if isinstance(value, bool)}
    return (*KINDS, *sorted(labelled - set(KINDS)))


def _kind(kind: str, cases: Iterable[Case]) -> KindScore:
    result = KindScore(kind)
    for case in cases:
        finding = case.found(kind)
        if case.wanted(kind) and finding is not None:
            result.hits.append(case)
            _confuse(result, case, finding)
        elif case.wanted(kind):
            result.misses.append(case)
        elif finding is not None and case.about(kind):
            result.false_alarms.append(case)
    return result


def _confuse(result: KindScore, case: Case, finding: Finding) -> None:
    for name, counts in (("stage", result.stages), ("direction", result.directions)):
        label = case.label(name)
        if label:
            counts[label, getattr(finding, name).value] += 1


def _traps(cases: Iterable[Case], kinds: Sequence[str]) -> tuple[TrapScore, ...]:
    scores: dict[str, TrapScore] = {}
    for case in cases:
        if case.trap:
            result = scores.setdefault(case.trap, TrapScore(case.trap))
            right = not any(_wrong(case, kind) for kind in kinds)
            result.total += 1
            result.right += right
            result.exact += right and not any(case.wanted(kind) and case.differs(kind, "stage") for kind in kinds)
            result.wrong += [] if right else [case.article.id]
    return tuple(sorted(scores.values(), key=lambda result: (len(result.trap), result.trap)))


def _wrong(case: Case, kind: str) -> bool:
    if not case.about(kind):
        return False
    return case.wanted(kind) is (case.found(kind) is None) or case.differs(kind, "direction")


def _pairs(counts: Confusion) -> list[dict[str, Any]]:
    return [{"labelled": right, "found": found, "count": n} for (right, found), n in sorted(counts.items())]


def diagonal(counts: Confusion) -> float:
    """Share of what was found as labelled, from 0 to 1."""
    return ratio(sum(n for (right, found), n in counts.items() if right == found), sum(counts.values()))


def labels_of(counts: Confusion) -> Iterator[str]:
    """Every word of a confusion, each once, in the order of the vocabulary: neighbours are easily confused."""
    order = {word.value: place for place, word in enumerate((*Direction, *Stage))}
    yield from sorted({word for pair in counts for word in pair}, key=lambda word: (order.get(word, len(order)), word))


def harmonic(first: float, second: float) -> float:
    """Harmonic mean of two shares."""
    return ratio(2 * first * second, first + second)


def ratio(part: float, whole: float) -> float:
    """A share; 0 of nothing is 0."""
    return part / whole if whole else 0.0
