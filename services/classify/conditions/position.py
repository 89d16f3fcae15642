"""`position`: the sentence is the title, in the lead (the first sentences), or in the body.

position: [title, lead]
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome
from services.classify.passage import Passage, Position
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    names = value if isinstance(value, list) else [value]
    known = [position.value for position in Position]
    if not names or any(name not in known for name in names):
        raise ValueError(f"expected one or more of {', '.join(known)}, found {value!r}")
    wanted = frozenset(Position(name) for name in names)

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        return Outcome(passage.position in wanted, lacking=f"standing in the {' or '.join(sorted(wanted))}")

    return Check(judge)


CONDITION: Final = Condition(
    _compile,
    Example(["title"], holds="title: Gabon bans manganese exports", fails="body: Gabon bans manganese exports"),
)
