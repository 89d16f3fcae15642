"""What must hold for every text, however odd."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.classify.normalise import fold, searchable
from services.classify.reading import read
from services.classify.sentences import MAX_SENTENCE, split
from tests.classify.kit import article, detector, shipped

PIECES = (
    "China bans suspends exports of gallium and rare-earth \u00ad until 1 August 2025 . The U.S. 商务部 对 镓 出口管制 "
    "稀土 公告2025年第61号 。 Ｅｘｐｏｒｔ ban ﬁnally “may” lift Japan sign agreement critical minerals \n 對美 İ é 対 "
    "China&#8217;s S&amp;P &nbsp; &amp;nbsp; &amp; amp; # 38; &#x2019; & &lt; &quot;ban&quot; &amp;#38;amp;quot;"
)
WORDS = st.sampled_from(PIECES.split(" "))
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(WORDS, max_size=60).map(" ".join), st.lists(WORDS, max_size=60).map("".join)
)


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@given(TEXTS)
def test_folded_offsets_lead_back_into_the_original(text: str) -> None:
    folded = fold(text)
    origins = [folded.origin(index) for index in range(len(folded.text) + 1)]
    assert origins == sorted(origins)
    assert all(0 <= origin <= len(text) for origin in origins)
    assert len(searchable(folded.text)) == len(folded.text) + 2


@given(TEXTS)
def test_sentences_stand_in_order_and_lose_only_white_space(text: str) -> None:
    folded = fold(text).text
    spans = list(split(fold(text)))
    assert all(0 < span.end - span.start <= MAX_SENTENCE for span in spans)
    assert all(first.end <= second.start for first, second in pairwise(spans))
    kept = "".join(folded[span.start : span.end] for span in spans)
    assert "".join(kept.split()) == "".join(folded.split())


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_evidence_always_slices_the_article_as_published(title: str, text: str) -> None:
    published = article(title, text)
    for finding in detector().detect(published).signals:
        for evidence in finding.evidence:
            whole = title if evidence.field == "title" else text
            assert whole[evidence.start : evidence.end] == evidence.sentence
            for term in evidence.terms:
                assert whole[term.start : term.end] == term.text
                assert evidence.start <= term.start <= term.end <= evidence.end


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_the_same_article_gives_the_same_decision(title: str, text: str) -> None:
    assert detector().detect(article(title, text)) == detector().detect(article(title, text))


@settings(deadline=None)
@given(TEXTS)
def test_words_found_stand_where_they_are_said_to(text: str) -> None:
    reading = read(article(text=text), shipped())
    for passage in reading.passages if reading else ():
        for hit in passage.hits:
            assert passage.folded.text[hit.start : hit.end] == hit.text
