"""Another rule of the same kind wins every match example of a rule, so that this rule decides nothing.

With a set of real articles: a rule that has a part in a decision on one of them is not shadowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from services.classify.remark import Inspected, Level, Lint, Remark
from services.classify.rule import Rule


def _run(inspected: Inspected) -> Iterator[Remark]:
    for rule in inspected.ruleset.rules:
        trials = inspected.of(rule)
        lost = [trial.finding for trial in trials if trial.finding is not None and not trial.took_part]
        if trials and len(lost) == len(trials) and rule.id not in inspected.used:
            yield _remark(rule, Counter(finding.rules[0][0] for finding in lost))


def _remark(rule: Rule, winners: Counter[str]) -> Remark:
    names = ", ".join(f"`{name}` ({count})" for name, count in winners.most_common())
    message = f"is shadowed: all its match examples are decided by {names}"
    hint = "remove it, or give it a longer chain, a higher weight, or examples that only it finds"
    return Remark(Level.ERROR, "rule", rule.id, message, hint, ("examples", "match"))


LINT: Final = Lint(_run)
