"""A word stands in two lexicons with opposite meaning, so that one sentence fits two contrary rules.

Opposite are two lexicons that take the same place in otherwise equal chains of rules with contrary directions, and
two entries whose codes are stages with contrary directions. `suspend` on an export and on a ban is not meant: there
the rules name the object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, permutations
from typing import Final

from services.classify.chains import chains_of
from services.classify.condition import Step
from services.classify.lexicon import Lexicon, Lexicons
from services.classify.normalise import fold
from services.classify.remark import Inspected, Level, Lint, Remark
from services.classify.rule import Rule
from shared.events.vocabulary import Direction, Stage

_CONTRARY: Final = (
    frozenset({Direction.TIGHTEN, Direction.EASE}),
    frozenset({Direction.ADVANCE, Direction.RETREAT}),
)
_STAGES: Final = (
    ({Stage.EASED, Stage.SUSPENDED, Stage.LIFTED, Stage.DROPPED}, {Stage.PROPOSAL, Stage.IN_FORCE, Stage.EXTENDED}),
    ({Stage.LEFT}, {Stage.SIGNED, Stage.JOINED, Stage.OPERATIONAL, Stage.EXPANDED}),
)
"""What goes and what comes, on the ladder of restrictions and on that of alliances."""
_SHOWN: Final = 8


def _run(inspected: Inspected) -> Iterator[Remark]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for first, second, word, why in (*_by_rules(inspected), *_by_codes(inspected.ruleset.lexicons)):
        found.setdefault((first, second), {}).setdefault(word, why)
    for (first, second), words in found.items():
        message = (
            f"shares {_listed(list(words))} with `{second}`, which means the opposite ({next(iter(words.values()))})"
        )
        yield Remark(Level.WARNING, "lexicon", first, message, "keep each in one, or name its object in the rules")


def _listed(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(f"“{word}”" for word in words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


_Clash = tuple[str, str, str, str]
"""Two lexicons, the word, and why they are opposite."""


def _by_rules(inspected: Inspected) -> Iterator[_Clash]:
    lexicons = inspected.ruleset.lexicons
    for first, second in combinations(inspected.ruleset.rules, 2):
        if first.kind == second.kind and frozenset({first.meaning.direction, second.meaning.direction}) in _CONTRARY:
            for one, other in _exchanged(inspected, first, second):
                for word in sorted(_words(lexicons[one]) & _words(lexicons[other])):
                    yield min(one, other), max(one, other), word, f"see `{first.id}` and `{second.id}`"


def _exchanged(inspected: Inspected, first: Rule, second: Rule) -> Iterator[tuple[str, str]]:
    """Lexicons that take the same place in two chains whose other places agree."""
    for one in chains_of(inspected.written[first.id]):
        for other in chains_of(inspected.written[second.id]):
            apart = [(a, b) for a, b in zip(one, other, strict=False) if not a & b]
            if len(one) == len(other) and len(apart) == 1:
                yield from _across(*apart[0])


def _across(first: Step, second: Step) -> Iterator[tuple[str, str]]:
    yield from ((a, b) for a in sorted(first) for b in sorted(second))


def _by_codes(lexicons: Lexicons) -> Iterator[_Clash]:
    for first, second in permutations(lexicons, 2):
        for going, coming in _STAGES:
            for word in sorted(_coded(first, going) & _coded(second, coming)):
                yield first.name, second.name, word, "their entries stand for contrary stages"


def _words(lexicon: Lexicon) -> set[str]:
    return {fold(alias.text).text for entry in lexicon.entries for alias in entry.aliases}


def _coded(lexicon: Lexicon, stages: Iterable[Stage]) -> set[str]:
    codes = {stage.value for stage in stages}
    return {fold(alias.text).text for entry in lexicon.entries if entry.code in codes for alias in entry.aliases}


LINT: Final = Lint(_run)
