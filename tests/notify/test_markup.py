"""Slack's markup: nothing gets through that Slack would act on, nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.notify.markup import bold_terms, escape, link, pack
from tests.notify.builders import make_evidence

ZERO = "\u200b"


def test_mentions_and_links_in_texts_are_shown_not_done() -> None:
    assert escape("<!channel> & <https://evil|x>\n") == "&lt;!channel&gt; &amp; &lt;https://evil|x&gt;"


def test_matched_words_are_bold_in_english_and_chinese() -> None:
    english = "".join(bold_terms(make_evidence("Beijing bans gallium exports.", bold=("bans", "gallium"))))
    assert english == f"Beijing {ZERO}*bans*{ZERO} {ZERO}*gallium*{ZERO} exports."
    chinese = "".join(bold_terms(make_evidence("中国禁止镓出口。", bold=("禁止",))))
    assert chinese == f"中国{ZERO}*禁止*{ZERO}镓出口。"


def test_stars_and_brackets_in_the_sentence_are_harmless() -> None:
    told = "".join(bold_terms(make_evidence("a *b* <c> & export", bold=("export",))))
    assert told == f"a ∗b∗ &lt;c&gt; &amp; {ZERO}*export*{ZERO}"


def test_links_with_odd_addresses() -> None:
    assert (
        link("https://a.example/?x=1&y=<2>|3", "A | <b>") == "<https://a.example/?x=1&amp;y=%3C2%3E%7C3|A ¦ &lt;b&gt;>"
    )
    assert link(None, "title") == "title"
    assert link("javascript:alert(1)", "title") == "title"
    assert link("https://a.example/" + "x" * 3000, "title") == "title"


@given(st.lists(st.text(max_size=30), max_size=200), st.integers(30, 100))
def test_packing_loses_nothing_but_blank_texts(atoms: list[str], limit: int) -> None:
    packed = pack(atoms, limit)
    assert all(len(text) <= limit for text in packed)
    assert "".join("".join(packed).split()) == "".join("".join(atoms).split())
