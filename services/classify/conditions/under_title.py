"""`under_title`: the article's title has a word of these lexicons, wherever the sentence stands.

under_title: [$summit]
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome, name_of, step
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    wanted = step(value)

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        ok = not wanted.isdisjoint(passage.title_lexicons)
        return Outcome(ok, lacking=f"a word of {name_of(wanted)} in the title")

    return Check(judge, (), wanted)


CONDITION: Final = Condition(
    _compile,
    Example(["$commodity"], holds="title: Gallium runs short", fails="body: Gallium runs short"),
)
