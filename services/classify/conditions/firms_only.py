"""`firms_only`: whether firms agree among themselves, and states are named only as places or as where a firm is from.

firms_only: true
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome
from services.classify.parties import only_firms
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {value!r}")

    def judge(passage: Passage, act: tuple[Hit, ...]) -> Outcome:
        lacking = "only firms that take part" if value else "somebody else than firms who takes part"
        return Outcome(only_firms(passage, act) is value, lacking=lacking)

    return Check(judge)


CONDITION: Final = Condition(
    _compile,
    Example(
        True,
        holds="A Finnish refiner and a Canadian miner formed an alliance on cobalt",
        fails="Finland and a Canadian miner formed an alliance on cobalt",
        rest={"chain": ["$ally", "$pact"]},
    ),
)
