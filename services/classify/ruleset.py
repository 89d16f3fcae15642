"""The compiled rule set: lexicons, automata, rules by what they need. Built once, then only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.classify.compose import Composer
from services.classify.lexicon import Lexicons
from services.classify.network import Network
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
    composer: Composer = field(init=False, repr=False)
    network: Network = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compile the automata and index the rules."""
        derive = object.__setattr__
        derive(self, "scanner", Scanner(self.lexicons, compact=True))
        derive(self, "anchors", Scanner(lexicon for lexicon in self.lexicons if lexicon.anchor))
        derive(self, "composer", Composer(self.lexicons))
        derive(self, "network", Network(self.rules))

    def candidates(self, passage: Passage) -> Iterator[Rule]:
        """Rules that may fire on a passage: all their needed lexicons have a word in it. For explanations."""
        reach = passage.within_reach
        return (rule for rule in self.rules if not any(need.isdisjoint(reach) for need in rule.needs))
