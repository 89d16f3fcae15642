"""The table of codes does what `str.translate` does, and tells where each character comes from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.classify.codetable import CodeTable

BECOME = {"a": "b", "é": "e", "ﬁ": "fi", "\u200b": "", "😀": ":)", "ﷺ": "x" * 18, "字": "𠀀"}
TEXTS = st.one_of(st.text(alphabet="".join(BECOME) + "xyz 漢"), st.text())


def _table() -> CodeTable:
    return CodeTable(lambda character: BECOME.get(character, character))


@given(TEXTS)
def test_a_text_becomes_what_translate_makes_of_it(text: str) -> None:
    whole = text.translate({ord(character): became for character, became in BECOME.items()})
    mapped, origins = _table().apply(text)
    assert mapped == whole[: len(mapped)]
    assert len(mapped) == len(whole) or origins is not None


@given(TEXTS)
def test_each_character_comes_from_the_place_that_made_it(text: str) -> None:
    mapped, origins = _table().apply(text)
    if origins is None:
        assert len(mapped) == len(text)
        return
    assert len(origins) == len(mapped) + 1
    for place, character in enumerate(mapped):
        source = text[int(origins[place])]
        assert character in BECOME.get(source, source)


def test_what_was_learnt_once_stays_the_same() -> None:
    table = _table()
    assert [table.apply("aﬁ字")[0] for _ in range(2)] == ["bfi𠀀", "bfi𠀀"]


def test_a_text_that_would_grow_too_long_is_cut_and_says_where() -> None:
    mapped, origins = _table().apply("ﷺ" * 100)
    assert len(mapped) == 11 * 18
    assert origins is not None
    assert int(origins[-1]) == 11


def test_a_lone_surrogate_passes_through() -> None:
    assert _table().apply("a\ud800")[0] == "b\ud800"
