"""A rule lacks examples: they are its tests, and every language it is meant for needs its own.

Error without examples to match or to ignore; warning without one in English or in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.classify.remark import Inspected, Level, Lint, Remark
from services.classify.rule import Rule

_HAN: Final = "\u2e80"


def _run(inspected: Inspected) -> Iterator[Remark]:
    for rule in (*inspected.ruleset.rules, *inspected.ruleset.resting):
        for group, examples in (("match", rule.match), ("ignore", rule.ignore)):
            yield from _group(rule, group, examples)


def _group(rule: Rule, group: str, examples: tuple[str, ...]) -> Iterator[Remark]:
    if not examples:
        hint = f"add sentences under examples.{group}"
        yield Remark(Level.ERROR, "rule", rule.id, f"has no examples to {group}", hint, ("examples",))
        return
    wide = {any(character >= _HAN for character in example) for example in examples}
    for language, present in (("English", False in wide), ("Chinese", True in wide)):
        if not present:
            message = f"has no {language} example to {group}"
            hint = f"add one: nothing says that the rule works in {language}"
            yield Remark(Level.WARNING, "rule", rule.id, message, hint, ("examples", group))


LINT: Final = Lint(_run)
