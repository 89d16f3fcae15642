"""`instrument`: whether the sentence names a legal text by number ("Announcement No. 61 of 2025").

instrument: true
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome
from services.classify.instrument import cite
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {value!r}")

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        found = bool(cite(passage.text))
        return Outcome(
            found is value, lacking="the number of a legal text" if value else "a sentence without legal text"
        )

    return Check(judge)


CONDITION: Final = Condition(
    _compile,
    Example(
        True,
        holds="MOFCOM Announcement No. 61 of 2025 covers rare earths",
        fails="The ministry announced rules on rare earths",
    ),
)
