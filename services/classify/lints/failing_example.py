"""A rule does not do on its own examples what its author says it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.classify.examples import failures
from services.classify.remark import Inspected, Level, Lint, Remark


def _run(inspected: Inspected) -> Iterator[Remark]:
    for failure in failures(inspected.ruleset):
        place = ("examples", failure.group, failure.index)
        yield Remark(Level.ERROR, "rule", failure.rule, failure.message, failure.hint, place)


LINT: Final = Lint(_run)
