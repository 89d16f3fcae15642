"""The compiled rule set: lexicons, automata, rules by what they need. Built once, then only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.classify.lexicon import Lexicon, Lexicons
from services.classify.passage import Passage
from services.classify.rule import Rule
from services.classify.scan import Scanner
from services.classify.severity import SeverityPolicy


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
    composed: tuple[Lexicon, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compile the automata and index the rules."""
        derive = object.__setattr__
        derive(self, "scanner", Scanner(self.lexicons))
        derive(self, "anchors", Scanner(lexicon for lexicon in self.lexicons if lexicon.anchor))
        derive(self, "composed", tuple(lexicon for lexicon in self.lexicons if lexicon.compose))
        derive(self, "_index", self._indexed())

    def _indexed(self) -> dict[str, list[Rule]]:
        """Rules by each lexicon of the need that the fewest rules share, so that few rules are tried."""
        index: dict[str, list[Rule]] = {}
        popular: dict[str, int] = {}
        for rule in self.rules:
            for group in rule.needs:
                for name in group:
                    popular[name] = popular.get(name, 0) + 1
        for rule in self.rules:
            trigger = min(rule.needs, key=lambda group: sum(popular[name] for name in group), default=frozenset({""}))
            for name in trigger:
                index.setdefault(name, []).append(rule)
        return index

    def candidates(self, passage: Passage) -> Iterator[Rule]:
        """Rules that may fire on a passage: all their needed lexicons have a word in it."""
        index: dict[str, list[Rule]] = self.__dict__["_index"]
        present = passage.by_lexicon.keys()
        seen: set[str] = set()
        for name in (*present, ""):
            for rule in index.get(name, ()):
                if rule.id not in seen:
                    seen.add(rule.id)
                    if all(not group.isdisjoint(present) for group in rule.needs):
                        yield rule
