"""`all`: each of these lexicons has a word in the sentence, wherever it stands.

all: [$commodity, [$state, $ministry]]
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome, name_of, steps
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    wanted = steps(value)

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        support: list[Hit] = []
        for step in wanted:
            found = passage.of(*step)
            if not found:
                return Outcome(False, lacking=f"a word of {name_of(step)}")
            support.extend(found[:8])
        return Outcome(True, support=tuple(support))

    return Check(judge, wanted, frozenset(name for step in wanted for name in step))


CONDITION: Final = Condition(
    _compile,
    Example(["$commodity"], holds="China keeps its gallium at home", fails="China keeps its promises"),
)
