"""A rule has no part in any decision on the real articles given: perhaps it is not needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.classify.remark import Inspected, Level, Lint, Remark


def _run(inspected: Inspected) -> Iterator[Remark]:
    for rule in inspected.ruleset.rules if inspected.decisions else ():
        if rule.id not in inspected.used:
            message = f"has no part in any decision on the {len(inspected.decisions):,} articles given"
            yield Remark(Level.WARNING, "rule", rule.id, message, "try more articles, or remove it", ("when",))


LINT: Final = Lint(_run)
