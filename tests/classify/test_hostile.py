"""Text that means harm: the decision stays a decision, its offsets stay inside, and what is cut is said."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classify.decision import Decision
from services.classify.detect import TEXT_CUT
from shared.events import Article
from tests.classify.kit import article, detector

ODD = (
    "\u0301 \u0323\u0308 \u202e \u2066 \u200b \u200d \ufeff \u00ad \ufdfa \ufb03 \u2126 \u1e9e \u0130 \u0149 Ｂａｎ "
    "ＣＨＩＮＡ ｅｘｐｏｒｔｓ "
    "\ufffe \uffff \ue000 \U0010ffff \U0001d41b \U0001f1e8\U0001f1f3 \u0627\u0644 \u05d0 "
    "镓 锗 出口管制 商务部 禁止 \u3000 "
    '" “ ” ‘ ’ 「 」 ( ） . 。 ... !? \n \n\n \t \r\x0b\x1c \x00 \x7f not never U.S. no. 1. 2026年第61号 May 30% '
    "gallium China bans exports suspends the ban on of Japan signs agreement"
).split(" ")
PIECES = st.one_of(st.sampled_from([*ODD, " ", "\n"]), st.characters(exclude_categories=["Cs"]))
REPEATED = st.tuples(st.lists(PIECES, min_size=1, max_size=8).map("".join), st.integers(1, 120)).map(
    lambda pair: pair[0] * pair[1]
)
TEXTS = st.lists(st.one_of(REPEATED, st.lists(PIECES, max_size=40).map("".join)), max_size=4).map(" ".join)


def _spans(decision: Decision) -> Iterator[tuple[str, int, int, str | None]]:
    """Field, start, end and quoted words of everything a decision points at."""
    for finding in decision.signals:
        for evidence in finding.evidence:
            yield evidence.field, evidence.start, evidence.end, evidence.sentence
            for term in evidence.terms:
                yield evidence.field, term.start, term.end, term.text
    for context in decision.context:
        yield context.field, context.start, context.end, context.sentence


def _assert_inside(published: Article, decision: Decision) -> None:
    for field, start, end, words in _spans(decision):
        whole = published.title if field == "title" else published.text
        assert 0 <= start <= end <= len(whole)
        assert whole[start:end] == words


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_any_text_gives_a_decision_that_points_into_it(title: str, text: str) -> None:
    published = article(title, text)
    _assert_inside(published, detector().detect(published))


@settings(deadline=None)
@given(st.lists(PIECES, min_size=20, max_size=40))
def test_an_act_among_odd_characters_keeps_its_place(pieces: list[str]) -> None:
    text = f"China banned exports of gallium on Thursday. {''.join(pieces)}\nIndonesia suspends its nickel export ban."
    published = article("", text, lang="en")
    _assert_inside(published, detector().detect(published))


@pytest.mark.parametrize("character", ["a", "中", "\u0301", "\ufdfa", "\u200b", "\U0001d41b", "\ue000", ".", "\n", '"'])
def test_a_text_that_is_cut_says_so_with_the_size(character: str) -> None:
    text = "China banned exports of gallium. " + character * 400_000
    published = article("Gallium", text, lang="en")
    decision = detector().detect(published)
    _assert_inside(published, decision)
    cut = [ignored.detail for ignored in decision.ignored if ignored.reason == TEXT_CUT]
    assert cut
    assert all(re.search(r"\d", detail) for detail in cut)


def test_what_stands_before_the_cut_is_still_read() -> None:
    decision = detector().detect(article("Gallium", "China banned exports of gallium. " + "中" * 400_000, lang="en"))
    assert [finding.kind for finding in decision.signals] == ["export_restriction"]


def test_a_text_of_ordinary_length_is_not_cut() -> None:
    decision = detector().detect(article("Gallium", "China banned exports of gallium. " * 20, lang="en"))
    assert TEXT_CUT not in {ignored.reason for ignored in decision.ignored}
