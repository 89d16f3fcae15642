"""`none`: no word of these lexicons stands in the sentence.

none: [$import_word, $cue_market]
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome, step
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    unwanted = step(value)

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        found = passage.originally(*unwanted)
        words = ", ".join(f"“{hit.text}”" for hit in found[:3])
        return Outcome(not found, lacking=f"a sentence without {words}" if found else "")

    return Check(judge, (), unwanted)


CONDITION: Final = Condition(
    _compile,
    Example(["$import_word"], holds="Canada limits nickel exports", fails="Canada limits nickel imports"),
)
