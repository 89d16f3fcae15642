"""Ordinary news, full of the lexicon's own words in other senses, raises no alarm."""

from __future__ import annotations

from tests.classify.kit import detector
from tests.classify.ordinary import ordinary_articles

ARTICLES = 5_000
SEED = 20261101
ONE_IN = 5_000
"""Fewer false alarms than one in so many articles."""


def test_fewer_than_one_in_five_thousand_ordinary_articles_raises_an_alarm() -> None:
    judge = detector()
    alarms = [
        f"{signal.rules[0][0]}: {signal.evidence[0].sentence}"
        for item in ordinary_articles(ARTICLES, SEED)
        for signal in judge.detect(item).signals
    ]
    assert len(alarms) * ONE_IN < ARTICLES, alarms[:20]


def test_the_same_seed_makes_the_same_distinct_articles() -> None:
    first = [(item.title, item.text) for item in ordinary_articles(500, SEED)]
    assert first == [(item.title, item.text) for item in ordinary_articles(500, SEED)]
    assert len(set(first)) == 500
