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
    names, missed = tuple(sorted(wanted)), Outcome(False, lacking=f"a word of {name_of(wanted)}")

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        found = tuple(passage.of(*names)[:8])
        implied = not found and any(hit.lexicon in wanted for hit in passage.implied)
        return Outcome(True, support=found) if found or implied else missed

    return Check(judge, (wanted,), wanted)


CONDITION: Final = Condition(
    _compile,
    Example("$commodity", holds="Guinea bans bauxite exports", fails="Guinea bans mango exports"),
)
