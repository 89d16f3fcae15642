"""The network of rules decides what the rules would decide one by one, and asks shared conditions once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.classify.condition import Check, Outcome
from services.classify.network import Network
from services.classify.passage import Passage
from services.classify.reading import read
from services.classify.rule import Meaning, Rule
from services.classify.scan import Hit
from shared.events.vocabulary import Direction
from tests.classify.kit import article, shipped
from tests.classify.test_corpus import articles

WORDS = (
    "China Indonesia Japan EU bans lifts suspends signs considers exports of nickel gallium cobalt agreement may not "
    "ministry said until on from licence quota critical minerals partnership , . and the tax"
).split()


def _one_by_one(passage: Passage) -> set[str]:
    return {rule.id for rule in shipped().rules if rule.judge(passage).fired}


def _agrees(title: str, text: str) -> None:
    reading = read(article(title, text), shipped())
    for passage in reading.passages if reading else ():
        assert {fired.rule.id for fired in shipped().network.fired(passage)} == _one_by_one(passage)


def test_the_network_fires_the_rules_that_fire_one_by_one_on_the_whole_corpus() -> None:
    assert len(articles()) > 400
    for known in articles():
        _agrees(known.article.title, known.article.text)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_the_network_fires_the_rules_that_fire_one_by_one_on_any_words(words: list[str]) -> None:
    _agrees("", " ".join(words))


class _Counting:
    """A condition that counts how often it is asked."""

    def __init__(self, *, ok: bool) -> None:
        self.asked, self._ok = 0, ok

    def judge(self, _passage: Passage, _act: tuple[Hit, ...]) -> Outcome:
        self.asked += 1
        return Outcome(self._ok)


def _rule(name: str, *checks: Check, weight: float = 0.6) -> Rule:
    meaning = Meaning(Direction.TIGHTEN)
    return Rule(name, "export_restriction", name, "", "1", weight, {c.name: c for c in checks}, meaning)


def _passage() -> Passage:
    reading = read(article("", "China bans gallium exports."), shipped())
    assert reading is not None
    return reading.passages[0]


def test_a_condition_that_rules_share_is_asked_once() -> None:
    first, second = _Counting(ok=True), _Counting(ok=False)
    shared, own = Check(first.judge, name="shared"), [Check(second.judge, name=f"own {n}") for n in range(3)]
    network = Network([_rule(f"r{n}", shared, check) for n, check in enumerate(own)])
    assert network.fired(_passage()) == []
    assert (first.asked, second.asked) == (1, 3)


def test_a_condition_whose_words_are_absent_is_not_asked() -> None:
    asked = _Counting(ok=True)
    absent = Check(asked.judge, needs=(frozenset({"firm"}),), name="absent")
    assert Network([_rule("r", absent)]).fired(_passage()) == []
    assert asked.asked == 0


def test_of_rules_with_the_same_conditions_the_strongest_fires() -> None:
    same = Check(_Counting(ok=True).judge, name="same")
    network = Network(
        [_rule("weak", same, weight=0.5), _rule("strong", same, weight=0.7), _rule("again", same, weight=0.7)]
    )
    assert [fired.rule.id for fired in network.fired(_passage())] == ["strong"]


def test_rules_fire_in_the_order_of_their_files_whatever_words_they_need() -> None:
    fired = shipped().network.fired(_passage())
    order = [rule.id for rule in shipped().rules]
    assert [order.index(one.rule.id) for one in fired] == sorted(order.index(one.rule.id) for one in fired)
