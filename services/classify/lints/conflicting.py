"""Two rules claim the same words and mean different things.

Error where another rule turns a match example into the other direction, or where two directions tie, so that the
order of the rules decides. Warning where the same words make signals of two kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from services.classify.decision import Verdict
from services.classify.remark import Inspected, Level, Lint, Remark, Trial
from services.classify.rule import CONTEXT, Rule
from shared.events.vocabulary import Direction

_PLAIN: Final = frozenset({Direction.TIGHTEN, Direction.EASE, Direction.ADVANCE, Direction.RETREAT})
"""Directions that exclude each other; a neutral or contested reading is a shade, not the contrary."""
_QUOTES: Final = " on “"
"""Sets the example apart: the same pair of rules is told once, not on every example."""


def _run(inspected: Inspected) -> Iterator[Remark]:
    rules = {rule.id: rule for rule in inspected.ruleset.rules}
    told: set[tuple[str, str]] = set()
    for trial in inspected.trials:
        for remark in (*_turned(trial, rules), *_pairs(trial)):
            what = (remark.name, remark.message.partition(_QUOTES)[0])
            if what not in told:
                told.add(what)
                yield remark


def _turned(trial: Trial, rules: dict[str, Rule]) -> Iterator[Remark]:
    """A match example that another rule decides the other way."""
    if trial.finding is None or trial.took_part:
        return
    winner = rules[trial.finding.rules[0][0]]
    if _contrary(trial.rule, winner):
        message = f"means {trial.rule.meaning.direction}, but `{winner.id}` decides {winner.meaning.direction}"
        yield _remark(Level.ERROR, trial, trial.rule, message, f"narrow `{winner.id}`, or correct the example")


def _pairs(trial: Trial) -> Iterator[Remark]:
    kinds = {finding.kind for finding in trial.decision.signals}
    for first, second in combinations(trial.fired, 2):
        if not _same_words(first, second) or CONTEXT in (first.rule.kind, second.rule.kind):
            continue
        names = f"with `{second.rule.id}`"
        if _contrary(first.rule, second.rule) and first.specificity == second.specificity:
            message = f"ties {names}, which means {second.rule.meaning.direction}"
            yield _remark(Level.ERROR, trial, first.rule, message, "make one longer or heavier than the other")
        elif first.rule.kind != second.rule.kind and kinds >= {first.rule.kind, second.rule.kind}:
            message = f"makes signals of two kinds from the same words, together {names}"
            yield _remark(Level.WARNING, trial, first.rule, message, "narrow one of them, if only one is meant")


def _remark(level: Level, trial: Trial, rule: Rule, message: str, hint: str) -> Remark:
    place = ("examples", "match", trial.index) if rule is trial.rule else ("when",)
    return Remark(level, "rule", rule.id, f"{message}{_QUOTES}{trial.rule.match[trial.index]}”", hint, place)


def _contrary(first: Rule, second: Rule) -> bool:
    directions = {first.meaning.direction, second.meaning.direction}
    return first.kind == second.kind and len(directions) == 2 and directions <= _PLAIN


def _same_words(first: Verdict, second: Verdict) -> bool:
    return first.passage is second.passage and first.start < second.end and second.start < first.end


LINT: Final = Lint(_run)
