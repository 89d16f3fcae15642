"""`hedged`: whether the act is only possible, planned or reported ("may ban", "is considering a ban").

hedged: true
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome
from services.classify.modality import hedge_of
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {value!r}")

    def judge(passage: Passage, act: tuple[Hit, ...]) -> Outcome:
        hedge = hedge_of(passage, act)
        found = f" (“{hedge.text}”)" if hedge else ""
        support = (hedge,) if hedge else ()
        return Outcome(bool(hedge) is value, support=support, lacking=f"the act {'' if value else 'not '}hedged{found}")

    return Check(judge)


CONDITION: Final = Condition(
    _compile,
    Example(
        True,
        holds="Zambia may ban copper ore exports",
        fails="Zambia bans copper ore exports",
        rest={"chain": ["$export_curb"]},
    ),
)
