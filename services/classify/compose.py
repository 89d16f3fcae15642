"""Composed words: two words that stand close together and make a third, such as export + ban."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.classify.lexicon import Composition, Lexicon
from services.classify.passage import MAX_WORDS, Passage
from services.classify.scan import Hit


class Composer:
    """Builds composed words. Compiled once from the lexicons that have any."""

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self._by_first: dict[str, list[_Recipe]] = {}
        compositions = ((lexicon, composition) for lexicon in lexicons for composition in lexicon.compose)
        for order, (lexicon, composition) in enumerate(compositions):
            recipe = _Recipe(order, lexicon.name, composition, tuple(composition.first), tuple(composition.second))
            for name in composition.first:
                self._by_first.setdefault(name, []).append(recipe)

    def compose(self, passage: Passage) -> None:
        """Build the composed words of a passage, closest pairs first; a word is part of one composition only.

        Composed words take part in further compositions: suspension + (export + ban).
        """
        for _ in range(MAX_WORDS):
            pair = min(self._pairs(passage), key=_what_decides, default=None)
            if pair is None:
                return
            _join(passage, pair)

    def _pairs(self, passage: Passage) -> Iterator[_Pair]:
        tried: set[int] = set()
        for name in passage.by_lexicon:
            for recipe in self._by_first.get(name, ()):
                if recipe.order not in tried and passage.has(*recipe.second):
                    tried.add(recipe.order)
                    yield from _pairs_of(passage, recipe)


class _Recipe(NamedTuple):
    """A composition with its place among all, and the lexicon its words get."""

    order: int
    lexicon: str
    composition: Composition
    first: tuple[str, ...]
    second: tuple[str, ...]


class _Pair(NamedTuple):
    """Two words that may be joined."""

    gap: int
    late: int
    """Later pairs first: "ends export tax" is end + export tax."""
    recipe: _Recipe
    first: Hit
    second: Hit


def _what_decides(pair: _Pair) -> tuple[int, int, int]:
    return pair.gap, pair.late, pair.recipe.order


def _pairs_of(passage: Passage, recipe: _Recipe) -> Iterator[_Pair]:
    followers = passage.of(*recipe.second)[: 2 * MAX_WORDS]
    for first in passage.of(*recipe.first)[:MAX_WORDS]:
        second = next((hit for hit in followers if hit.start >= first.end), None)
        if second is None:
            continue
        gap = passage.tokens_between(first, second)
        if gap <= recipe.composition.gap and passage.same_clause(first, second):
            yield _Pair(gap, -first.start, recipe, first, second)


def _join(passage: Passage, pair: _Pair) -> None:
    _, _, recipe, first, second = pair
    passage.drop((first, second))
    entry = second.entry if second.entry.code or not first.entry.code else first.entry
    text = passage.folded.text[first.start : second.end]
    passage.add(Hit(first.start, second.end, recipe.lexicon, entry, text, parts=(first, second)))
