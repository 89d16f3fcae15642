"""`negated`: whether a negation governs the act ("has no plans to ban", "will not restrict").

negated: false
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome
from services.classify.modality import negation_of
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {value!r}")

    def judge(passage: Passage, act: tuple[Hit, ...]) -> Outcome:
        negation = negation_of(passage, act)
        found = f" (“{negation.text}”)" if negation else ""
        support = (negation,) if negation else ()
        return Outcome(
            bool(negation) is value, support=support, lacking=f"the act {'' if value else 'not '}negated{found}"
        )

    return Check(judge)


CONDITION: Final = Condition(
    _compile,
    Example(
        True,
        holds="Chile has no plans to ban lithium exports",
        fails="Chile plans to ban lithium exports",
        rest={"chain": ["$export_curb"]},
    ),
)
