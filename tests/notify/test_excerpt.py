"""Overlong evidence is cut around its matched words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.notify.excerpt import MAX_SENTENCE, excerpt
from shared.events import Evidence, Term
from tests.notify.builders import make_evidence


def test_a_short_sentence_stays_as_it_is() -> None:
    assert excerpt(make_evidence()) == make_evidence()


def test_a_long_sentence_keeps_the_matched_words_in_view() -> None:
    sentence = "row " * 2000 + "gallium export ban" + " row" * 2000
    cut = excerpt(make_evidence(sentence, bold=("gallium", "export"), start=50))
    assert len(cut.sentence) == MAX_SENTENCE
    for term in cut.terms:
        assert cut.sentence[term.start - cut.start : term.end - cut.start] == term.text


@given(st.text(max_size=2000), st.lists(st.tuples(st.integers(-50, 2500), st.integers(-50, 2500)), max_size=30))
def test_nonsense_offsets_do_no_harm(sentence: str, spans: list[tuple[int, int]]) -> None:
    terms = tuple(Term(text="x", start=start, end=end, role="cue") for start, end in spans)
    evidence = Evidence(sentence=sentence, start=0, end=len(sentence), rule="r", terms=terms)
    cut = excerpt(evidence)
    assert len(cut.sentence) <= MAX_SENTENCE
    assert all(0 <= term.start - cut.start < term.end - cut.start <= len(cut.sentence) for term in cut.terms)
