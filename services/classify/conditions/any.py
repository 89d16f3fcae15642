"""`any`: at least one of these lexicons has a word in the sentence.

any: [$pact, $initiative]
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome, name_of, step
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    wanted = step(value)

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        found = passage.of(*wanted)
        return Outcome(bool(found), support=tuple(found[:8]), lacking=f"a word of {name_of(wanted)}")

    return Check(judge, (wanted,), wanted)


CONDITION: Final = Condition(
    _compile,
    Example(
        ["$pact", "$initiative"],
        holds="Japan and Zambia sign a cobalt agreement",
        fails="Japan and Zambia dig for cobalt",
    ),
)
