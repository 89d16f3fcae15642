"""A rule has no part in the outcome of any of its match examples, nor in that of any real article.

Alone it may fire; together with the others it is silenced, too weak, or taken for background.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.classify.remark import Inspected, Level, Lint, Remark, Trial
from services.classify.rule import Rule


def _run(inspected: Inspected) -> Iterator[Remark]:
    for rule in inspected.ruleset.rules:
        trials = inspected.of(rule)
        if rule.id in inspected.used or not trials or any(trial.took_part for trial in trials):
            continue
        if any(trial.finding is None for trial in trials):
            yield _remark(rule, next(trial for trial in trials if trial.finding is None))


def _remark(rule: Rule, trial: Trial) -> Remark:
    message = f"never fires: “{rule.match[trial.index]}” comes out as {_outcome(trial)}"
    hint = "raise its weight, narrow the rule that silences it, or remove it"
    return Remark(Level.ERROR, "rule", rule.id, message, hint, ("examples", "match", trial.index))


def _outcome(trial: Trial) -> str:
    said = [f"{c.context_class} ({c.reason}; {c.rule})" for c in trial.decision.context]
    said += [i.reason for i in trial.decision.ignored]
    return "; ".join(said) or "nothing"


LINT: Final = Lint(_run)
