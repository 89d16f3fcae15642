"""The compiled rule set: lexicons, automata, rules by what they need. Built once, then only read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.classify.compose import Composer
from services.classify.lexicon import Lexicons
from services.classify.passage import Passage
from services.classify.rule import Rule
from services.classify.scan import Scanner
from services.classify.severity import SeverityPolicy


_ALWAYS: Final = ("",)
"""Where rules stand that need no lexicon."""


class _Trigger(NamedTuple):
    """A rule under one lexicon of its rarest need, with its other needs."""

    order: int
    rule: Rule
    others: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class RuleSet:
    """Rules and lexicons as loaded, with what the engine derives from them.

    `digest` is the SHA-256 of the canonical content: the same files give the same digest everywhere.
    """

    rules: tuple[Rule, ...]
    lexicons: Lexicons
    severity: SeverityPolicy
    digest: str
    resting: tuple[Rule, ...] = ()
    """Rules that are switched off: their examples are tested, articles never meet them."""
    scanner: Scanner = field(init=False, repr=False)
    anchors: Scanner = field(init=False, repr=False)
    composer: Composer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compile the automata and index the rules."""
        derive = object.__setattr__
        derive(self, "scanner", Scanner(self.lexicons))
        derive(self, "anchors", Scanner(lexicon for lexicon in self.lexicons if lexicon.anchor))
        derive(self, "composer", Composer(self.lexicons))
        derive(self, "_index", self._indexed())

    def _indexed(self) -> dict[str, list[_Trigger]]:
        """Rules by each lexicon of the need that the fewest rules share, so that few rules are tried."""
        index: dict[str, list[_Trigger]] = {}
        popular = Counter(name for rule in self.rules for group in rule.needs for name in group)
        for order, rule in enumerate(self.rules):
            needs = sorted(rule.needs, key=lambda group: sum(popular[name] for name in group))
            for name in needs[0] if needs else _ALWAYS:
                index.setdefault(name, []).append(_Trigger(order, rule, tuple(needs[1:])))
        return index

    def candidates(self, passage: Passage) -> Iterator[Rule]:
        """Rules that may fire on a passage: all their needed lexicons have a word in it."""
        index: dict[str, list[_Trigger]] = self.__dict__["_index"]
        present = set(passage.by_lexicon)
        seen: set[int] = set()
        for name in (*passage.by_lexicon, *_ALWAYS):
            for order, rule, others in index.get(name, ()):
                if order not in seen:
                    seen.add(order)
                    if not any(group.isdisjoint(present) for group in others):
                        yield rule
