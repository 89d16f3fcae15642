"""The words that the shipped lexicons look for, and as many invented ones as a bench wants beside them."""

from __future__ import annotations

from itertools import product
from typing import Final

from services.classify.lexicon import Alias, Entry, Lexicon
from services.classify.normalise import fold, searchable
from tests.classify.kit import shipped

_FIRST: Final = "zel tarn quib morv plax drun skel vort hamb grin lorn pask".split()
_MIDDLE: Final = "a e i o u ar en il om un".split()
_LAST: Final = "dite phan rick sten tovo mium late rand weld zine".split()
_HAN: Final = "\u2e80"


def pattern(spelling: str) -> str:
    """A spelling as the automaton looks for it: folded, with a word border in front of Latin script."""
    found = searchable(fold(spelling).text).rstrip(" ")
    return found.lstrip(" ") if found.strip() >= _HAN else found


def spellings() -> list[str]:
    """The shipped patterns."""
    return list(
        dict.fromkeys(
            pattern(alias.text)
            for lexicon in shipped().lexicons
            for entry in lexicon.entries
            for alias in entry.aliases
        )
    )


def words(count: int) -> list[str]:
    """Invented words of one or two parts that no text contains; at most 1,200 different ones."""
    made = ["".join(parts) for parts in product(_FIRST, _MIDDLE, _LAST)][:count]
    return [f"{word} {made[-number]}" if number % 3 == 0 else word for number, word in enumerate(made, 1)]


def invented(count: int) -> list[str]:
    """The patterns of as many invented words."""
    return [pattern(word) for word in words(count)]


def lexicon(name: str, *spelled: str) -> Lexicon:
    """A lexicon with one entry for each spelling."""
    return Lexicon(name, "term", tuple(Entry(word, (Alias(word),)) for word in spelled))
