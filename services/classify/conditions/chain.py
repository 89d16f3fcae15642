"""`chain`: words of these lexicons follow each other in one clause. They are the act itself.

chain: [$remove, $export_curb]                       # in this order, at most 6 tokens apart
chain: {of: [$sign, $pact], gap: 10, order: any}
chain: [{of: [$remove, $export_curb]}, {of: [$export_curb, $removed]}]     # whichever fits
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from services.classify.condition import Check, Condition, Example, Outcome, Step, name_of, steps
from services.classify.passage import MAX_WORDS, Passage
from services.classify.scan import Hit

_GAP: Final = 6


@with_config(ConfigDict(extra="forbid"))
class _Written(TypedDict):
    of: list[Any]
    gap: NotRequired[int]
    order: NotRequired[Literal["given", "any"]]
    across: NotRequired[bool]


_ADAPTER: Final = TypeAdapter(_Written)


@dataclass(frozen=True, slots=True)
class Chain:
    """One way the words may follow each other."""

    steps: tuple[tuple[str, ...], ...]
    """Lexicons of which one must have a word, step by step."""
    gap: int = _GAP
    ordered: bool = True
    across: bool = False
    """Whether clause boundaries may stand between the words."""

    def find(self, passage: Passage) -> tuple[Hit, ...]:
        """The tightest sequence of words, or nothing."""
        for step in self.steps:
            if not passage.has(*step):
                return ()
        words = [passage.of(*step)[:MAX_WORDS] for step in self.steps]
        complete = [chain for first in words[0] if (chain := self._from(passage, first, words))]
        return min(complete, key=_width) if len(complete) > 1 else complete[0] if complete else ()

    def _from(self, passage: Passage, first: Hit, words: list[list[Hit]]) -> tuple[Hit, ...]:
        chain = [first]
        for candidates in words[1:]:
            following = self._nearest(passage, chain[-1], candidates)
            if following is None:
                return ()
            chain.append(following)
        return tuple(chain)

    def _nearest(self, passage: Passage, last: Hit, candidates: list[Hit]) -> Hit | None:
        """The candidate that starts nearest to the last word, of those that may follow it."""
        best, least = None, 0
        for hit in candidates:
            distance = abs(hit.start - last.start)
            if (best is None or distance < least) and self._follows(passage, last, hit):
                best, least = hit, distance
        return best

    def _follows(self, passage: Passage, hit: Hit, following: Hit) -> bool:
        first, second = (hit, following) if hit.start <= following.start else (following, hit)
        if second.start < first.end or (self.ordered and first is not hit):
            return False
        return (self.across or passage.same_clause(first, second)) and passage.within(self.gap, first, second)


def _width(chain: tuple[Hit, ...]) -> int:
    return max(hit.end for hit in chain) - min(hit.start for hit in chain)


def _compile(value: Any) -> Check:
    chains = _alternatives(value)
    shortest = min(len(chain.steps) for chain in chains)
    needs = tuple(frozenset(name for chain in chains for name in chain.steps[place]) for place in range(shortest))
    missed = Outcome(False, lacking="its words close together in one clause")

    def judge(passage: Passage, act: tuple[Hit, ...]) -> Outcome:
        for chain in chains:
            found = chain.find(passage)
            if found:
                return Outcome(True, act=tuple(sorted((*act, *found), key=_start)))
        return missed

    ways = tuple(tuple(map(frozenset, chain.steps)) for chain in chains)
    lexicons = frozenset().union(*(step for way in ways for step in way))
    return Check(judge, needs, lexicons, ways, partial(_lacking, chains))


def _lacking(chains: Sequence[Chain], passage: Passage) -> str:
    """What the chain that comes nearest lacks: words, or that they stand close together."""
    nearest = min(chains, key=lambda chain: sum(not passage.has(*step) for step in chain.steps))
    absent = [name_of(step) for step in nearest.steps if not passage.has(*step)]
    if absent:
        return f"a word of {' and one of '.join(absent)}"
    return f"the words {', '.join(map(name_of, nearest.steps))} close together in one clause"


def _start(hit: Hit) -> int:
    return hit.start


def _alternatives(value: Any) -> tuple[Chain, ...]:
    if isinstance(value, dict):
        return (_read(value),)
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return tuple(_read(item) for item in value)
    return (Chain(_sorted(steps(value))),)


def _sorted(found: tuple[Step, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted(step)) for step in found)


def _read(value: dict[str, Any]) -> Chain:
    try:
        written = _ADAPTER.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(
            f"{'.'.join(map(str, first['loc']))}: {first['msg']} (keys: of, gap, order, across)"
        ) from error
    return Chain(
        _sorted(steps(written["of"])),
        written.get("gap", _GAP),
        written.get("order", "given") == "given",
        written.get("across", False),
    )


CONDITION: Final = Condition(
    _compile,
    Example(
        ["$remove", "$export_curb"],
        holds="Indonesia lifts its ban on nickel ore exports",
        fails="Indonesia lifts nickel ore exports",
    ),
)
