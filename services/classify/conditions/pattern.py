r"""`pattern`: a regular expression (RE2, so its time is linear) finds something in the folded sentence.

pattern: 'no\. ?\d+ of 20\d\d'
"""

from __future__ import annotations

from typing import Any, Final

import re2

from services.classify.condition import Check, Condition, Example, Outcome
from services.classify.lexicon import Entry
from services.classify.passage import Passage
from services.classify.scan import Hit

_ENTRY: Final = Entry("pattern", ())


def _compile(value: Any) -> Check:
    if not isinstance(value, str) or not value:
        raise ValueError(f"expected a regular expression, found {value!r}")
    options = re2.Options()
    options.log_errors = False
    try:
        expression = re2.compile(value, options)
    except re2.error as error:
        raise ValueError(f"not a regular expression that RE2 takes: {error}") from error

    def judge(passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        match = expression.search(passage.text)
        if match is None:
            return Outcome(False, lacking=f"a match of /{value}/")
        start, end = passage.start + match.start(), passage.start + match.end()
        return Outcome(True, support=(Hit(start, end, "pattern", _ENTRY, match.group()),))

    return Check(judge)


CONDITION: Final = Condition(
    _compile,
    Example(
        r"no\. ?\d+ of 20\d\d", holds="Notice No. 61 of 2025 on gallium", fails="Notice number sixty-one on gallium"
    ),
)
