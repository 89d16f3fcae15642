"""HTML entities in plain text are read as what they stand for, and evidence still slices the article as published."""

from __future__ import annotations

import pytest

from services.classify.normalise import fold
from tests.classify.kit import detect


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("China&#8217;s curbs", "china's curbs"),
        ("rare&nbsp;earths", "rare earths"),
        ("&ldquo;ban&rdquo;", '"ban"'),
        ("S&amp;P", "s&p"),
        ("China&amp;#8217;s", "china's"),
        ("R&D; AT&T", "r&d; at&t"),
        ("a &unknown; b", "a &unknown; b"),
    ],
)
def test_entities_are_read_as_what_they_stand_for(written: str, read: str) -> None:
    assert fold(written).text == read


def test_words_beside_entities_are_quoted_from_the_article() -> None:
    title = "China&#8217;s ministry bans exports of rare&nbsp;earths &amp; gallium to Japan"
    [signal] = detect(title).signals
    assert signal.actors == ("CN",)
    assert set(signal.commodities) == {"rare_earths", "gallium"}
    [evidence] = signal.evidence
    assert all(title[term.start : term.end] == term.text for term in evidence.terms)
    assert "rare&nbsp;earths" in {term.text for term in evidence.terms}
