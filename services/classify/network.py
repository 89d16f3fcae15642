"""All rules as one network: what several rules ask is asked once, and rules whose words are absent are never tried.

Rules are laid into a tree by their conditions, in the order in which they are written. A condition that rules share
is one node; when it fails, everything behind it is done with. A node is entered only if each need that is common to
the rules behind it has a word in the sentence. So a sentence costs as much as its words have rules, not as there are
rules (the idea of Rete: Forgy, Artificial Intelligence 19, 1982).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from services.classify.condition import Check, Step
from services.classify.passage import Passage
from services.classify.rule import CONTEXT, Rule
from services.classify.scan import Hit

_FEW: Final = 6
"""So many conditions are looked through one by one; more are found by the words they need."""


class Fired(NamedTuple):
    """A rule whose conditions all hold."""

    order: int
    rule: Rule
    act: tuple[Hit, ...]
    support: tuple[Hit, ...]


class Network:
    """Compiled rules. Immutable; safe to share between threads."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._bits = _Bits()
        paths = [_Path(order, rule, tuple(rule.checks.values())) for order, rule in enumerate(rules)]
        self._root = _Branches(paths, self._bits)

    def fired(self, passage: Passage) -> list[Fired]:
        """The rules that fire on a passage, in order; of those with the same conditions the strongest of a kind."""
        found: list[Fired] = []
        reach = passage.within_reach
        self._root.visit(_Sight(passage, reach, self._bits.of(reach)), (), (), found)
        found.sort(key=_order)
        return found


def _order(fired: Fired) -> int:
    return fired.order


class _Bits:
    """Sets of lexicons as numbers, so that one operation tells whether two have one in common."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}

    def learn(self, names: Iterable[str]) -> int:
        """The number of a set; lexicons not met before get the next bit."""
        number = 0
        for name in names:
            number |= self._bits.setdefault(name, 1 << len(self._bits))
        return number

    def of(self, names: Iterable[str]) -> int:
        """The number of a set, without lexicons that no rule needs."""
        number = 0
        for name in names:
            number |= self._bits.get(name, 0)
        return number


class _Sight(NamedTuple):
    """A passage under judgement, with the lexicons within its reach, by name and as a number."""

    passage: Passage
    reach: frozenset[str]
    words: int


class _Path(NamedTuple):
    """A rule and those of its conditions that are still ahead."""

    order: int
    rule: Rule
    ahead: tuple[Check, ...]


class _Node(NamedTuple):
    """A condition, entered if each of `needs`, and one of `ways`, has a word of each of its sets."""

    check: Check
    needs: tuple[int, ...]
    ways: tuple[tuple[int, ...], ...]
    branches: _Branches


class _Branches:
    """What follows a condition: rules that are complete, and further conditions."""

    def __init__(self, paths: Sequence[_Path], bits: _Bits, met: frozenset[Step] = frozenset()) -> None:
        """`met` are the needs known to be met here."""
        self._complete = list(_strongest(path for path in paths if not path.ahead))
        self._few: list[_Node] = []
        self._by_word: dict[str, list[tuple[int, _Node]]] = {}
        groups: dict[str, list[_Path]] = {}
        for path in paths:
            if path.ahead:
                groups.setdefault(path.ahead[0].name, []).append(path)
        needs = {name: _common_needs(group) - met for name, group in groups.items()}
        nodes = {name: _node(group, bits, needs[name], met) for name, group in groups.items()}
        if len(nodes) <= _FEW:
            self._few = list(nodes.values())
            return
        popular = Counter(word for need in needs.values() for step in need for word in step)
        for number, (name, node) in enumerate(nodes.items()):
            rarest = min(
                needs[name], key=lambda step: (sum(popular[word] for word in step), sorted(step)), default=None
            )
            if rarest is None:
                self._few.append(node)
            for word in rarest or ():
                self._by_word.setdefault(word, []).append((number, node))

    def visit(self, sight: _Sight, act: tuple[Hit, ...], support: tuple[Hit, ...], found: list[Fired]) -> None:
        """Add to `found` the rules behind this place that fire; `act` and `support` are the words so far."""
        for order, rule, _ in self._complete:
            found.append(Fired(order, rule, act or support, support))
        for node in self._entered(sight):
            outcome = node.check.judge(sight.passage, act)
            if outcome.ok:
                more = support + outcome.support if outcome.support else support
                node.branches.visit(sight, outcome.act or act, more, found)

    def _entered(self, sight: _Sight) -> list[_Node]:
        words = sight.words
        entered = [node for node in self._few if _open(node, words)]
        if self._by_word:
            seen: set[int] = set()
            for name in sight.reach:
                for number, node in self._by_word.get(name, ()):
                    if number not in seen:
                        seen.add(number)
                        if _open(node, words):
                            entered.append(node)
        return entered


def _open(node: _Node, words: int) -> bool:
    """Whether the words of a sentence allow a condition to hold. Plain loops: this is asked most often of all."""
    for need in node.needs:
        if not need & words:
            return False
    for way in node.ways:
        for step in way:
            if not step & words:
                break
        else:
            return True
    return not node.ways


def _node(group: Sequence[_Path], bits: _Bits, needs: frozenset[Step], met: frozenset[Step]) -> _Node:
    check = group[0].ahead[0]
    ways = tuple(tuple(map(bits.learn, way)) for way in check.ways) if len(check.ways) > 1 else ()
    ahead = [path._replace(ahead=path.ahead[1:]) for path in group]
    return _Node(check, tuple(map(bits.learn, needs)), ways, _Branches(ahead, bits, met | needs))


def _common_needs(paths: Sequence[_Path]) -> frozenset[Step]:
    """What every one of these rules needs."""
    first, *others = (frozenset(path.rule.needs) for path in paths)
    return first.intersection(*others)


def _strongest(paths: Iterable[_Path]) -> Iterator[_Path]:
    """Of rules with the same conditions, the one of each kind that wins; context rules of each class and effect."""
    best: dict[object, _Path] = {}
    for path in paths:
        rule = path.rule
        key = (rule.meaning.context_class, rule.outweighs) if rule.kind == CONTEXT else rule.kind
        if key not in best or rule.weight > best[key].rule.weight:
            best[key] = path
    yield from best.values()
