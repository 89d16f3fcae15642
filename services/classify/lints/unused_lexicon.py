"""Nothing refers to a lexicon: no rule, no composition of a lexicon in use, and not the engine.

Anchors are always in use, because a text without any anchor word is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.classify.builtin import ENGINE_LEXICONS
from services.classify.condition import MARK
from services.classify.lexicon import Lexicons
from services.classify.remark import Inspected, Level, Lint, Remark


def _run(inspected: Inspected) -> Iterator[Remark]:
    lexicons = inspected.ruleset.lexicons
    used = _spread({name for when in inspected.written.values() for name in _names(when)} | ENGINE_LEXICONS, lexicons)
    for lexicon in lexicons:
        if lexicon.name not in used and not lexicon.anchor:
            message = "is not used by any rule, composition or the engine"
            yield Remark(Level.WARNING, "lexicon", lexicon.name, message, "use it in a rule, or remove it")


def _names(value: Any) -> Iterator[str]:
    """Every `$name` in the conditions of a rule, however deep."""
    if isinstance(value, str) and value.startswith(MARK):
        yield value.removeprefix(MARK)
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _names(item)


def _spread(used: set[str], lexicons: Lexicons) -> set[str]:
    """With all that the used ones are composed of."""
    waiting = [name for name in used if name in lexicons]
    while waiting:
        for composition in lexicons[waiting.pop()].compose:
            new = (composition.first | composition.second) - used
            used |= new
            waiting.extend(new)
    return used


LINT: Final = Lint(_run)
