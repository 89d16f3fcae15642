"""Finding words is exact: whole words in Latin script, any place in Chinese, the longest where several fit."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.classify.lexicon import Alias, Entry, Lexicon
from services.classify.normalise import fold, searchable
from services.classify.scan import Scanner

WORDS = ("ban", "export ban", "export", "bank of china", "bank", "u.s.", "rare earth", "镓", "出口", "出口管制", "管制")
PIECES = (
    "ban",
    "bank",
    " of ",
    "china",
    "urban",
    "export",
    "镓",
    "出口",
    "管制",
    "中",
    " ",
    " ",
    ".",
    "-",
    "(",
    "u.s.",
    "rare earth",
    "s",
)


def _scanner(*spelled: str) -> Scanner:
    return Scanner([Lexicon("words", "term", tuple(Entry(word, (Alias(word),)) for word in spelled))])


def _found(text: str, *spelled: str) -> list[tuple[str, int, int]]:
    folded = fold(text)
    return [(hit.entry.id, hit.start, hit.end) for hit in _scanner(*spelled).find(searchable(folded.text), folded)]


def _names(text: str, *spelled: str) -> list[str]:
    return [name for name, _, _ in _found(text, *spelled)]


def _naive(text: str) -> list[tuple[int, int]]:
    """Every word looked for by itself, longest first, none over another."""
    blank = "".join(character if character.isalnum() else " " for character in text)
    taken: list[tuple[int, int]] = []
    every = [
        (start, start + len(word.rstrip(".")))
        for word in WORDS
        for start in range(len(text))
        if blank.startswith("".join(c if c.isalnum() else " " for c in word.rstrip(".")), start)
    ]
    for start, end in sorted(every, key=lambda span: (span[0] - span[1], span[0])):
        free = all(end <= other or start >= until for other, until in taken)
        if free and (not text[start].isascii() or _stands_alone(text, start, end)):
            taken.append((start, end))
    return sorted(taken)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit of Latin script touches a word."""
    return not any(side.isascii() and side.isalnum() for side in (text[start - 1 : start], text[end : end + 1]))


def test_a_latin_word_is_found_only_whole() -> None:
    assert _names("urban bank, banned, ban-lifting (ban) ban.", "ban") == ["ban"] * 3
    assert _names("ban2 2ban _ban_", "ban") == ["ban"]


def test_a_chinese_character_between_two_latin_words_parts_them() -> None:
    assert _names("对rare中earth管制", "rare earth") == []
    assert _names("对rare earth管制", "rare earth") == ["rare earth"]


def test_a_chinese_word_is_found_anywhere() -> None:
    assert _names("中国对镓实施出口管制措施", "镓", "出口管制") == ["镓", "出口管制"]
    assert _names("中国 镓 和X镓Y", "镓") == ["镓", "镓"]


def test_the_longest_word_wins_and_a_part_of_it_is_not_told_again() -> None:
    assert _names("an export ban on exports", "export", "export ban", "ban") == ["export ban"]
    assert _names("出口管制", "出口", "管制", "出口管制") == ["出口管制"]


def test_a_longer_word_that_does_not_end_at_its_border_hides_nothing() -> None:
    assert _names("bank of chinatown", "bank", "bank of china") == ["bank"]


def test_a_latin_word_right_before_chinese_is_found() -> None:
    assert _found("gallium实施管制", "gallium") == [("gallium", 0, 7)]


def test_a_latin_word_right_behind_chinese_is_found() -> None:
    assert _found("对gallium实施管制", "gallium") == [("gallium", 1, 8)]
    assert _found("中国对GaN管制", "GaN", "管制") == [("GaN", 3, 6), ("管制", 6, 8)]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_words_found_are_those_of_a_search_for_each_by_itself(text: str) -> None:
    assert [(start, end) for _, start, end in _found(text, *WORDS)] == _naive(text)
