"""`about`: the sentence names a word of this lexicon, or refers back to what title and lead name ("these metals").

about: $commodity
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome, name_of, step
from services.classify.passage import Passage
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    wanted = step(value)

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        found = tuple(passage.of(*wanted)[:8])
        implied = any(hit.lexicon in wanted for hit in passage.implied)
        return Outcome(bool(found) or implied, support=found, lacking=f"a word of {name_of(wanted)}")

    return Check(judge, (), wanted)


CONDITION: Final = Condition(
    _compile,
    Example("$commodity", holds="Guinea bans bauxite exports", fails="Guinea bans mango exports"),
)
