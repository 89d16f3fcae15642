"""`parties`: at least so many states or blocs take part ("over 50 nations" counts as fifty).

parties: 2
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome
from services.classify.parties import count_parties, party_hits
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"expected how many states must take part, found {value!r}")

    def judge(passage: Passage, act: tuple[Hit, ...]) -> Outcome:
        count = count_parties(passage, act)
        return Outcome(
            count >= value, support=tuple(party_hits(passage, act)[:8]), lacking=f"{value} states, found {count}"
        )

    return Check(judge)


CONDITION: Final = Condition(
    _compile,
    Example(2, holds="Japan and Australia share cobalt", fails="Two miners share a cobalt deposit in Australia"),
)
