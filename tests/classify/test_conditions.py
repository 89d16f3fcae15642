"""The suite that every condition plugin passes by itself: its own examples, a docstring, clear refusals."""

from __future__ import annotations

import pytest

from services.classify import conditions
from services.classify.condition import Condition
from services.classify.examples import example_article
from services.classify.reading import read
from services.classify.scan import Hit
from shared.plugins import discover
from tests.classify.kit import shipped

PLUGINS: dict[str, Condition] = discover(conditions, attribute="CONDITION")  # type: ignore[assignment]


def holds(name: str, plugin: Condition, sentence: str) -> bool:
    """Whether the condition holds for the sentence, after the other conditions of its example."""
    reading = read(example_article(sentence), shipped())
    if reading is None:
        return False
    passage = reading.passages[-1]
    act: tuple[Hit, ...] = ()
    for other, value in plugin.example.rest.items():
        outcome = PLUGINS[other].compile(value).judge(passage, act)
        assert outcome.ok, f"the example of `{name}` does not even fulfil `{other}`"
        act = outcome.act or act
    return plugin.compile(plugin.example.value).judge(passage, act).ok


@pytest.mark.parametrize("name", sorted(PLUGINS))
def test_holds_for_its_own_example(name: str) -> None:
    assert holds(name, PLUGINS[name], PLUGINS[name].example.holds)


@pytest.mark.parametrize("name", sorted(PLUGINS))
def test_fails_for_its_own_counterexample(name: str) -> None:
    assert not holds(name, PLUGINS[name], PLUGINS[name].example.fails)


@pytest.mark.parametrize("name", sorted(PLUGINS))
@pytest.mark.parametrize("nonsense", [None, {}, 3.5, ["x"]], ids=str)
def test_refuses_nonsense_in_words(name: str, nonsense: object) -> None:
    with pytest.raises(ValueError, match=r"expected|keys|found"):
        PLUGINS[name].compile(nonsense)


def test_pattern_refuses_what_is_not_linear() -> None:
    with pytest.raises(ValueError, match="RE2"):
        PLUGINS["pattern"].compile(r"(a)\1")


def test_chain_does_not_reach_across_a_clause() -> None:
    chain = PLUGINS["chain"].compile(["$remove", "$export_curb"])
    reading = read(example_article("China lifts output of gallium while a ban on exports stays"), shipped())
    assert reading is not None
    assert not chain.judge(reading.passages[0], ()).ok
